// What: draws the README's picture of /team (docs/team-chart.png) from made-up figures, the same ones each time.
// When: after the pictures under figures have changed: `node scripts/chart-picture.ts` with Node 24 (npx node).
// Changes: docs/team-chart.png, and nothing else.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DecisionsPicture } from '../src/charts/decisions-picture.ts';
import drawPicture from '../src/charts/draw-picture.ts';

const LAST_DAY = Date.parse('2026-11-20T12:00:00Z');
const DAY_MS = 86_400_000;
/** Whose decision it is when chance gives a number below `upTo`. */
const PEOPLE = [
  { name: 'Alice', upTo: 0.36 },
  { name: 'Bob', upTo: 0.63 },
  { name: 'Dana', upTo: 0.81 },
  { name: 'Łukasz Wiśniewski', upTo: 0.91 },
  { name: '王小明', upTo: 0.97 },
  { name: 'نور', upTo: 1 },
];

/** Numbers between 0 and 1 that look accidental and are the same in each run (Lehmer's generator). */
function sequence(): () => number {
  let state = 20_261_120;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Most is decided on weekdays in the early afternoon and the evening, when the cards come. */
function hourOf(a: number, b: number): number {
  return a < 0.55 ? 14 + Math.floor(b * 4) : a < 0.85 ? 19 + Math.floor(b * 4) : 9 + Math.floor(b * 14);
}

/** Thirty days of a team, decision by decision, so that days, hours and people add up. */
function figures(): DecisionsPicture {
  const random = sequence();
  const hours = new Map<string, { weekday: number; hour: number; count: number }>();
  const people = PEOPLE.map(({ name }) => ({ name, posted: 0, skipped: 0, rejected: 0 }));
  const days = Array.from({ length: 31 }, (_, index) => {
    const at = new Date(LAST_DAY - (30 - index) * DAY_MS);
    const weekday = at.getUTCDay() || 7;
    const day = { date: at.toISOString().slice(0, 10), posted: 0, skipped: 0, rejected: 0 };
    const count = Math.round((weekday >= 6 ? 4 : 9) * (0.5 + random()));
    for (let each = 0; each < count; each += 1) {
      const kindAt = random();
      const kind = kindAt < 0.64 ? 'posted' : kindAt < 0.9 ? 'skipped' : 'rejected';
      const hour = hourOf(random(), random());
      const known = hours.get(`${weekday}-${hour}`) ?? { weekday, hour, count: 0 };
      hours.set(`${weekday}-${hour}`, { ...known, count: known.count + 1 });
      const turn = random();
      const person = people[PEOPLE.findIndex(({ upTo }) => turn < upTo)];
      if (person) person[kind] += 1;
      day[kind] += 1;
    }
    return day;
  });
  return { title: 'Storyline team', timeZone: 'Europe/Berlin', days, hours: [...hours.values()], people };
}

const file = join(import.meta.dirname, '../docs/team-chart.png');
writeFileSync(file, await drawPicture(figures()));
console.log(`wrote ${file}`);
