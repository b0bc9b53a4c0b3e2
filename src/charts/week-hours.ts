import { scaleBand, scaleQuantize } from 'd3-scale';
import { shortWeekday } from './calendar.ts';
import type { HourCount } from './decisions-picture.ts';
import { HEAT, NO_HEAT } from './palette.ts';
import { CONTENT_TOP, card, INNER_WIDTH, PADDING, type Panel, SMALL } from './panel.ts';
import { element } from './svg.ts';
import type { Typesetter } from './typesetter.ts';

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7];
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const LABELLED_HOURS = [0, 3, 6, 9, 12, 15, 18, 21];
const LEFT = PADDING + 72;
const ROW = 35;
const BOTTOM = CONTENT_TOP + ROW * WEEKDAYS.length;
const SWATCH = 26;

/** How many decisions fell into each hour of the week: rows from Monday to Sunday, columns from 0 to 23. */
export function weekHours(hours: readonly HourCount[], typesetter: Typesetter): Panel {
  const x = scaleBand(HOURS, [LEFT, PADDING + INNER_WIDTH]).paddingInner(0.1);
  const y = scaleBand(WEEKDAYS, [CONTENT_TOP, BOTTOM]).paddingInner(0.1);
  const counts = new Map(hours.map(({ weekday, hour, count }) => [weekday * 24 + hour, count]));
  const most = Math.max(0, ...counts.values());
  const steps = stepsOf(most);
  const busiest = [...hours].sort((a, b) => b.count - a.count || a.weekday - b.weekday || a.hour - b.hour)[0];

  const cells = WEEKDAYS.flatMap((weekday) =>
    HOURS.map((hour) =>
      element('rect', {
        x: x(hour),
        y: y(weekday),
        width: x.bandwidth(),
        height: y.bandwidth(),
        rx: 5,
        fill: steps.color(counts.get(weekday * 24 + hour) ?? 0),
      }),
    ),
  );
  return card(typesetter, {
    heading: 'By hour and weekday',
    remark: busiest
      ? `most: ${shortWeekday(busiest.weekday)} ${twoDigits(busiest.hour)}–${twoDigits((busiest.hour + 1) % 24)} h`
      : '',
    height: BOTTOM + 110,
    content: [
      ...cells,
      ...WEEKDAYS.map((weekday) =>
        typesetter.line({ ...SMALL, text: shortWeekday(weekday), x: PADDING, y: (y(weekday) ?? 0) + 25 }),
      ),
      ...LABELLED_HOURS.map((hour) =>
        typesetter.line({
          ...SMALL,
          text: twoDigits(hour),
          x: (x(hour) ?? 0) + x.bandwidth() / 2,
          y: BOTTOM + 32,
          align: 'middle',
        }),
      ),
      ...legend(steps.names, typesetter),
    ],
  });
}

/** At most five equal steps of whole numbers up to the most, each with its colour and its words (`4–6`). */
function stepsOf(most: number): { color: (count: number) => string; names: { color: string; text: string }[] } {
  const size = Math.max(1, Math.ceil(most / HEAT.length));
  const number = Math.ceil(most / size);
  const colors = HEAT.slice(HEAT.length - number);
  const scale = scaleQuantize<string>([0.5, size * number + 0.5], colors);
  const names = colors.map((color, index) => {
    const from = index * size + 1;
    return { color, text: size === 1 ? String(from) : `${from}–${from + size - 1}` };
  });
  return {
    color: (count) => (count === 0 ? NO_HEAT : scale(count)),
    names: [{ color: NO_HEAT, text: '0' }, ...names],
  };
}

function legend(names: readonly { color: string; text: string }[], typesetter: Typesetter): string[] {
  let x = LEFT;
  return names.flatMap(({ color, text }) => {
    const at = x;
    x += SWATCH + 12 + typesetter.width(text, SMALL) + 30;
    return [
      element('rect', { x: at, y: BOTTOM + 54, width: SWATCH, height: SWATCH, rx: 5, fill: color }),
      typesetter.line({ ...SMALL, text, x: at + SWATCH + 12, y: BOTTOM + 77 }),
    ];
  });
}

function twoDigits(hour: number): string {
  return String(hour).padStart(2, '0');
}
