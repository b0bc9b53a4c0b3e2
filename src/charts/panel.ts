import { CARD, INK, MUTED } from './palette.ts';
import { element } from './svg.ts';
import type { Typesetter } from './typesetter.ts';

/** A part of a picture: markup that begins at 0, 0, and how high it is. */
export type Panel = { height: number; content: string[] };

/** Pixels. A phone shows the picture about 390 wide: 26 become 9.4, the size of a chat's time stamps. */
export const WIDTH = 1080;
export const MARGIN = 28;
export const GAP = 20;
export const PANEL_WIDTH = WIDTH - 2 * MARGIN;
export const PADDING = 36;
export const INNER_WIDTH = PANEL_WIDTH - 2 * PADDING;

export const SMALL = { size: 26, weight: 'regular', color: MUTED } as const;
export const NORMAL = { size: 28, weight: 'regular', color: INK } as const;
export const HEADING = { size: 34, weight: 'bold', color: INK } as const;

/** Where the heading's base line is, and where the content begins under it. */
const HEADING_LINE = 58;
export const CONTENT_TOP = 86;

/** A white card with a heading and a remark at its right. */
export function card(
  typesetter: Typesetter,
  { heading, remark = '', height, content }: { heading: string; remark?: string } & Panel,
): Panel {
  const space = INNER_WIDTH - typesetter.width(heading, HEADING) - 32;
  return {
    height,
    content: [
      element('rect', { width: PANEL_WIDTH, height, rx: 28, fill: CARD }),
      typesetter.line({ ...HEADING, text: heading, x: PADDING, y: HEADING_LINE }),
      typesetter.line({
        ...SMALL,
        text: remark,
        x: PADDING + INNER_WIDTH,
        y: HEADING_LINE,
        align: 'end',
        maxWidth: space,
      }),
      ...content,
    ],
  };
}
