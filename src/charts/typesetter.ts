import type { Face, Fonts, Weight } from './fonts.ts';
import { element, escapeXml } from './svg.ts';
import { baseDirection, type Direction, directionOf, visualOrder } from './writing-direction.ts';

export type Lettering = { size: number; weight: Weight; color: string };

export type Line = Lettering & {
  text: string;
  x: number;
  /** The base line. */
  y: number;
  align?: 'start' | 'middle' | 'end';
  /** Pixels; a longer text is cut and ends in "…". */
  maxWidth?: number;
};

export type Typesetter = ReturnType<typeof createTypesetter>;

/** Characters that one face draws; `width` in pixels. */
type Run = { face: Face; text: string; width: number; isOnePicture: boolean };

const ELLIPSIS = '…';
const REPLACEMENT = '\uFFFD';
/** Characters without a picture in any of the fonts, and what stands for them: the family is man, woman and boy. */
const STAND_INS: Readonly<Record<string, string>> = { '👪': '👨👩👦' };
/** Nothing to see without colours, when no font has the toned picture as a whole. */
const SKIN_TONES = /(?<=.)[\u{1F3FB}-\u{1F3FF}]/gsu;
/** Line breaks and other controls are blanks; marks that turn the order of what follows would reach beyond a name. */
const CONTROLS = /\p{Cc}+/gu;
const ORDER_MARKS = /[\u202A-\u202E\u2066-\u2069]/g;
const MAX_CHARACTERS = 300;
const RLE = '\u202B';
const PDF = '\u202C';

const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * Sets lines of text of any script. A line is cut into runs of one font file each, and each run is a `text` of its own:
 * the renderer's own search for a substitute font redraws whole lines in it, leaves empty boxes when it needs two of
 * them, and drops a line in which two fonts make different numbers of glyphs (emoji that are joined of several).
 * Widths are sums of advances: exact but for kerning and joined letters, which make a line narrower.
 */
export function createTypesetter(fonts: Fonts) {
  const used = new Set<Uint8Array>();

  function runOf(cluster: string, { size, weight }: Pick<Lettering, 'size' | 'weight'>): Run[] {
    const found = fonts.faceFor(cluster, weight);
    if (found) {
      const { face, text } = found;
      const advances = [...text].map((each) => face.file.advance(each.codePointAt(0) ?? 0));
      const isOnePicture = face.isEmoji && advances.length > 1;
      const width = isOnePicture ? Math.max(...advances) : advances.reduce((sum, each) => sum + each, 0);
      return text === '' ? [] : [{ face, text, width: width * face.sizeFor(size), isOnePicture }];
    }
    const parts = [...(STAND_INS[cluster] ?? cluster.replaceAll(SKIN_TONES, ''))];
    if (parts.length > 1) return parts.flatMap((part) => runOf(part, { size, weight }));
    // Bold and slanted letters for mathematics are letters after all.
    const plain = cluster.normalize('NFKC');
    return runOf(plain === cluster ? REPLACEMENT : plain, { size, weight });
  }

  /** One run per character as a person sees it, so that a line can be cut between any two. */
  function runsOf(text: string, lettering: Pick<Lettering, 'size' | 'weight'>): Run[] {
    const plain = text.toWellFormed().replaceAll(CONTROLS, ' ').replaceAll(ORDER_MARKS, '');
    return [...characters.segment(plain.slice(0, 8 * MAX_CHARACTERS))]
      .slice(0, MAX_CHARACTERS)
      .flatMap(({ segment }) => runOf(segment, lettering));
  }

  function fitted(runs: Run[], maxWidth: number, lettering: Pick<Lettering, 'size' | 'weight'>): Run[] {
    if (widthOf(runs) <= maxWidth) return runs;
    const ellipsis = runsOf(ELLIPSIS, lettering);
    const room = maxWidth - widthOf(ellipsis);
    let width = 0;
    let end = runs.findIndex((run) => {
      width += run.width;
      return width > room;
    });
    while (end > 0 && runs[end - 1]?.text.trim() === '') end -= 1;
    return [...runs.slice(0, end), ...ellipsis];
  }

  return {
    /** The width of the text in pixels. */
    width(text: string, lettering: Pick<Lettering, 'size' | 'weight'>): number {
      return widthOf(runsOf(text, lettering));
    },

    /** The line as markup. When its first letter is written from right to left, the whole line is ordered so. */
    line({ text, x, y, align = 'start', maxWidth = Number.POSITIVE_INFINITY, ...lettering }: Line): string {
      const runs = joined(fitted(runsOf(text, lettering), maxWidth, lettering));
      const base = baseDirection(runs.map((run) => run.text).join(''));
      let at = x - widthOf(runs) * (align === 'start' ? 0 : align === 'middle' ? 0.5 : 1);
      return visualOrder(runs, base)
        .map((run) => {
          used.add(run.face.file.bytes);
          const markup = textElement(run, { x: at, y, ...lettering }, base);
          at += run.width;
          return markup;
        })
        .join('');
    },

    /** The font files that the lines set so far need. */
    files(): Uint8Array[] {
      return [...used];
    },
  };
}

function textElement(run: Run, { x, y, size, weight, color }: Lettering & { x: number; y: number }, base: Direction) {
  const { face, width, isOnePicture } = run;
  const stroke = face.thicken[weight] * size;
  // A run that is not all from the left is ordered as the line is; Unifont draws the marks that say so.
  const isMarked = base === 'right-to-left' && directionOf(run.text) !== 'left-to-right' && hasUnseen(face, RLE);
  return element(
    'text',
    {
      x,
      y,
      'font-family': face.file.family,
      'font-size': face.sizeFor(size),
      'font-weight': face.isBold ? 700 : undefined,
      fill: color,
      ...(stroke > 0 ? { stroke: color, 'stroke-width': stroke, 'stroke-linejoin': 'round' } : {}),
      // Should the font not join them after all, they share the place of one.
      ...(isOnePicture ? { textLength: width, lengthAdjust: 'spacingAndGlyphs' } : {}),
      'xml:space': 'preserve',
    },
    isMarked ? `${RLE}${escapeXml(run.text)}${PDF}` : escapeXml(run.text),
  );
}

function hasUnseen({ file }: Face, mark: string): boolean {
  const code = mark.charCodeAt(0);
  return file.has(code) && file.advance(code) === 0;
}

/** Neighbours of one face are one run, so that letters join and marks find their base. */
function joined(pieces: readonly Run[]): Run[] {
  const runs: Run[] = [];
  for (const piece of pieces) {
    const last = runs.at(-1);
    if (last?.face === piece.face && !last.isOnePicture && !piece.isOnePicture) {
      last.text += piece.text;
      last.width += piece.width;
    } else {
      runs.push({ ...piece });
    }
  }
  return runs;
}

function widthOf(runs: readonly Run[]): number {
  return runs.reduce((sum, { width }) => sum + width, 0);
}
