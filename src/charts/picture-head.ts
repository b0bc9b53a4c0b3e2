import { dateRange } from './calendar.ts';
import type { DecisionsPicture } from './decisions-picture.ts';
import { INK, MUTED } from './palette.ts';
import { PANEL_WIDTH, type Panel } from './panel.ts';
import type { Typesetter } from './typesetter.ts';

const TITLE = { size: 50, weight: 'bold', color: INK } as const;
const UNDER = { size: 30, weight: 'regular', color: MUTED } as const;

/** Whose figures these are, of which days in which zone, and how many decisions there are in all. */
export function pictureHead(
  { title, days, timeZone }: Pick<DecisionsPicture, 'title' | 'days' | 'timeZone'>,
  total: number,
  typesetter: Typesetter,
): Panel {
  const x = PANEL_WIDTH - 8;
  const count = total.toLocaleString('en');
  const unit = total === 1 ? 'decision' : 'decisions';
  const atRight = Math.max(typesetter.width(count, TITLE), typesetter.width(unit, UNDER));
  const maxWidth = x - 8 - atRight - 40;
  const zone = timeZone.replaceAll('_', ' ');
  return {
    height: 132,
    content: [
      typesetter.line({ ...TITLE, text: title, x: 8, y: 80, maxWidth }),
      typesetter.line({ ...UNDER, text: `${dateRange(days)} · ${zone}`, x: 8, y: 126, maxWidth }),
      typesetter.line({ ...TITLE, text: count, x, y: 80, align: 'end' }),
      typesetter.line({ ...UNDER, text: unit, x, y: 126, align: 'end' }),
    ],
  };
}
