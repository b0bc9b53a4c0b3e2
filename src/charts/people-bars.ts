import { scaleLinear } from 'd3-scale';
import { stack } from 'd3-shape';
import type { KindCounts, PersonCounts } from './decisions-picture.ts';
import { CARD, GRID, KIND_COLORS, KINDS, type Kind } from './palette.ts';
import { CONTENT_TOP, card, INNER_WIDTH, NORMAL, PADDING, type Panel, SMALL } from './panel.ts';
import { element } from './svg.ts';
import type { Typesetter } from './typesetter.ts';

/** People with a row of their own; the rest share one. */
const MOST_ROWS = 8;
const ROW = 47;
const BAR = 28;
const NAME_WIDTH = 300;
const COUNT_WIDTH = 200;
const LEFT = PADDING + NAME_WIDTH + 24;
const RIGHT = PADDING + INNER_WIDTH - COUNT_WIDTH;

/** Each person's share of the decisions, the largest first, in the colours of the kinds. */
export function peopleBars(people: readonly PersonCounts[], typesetter: Typesetter): Panel {
  const sorted = people.filter((person) => sumOf(person) > 0).sort((a, b) => sumOf(b) - sumOf(a));
  const rows = withOthers(sorted);
  const total = rows.reduce((sum, row) => sum + sumOf(row), 0);
  const x = scaleLinear([0, Math.max(1, ...rows.map(sumOf))], [LEFT, RIGHT]);
  const series = stack<PersonCounts, Kind>().keys([...KINDS])(rows);

  return card(typesetter, {
    heading: 'Share per person',
    remark: sorted.length === 1 ? '' : `${sorted.length} people`,
    height: CONTENT_TOP + rows.length * ROW + 22,
    content: rows.flatMap((row, index) => {
      const top = CONTENT_TOP + index * ROW;
      const middle = top + ROW / 2 + 10;
      const y = top + (ROW - BAR) / 2;
      const count = sumOf(row);
      return [
        typesetter.line({ ...NORMAL, text: row.name, x: PADDING, y: middle, maxWidth: NAME_WIDTH }),
        element('rect', { x: LEFT, y, width: RIGHT - LEFT, height: BAR, rx: 6, fill: GRID, opacity: 0.6 }),
        ...series.flatMap((layer) => {
          const [from = 0, to = 0] = layer[index] ?? [];
          if (to === from) return [];
          const width = x(to) - x(from);
          const parting = from > 0 ? element('rect', { x: x(from), y, width: 2, height: BAR, fill: CARD }) : '';
          return [element('rect', { x: x(from), y, width, height: BAR, fill: KIND_COLORS[layer.key] }), parting];
        }),
        typesetter.line({
          ...NORMAL,
          weight: 'bold',
          text: count.toLocaleString('en'),
          x: RIGHT + 104,
          y: middle,
          align: 'end',
        }),
        typesetter.line({ ...SMALL, text: share(count, total), x: PADDING + INNER_WIDTH, y: middle, align: 'end' }),
      ];
    }),
  });
}

function withOthers(sorted: readonly PersonCounts[]): PersonCounts[] {
  if (sorted.length <= MOST_ROWS + 1) return [...sorted];
  const rest = sorted.slice(MOST_ROWS);
  const sum = (kind: Kind) => rest.reduce((total, person) => total + person[kind], 0);
  const others = {
    name: `${rest.length} others`,
    posted: sum('posted'),
    skipped: sum('skipped'),
    rejected: sum('rejected'),
  };
  return [...sorted.slice(0, MOST_ROWS), others];
}

function share(count: number, total: number): string {
  const percent = (100 * count) / total;
  return percent < 0.5 ? '<1 %' : `${Math.round(percent)} %`;
}

function sumOf({ posted, skipped, rejected }: KindCounts): number {
  return posted + skipped + rejected;
}
