import { expect, test } from 'vitest';
import { type DecisionsPicture, drawDecisionsPicture } from '../../src/charts/decisions-picture.ts';
import { openFonts } from '../../src/charts/fonts.ts';
import { CARD, GROUND, INK, KIND_COLORS, KINDS, MUTED } from '../../src/charts/palette.ts';
import { HOSTILE } from '../support/hostile.ts';

const fonts = openFonts();
const DAY = 86_400_000;

/** Days up to 20 November 2026, each with the same counts. */
function days(count: number, each = { posted: 2, skipped: 1, rejected: 1 }) {
  return Array.from({ length: count }, (_, index) => ({
    date: new Date(Date.parse('2026-11-20T12:00:00Z') - (count - 1 - index) * DAY).toISOString().slice(0, 10),
    ...each,
  }));
}

function picture(changes: Partial<DecisionsPicture> = {}): DecisionsPicture {
  return {
    title: 'Team',
    timeZone: 'America/New_York',
    days: days(31),
    hours: [{ weekday: 3, hour: 14, count: 5 }],
    ...changes,
  };
}

type Shape = Record<string, string>;
function shapes(svg: string, name: string): Shape[] {
  return [...svg.matchAll(new RegExp(`<${name}( [^>]*)>`, 'g'))].map(([, attributes = '']) =>
    Object.fromEntries([...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value])),
  );
}
function words(svg: string): string {
  return [...svg.matchAll(/<text [^>]*>([^<]*)</g)].map(([, text]) => text).join('\n');
}
const draw = (changes: Partial<DecisionsPicture> = {}) => drawDecisionsPicture(picture(changes), fonts);
const bars = (svg: string, color: string) =>
  shapes(svg, 'rect').filter(({ fill, rx }) => fill === color && rx === undefined);

test('the head names whose figures these are, of which days in which zone, and how many', () => {
  expect(words(draw().svg)).toMatch(/^Team\n21 Oct – 20 Nov 2026 · America\/New York\n124\ndecisions\n/);
  const overNewYear = [{ date: '2025-12-31' }, { date: '2026-01-01' }].map((day) => ({
    ...day,
    posted: 0,
    skipped: 0,
    rejected: 0,
  }));
  expect(words(draw({ days: overNewYear }).svg)).toContain('31 Dec 2025 – 1 Jan 2026');
});

test('every day has its bar, stacked in the order of the legend, weekends marked', () => {
  const { svg } = draw({ days: [...days(5, { posted: 0, skipped: 0, rejected: 0 }), ...days(5)].slice(3) });
  const [posted, skipped, rejected] = KINDS.map((kind) => bars(svg, KIND_COLORS[kind]));
  expect([posted, skipped, rejected].map((each) => each?.length)).toEqual([5, 5, 5]);
  const bottoms = [posted, skipped, rejected].map((each) => Number(each?.[0]?.y) + Number(each?.[0]?.height));
  expect(bottoms).toEqual([...bottoms].sort((a, b) => b - a));
  expect(words(svg)).toContain('Posted 10\nSkipped 5\nRejected 5');
  expect(shapes(draw().svg, 'rect').filter(({ fill }) => fill === '#f3f5f8')).toHaveLength(8);
});

test.each([
  [8, 'day', 8],
  [31, 'day', 31],
  [91, 'week', 14],
  [366, 'week', 53],
  [3651, 'month', 121],
])('%i days are bars per %s', (count, unit, expected) => {
  const { svg } = draw({ days: days(count) });
  expect(words(svg)).toContain(`Decisions per ${unit}`);
  const posted = bars(svg, KIND_COLORS.posted);
  expect(posted).toHaveLength(expected);
  for (const bar of posted) expect(Number(bar.width)).toBeGreaterThan(5);
});

test('the heat map has 7 times 24 cells, darker where more was decided, with a legend', () => {
  const { svg } = draw({
    hours: [
      { weekday: 1, hour: 0, count: 1 },
      { weekday: 7, hour: 23, count: 40 },
    ],
  });
  const cells = shapes(svg, 'rect').filter(({ rx, width }) => rx === '5' && Number(width) > 26);
  expect(cells).toHaveLength(7 * 24);
  expect(cells[0]?.fill).toBe('#c9dcf2');
  expect(cells.at(-1)?.fill).toBe('#123d75');
  expect(new Set(cells.slice(1, -1).map(({ fill }) => fill))).toEqual(new Set(['#edf0f4']));
  expect(words(svg)).toContain('most: Sun 23–00 h');
  expect(words(svg)).toContain('0\n1–8\n9–16\n17–24\n25–32\n33–40');
});

test('people are ranked; the ninth and those behind share a row when there are ten', () => {
  const people = Array.from({ length: 10 }, (_, index) => ({
    name: `Person ${index}`,
    posted: index,
    skipped: 0,
    rejected: 1,
  }));
  const { svg } = draw({ people });
  expect(words(svg)).toMatch(/Person 9\n10\n18 %\nPerson 8\n9\n16 %[\s\S]*Person 2\n3\n5 %\n2 others\n3\n5 %$/);
  expect(words(draw({ people: people.slice(0, 9) }).svg)).toContain('Person 0');
});

test('one person’s picture has no shares, an empty time has only empty days and says so', () => {
  expect(words(draw().svg)).not.toContain('Share per person');
  const nothing = draw({ days: days(31, { posted: 0, skipped: 0, rejected: 0 }), hours: [], people: [] });
  expect(words(nothing.svg)).toContain('No decisions in this time');
  expect(words(nothing.svg)).not.toMatch(/By hour|Share per person/);
});

test('letters are readable: nothing below 26 of 1080, and no text beyond the edges', () => {
  const people = HOSTILE.map((name) => ({ name: name.repeat(5), posted: 123_456, skipped: 7, rejected: 1 }));
  const { svg } = draw({ title: HOSTILE.join(' '), people, timeZone: 'America/Argentina/ComodRivadavia' });
  expect(svg).toMatch(/^<svg [^>]*width="1080"/);
  for (const text of shapes(svg, 'text')) {
    expect(Number(text['font-size'])).toBeGreaterThanOrEqual(26);
    expect(Number(text.x)).toBeGreaterThanOrEqual(0);
    expect(Number(text.x)).toBeLessThan(1024);
  }
});

test('equal data give equal bytes, and only the fonts that are needed', () => {
  expect(draw()).toEqual(draw());
  expect(draw().fontFiles).toHaveLength(2);
  expect(draw({ title: '王' }).fontFiles).toHaveLength(3);
});

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
const contrast = (a: string, b: string) => {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
};
const lightness = (color: string) => 116 * Math.cbrt(luminance(color)) - 16;

test('every text has a contrast of 4.5 on its ground, and the kinds differ in lightness', () => {
  for (const text of [INK, MUTED])
    for (const ground of [CARD, GROUND]) expect(contrast(text, ground)).toBeGreaterThan(4.5);
  const [posted = 0, skipped = 0, rejected = 0] = KINDS.map((kind) => lightness(KIND_COLORS[kind]));
  expect(skipped - posted).toBeGreaterThan(15);
  expect(posted - rejected).toBeGreaterThan(15);
});

test('of a picture about one day the others are faint, and neither head nor legend counts them', () => {
  const { svg } = draw({ days: days(8), focus: '2026-11-20', hours: [], people: [] });
  expect(words(svg)).toMatch(/^Team\n20 Nov 2026 · America\/New York\n4\ndecisions\n/);
  expect(words(svg)).toContain('Posted 2\nSkipped 1\nRejected 1');
  expect(words(svg)).not.toContain('By hour and weekday');
  const opacities = bars(svg, KIND_COLORS.posted).map(({ opacity }) => opacity);
  expect(opacities).toEqual([...Array.from({ length: 7 }, () => '0.4'), undefined]);
});

test('where bars are few, a mark across each says how much it was before', () => {
  const before = days(7, { posted: 9, skipped: 0, rejected: 0 });
  const marked = draw({ days: days(7), before }).svg;
  const marks = bars(marked, INK);
  // One more stands in the legend.
  expect(marks).toHaveLength(8);
  expect(words(marked)).toContain('Before 63');
  const [first] = bars(marked, KIND_COLORS.posted);
  expect(Number(marks[1]?.y)).toBeLessThan(Number(first?.y));
  expect(words(draw({ days: days(31), before: days(31) }).svg)).not.toContain('Before');
});
