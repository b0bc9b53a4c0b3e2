import { scaleBand, scaleLinear } from 'd3-scale';
import { stack } from 'd3-shape';
import { type Bin, binsOf, dayAndMonth, monthAndYear, shortWeekday, type Unit, weekdayOf } from './calendar.ts';
import type { DayCounts, DecisionsPicture, KindCounts } from './decisions-picture.ts';
import { GRID, INK, KIND_COLORS, KIND_NAMES, KINDS, type Kind, WEEKEND } from './palette.ts';
import { CONTENT_TOP, card, INNER_WIDTH, NORMAL, PADDING, PANEL_WIDTH, type Panel, SMALL } from './panel.ts';
import { element } from './svg.ts';
import type { Typesetter } from './typesetter.ts';

const LEGEND_HEIGHT = 46;
const PLOT_TOP = CONTENT_TOP + LEGEND_HEIGHT + 16;
const PLOT_HEIGHT = 220;
const PLOT_BOTTOM = PLOT_TOP + PLOT_HEIGHT;
const LABEL_GAP = 44;
/** As many bars as have room for a name each. */
const MOST_NAMED = 11;
const WIDEST_BAR = 72;
/** So that a single decision is no tower. */
const LOWEST_TOP = 4;

/** Bars of days that are there for comparison only. */
const FAINT = 0.4;
/** Half the thickness of the marks of the time before. */
const MARK = 2;

/**
 * Stacked bars of the decisions, one per day, week or month, with a legend that names their sums. Of a picture about one
 * day the others are faint; where there are few, a mark across each says how much it was in the time before; across many it would be noise.
 */
export function dayBars(
  { days, focus, before = [] }: Pick<DecisionsPicture, 'days' | 'focus' | 'before'>,
  typesetter: Typesetter,
): Panel {
  const { unit, bins } = binsOf(days);
  const isNamed = unit === 'day' && bins.length <= MOST_NAMED;
  const marked = isNamed ? before : [];
  const most = Math.max(LOWEST_TOP, ...bins.map(sumOf), ...marked.map(sumOf));
  const y = scaleLinear([0, most], [PLOT_BOTTOM, PLOT_TOP]).nice(4);
  const ticks = y.ticks(4).filter(Number.isInteger);
  const left = PADDING + Math.max(...ticks.map((tick) => typesetter.width(written(tick), SMALL))) + 16;
  const x = scaleBand(
    bins.map(({ date }) => date),
    [left, PADDING + INNER_WIDTH],
  ).paddingInner(0.22);
  const isEmpty = bins.every((bin) => sumOf(bin) === 0);

  return card(typesetter, {
    heading: `Decisions per ${unit}`,
    height: PLOT_BOTTOM + (isNamed ? 92 : 62),
    content: [
      ...legend(focus === undefined ? days : days.filter(({ date }) => date === focus), marked, typesetter),
      ...(isEmpty ? [] : weekends(bins, x)),
      ...ticks.flatMap((tick) => [
        element('line', {
          x1: left,
          x2: PADDING + INNER_WIDTH,
          y1: y(tick),
          y2: y(tick),
          stroke: GRID,
          'stroke-width': 2,
        }),
        typesetter.line({ ...SMALL, text: written(tick), x: left - 16, y: y(tick) + 9, align: 'end' }),
      ]),
      ...bars(bins, focus, x, y),
      ...marks(bins, marked, x, y),
      ...labels(bins, unit, isNamed, x, typesetter),
      ...(isEmpty ? [nothing(left, typesetter)] : []),
    ],
  });
}

type X = ReturnType<typeof scaleBand<string>>;
type Y = ReturnType<typeof scaleLinear<number, number>>;

function legend(days: readonly DayCounts[], marked: readonly DayCounts[], typesetter: Typesetter): string[] {
  let x = PADDING;
  const kinds = KINDS.flatMap((kind) => {
    const count = days.reduce((sum, day) => sum + day[kind], 0);
    const text = `${KIND_NAMES[kind]} ${written(count)}`;
    const at = x;
    x += 36 + typesetter.width(text, NORMAL) + 40;
    return [
      element('rect', { x: at, y: CONTENT_TOP + 6, width: 24, height: 24, rx: 6, fill: KIND_COLORS[kind] }),
      typesetter.line({ ...NORMAL, text, x: at + 36, y: CONTENT_TOP + 28 }),
    ];
  });
  if (marked.length === 0) return kinds;
  const text = `Before ${written(marked.reduce((sum, day) => sum + sumOf(day), 0))}`;
  return [
    ...kinds,
    element('rect', { x, y: CONTENT_TOP + 18 - MARK, width: 24, height: 2 * MARK, fill: INK }),
    typesetter.line({ ...NORMAL, text, x: x + 36, y: CONTENT_TOP + 28 }),
  ];
}

/** How high the bar would be if it were as in the time before. */
function marks(bins: readonly Bin[], marked: readonly DayCounts[], x: X, y: Y): string[] {
  const width = Math.min(x.bandwidth(), WIDEST_BAR) + 8;
  return bins.flatMap(({ date }, index) => {
    const day = marked[index];
    if (!day) return [];
    const left = (x(date) ?? 0) + (x.bandwidth() - width) / 2;
    return [element('rect', { x: left, y: y(sumOf(day)) - MARK, width, height: 2 * MARK, fill: INK })];
  });
}

/** A faint band behind Saturdays and Sundays. */
function weekends(bins: readonly Bin[], x: X): string[] {
  return bins
    .filter(({ isWeekend }) => isWeekend)
    .map(({ date }) => {
      const gap = x.step() - x.bandwidth();
      return element('rect', {
        x: (x(date) ?? 0) - gap / 2,
        y: PLOT_TOP,
        width: x.step(),
        height: PLOT_HEIGHT,
        fill: WEEKEND,
      });
    });
}

/** A white line parts the kinds, so that two dark ones do not run into each other. */
function bars(bins: readonly Bin[], focus: string | undefined, x: X, y: Y): string[] {
  const width = Math.min(x.bandwidth(), WIDEST_BAR);
  const series = stack<Bin, Kind>().keys([...KINDS])([...bins]);
  return series.flatMap((layer) =>
    layer
      .filter(([from, to]) => to > from)
      .map(({ 0: from, 1: to, data }) => {
        const height = y(from) - y(to);
        return element('rect', {
          x: (x(data.date) ?? 0) + (x.bandwidth() - width) / 2,
          y: y(to),
          width,
          height: from > 0 && height > 6 ? height - 2 : height,
          fill: KIND_COLORS[layer.key],
          opacity: focus === undefined || data.date === focus ? undefined : FAINT,
        });
      }),
  );
}

/** Each bar's weekday and day while there is room; else some dates, on Mondays when bars are days. */
function labels(bins: readonly Bin[], unit: Unit, isNamed: boolean, x: X, typesetter: Typesetter): string[] {
  const middle = ({ date }: Bin) => (x(date) ?? 0) + x.bandwidth() / 2;
  if (isNamed) {
    return bins.flatMap((bin) => [
      typesetter.line({
        ...SMALL,
        text: shortWeekday(weekdayOf(bin.date)),
        x: middle(bin),
        y: PLOT_BOTTOM + 36,
        align: 'middle',
      }),
      typesetter.line({
        ...NORMAL,
        text: String(Number(bin.date.slice(8))),
        x: middle(bin),
        y: PLOT_BOTTOM + 70,
        align: 'middle',
      }),
    ]);
  }
  const words = unit === 'month' ? monthAndYear : dayAndMonth;
  const candidates = unit === 'day' ? bins.filter(({ date }) => weekdayOf(date) === 1) : bins;
  const widest = Math.max(0, ...candidates.map(({ date }) => typesetter.width(words(date), SMALL)));
  const distance = x.step() * (unit === 'day' ? 7 : 1);
  const every = Math.ceil((widest + LABEL_GAP) / distance);
  return candidates
    .filter((bin, index) => index % every === 0 && middle(bin) + widest / 2 < PANEL_WIDTH - PADDING / 2)
    .map((bin) =>
      typesetter.line({ ...SMALL, text: words(bin.date), x: middle(bin), y: PLOT_BOTTOM + 38, align: 'middle' }),
    );
}

function nothing(left: number, typesetter: Typesetter): string {
  return typesetter.line({
    ...NORMAL,
    text: 'No decisions in this time',
    x: (left + PADDING + INNER_WIDTH) / 2,
    y: PLOT_TOP + PLOT_HEIGHT * 0.66,
    align: 'middle',
  });
}

function sumOf({ posted, skipped, rejected }: KindCounts): number {
  return posted + skipped + rejected;
}

function written(count: number): string {
  return count.toLocaleString('en');
}
