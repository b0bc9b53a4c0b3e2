import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type FontFile, readTrueType, readWoff2 } from './font-file.ts';

export type Weight = 'regular' | 'bold';

/** A font and what it needs to look like its neighbours. */
export type Face = {
  file: FontFile;
  /** The file is heavy enough as it is: it is a bold one. */
  isBold: boolean;
  /** Its characters are pictures, and several may be joined into one. */
  isEmoji: boolean;
  /** The size at which its letters look as large as those of the others at `size`. */
  sizeFor(size: number): number;
  /** In em: how much a stroke has to thicken the letters, because the file holds its thinnest weight only. */
  thicken: { regular: number; bold: number };
};

export type Fonts = ReturnType<typeof openFonts>;

/** Code points from `first` to `last`, both included. */
type Range = readonly [first: number, last: number];
type Slice = Omit<Face, 'file' | 'isBold'> & { path: string; name: string; ranges: readonly Range[] };

const LETTERS = { isEmoji: false, sizeFor: (size: number) => size };
const PLAIN = { regular: 0, bold: 0 };
/** DejaVu has no bold form of some letters, Unifont of none. */
const ONLY_REGULAR = { regular: 0, bold: 0.05 };
const THIN_LINES = { regular: 0.02, bold: 0.05 };
/** Variable fonts are drawn at the weight their file begins with: 100 for Noto Sans SC, 300 for Noto Emoji. */
const FROM_THIN = { regular: 0.035, bold: 0.06 };
const FROM_LIGHT = { regular: 0.012, bold: 0.024 };
/** Its squares are sharp at multiples of 16 only. */
const GRID = 16;

/** What a person sees as a picture, not as a letter. */
const EMOJI = /\p{Emoji_Presentation}|\p{Regional_Indicator}|\uFE0F/u;
/** Marks of how to draw their neighbours, with no picture of their own; a font may lack them. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/u;

/**
 * The fonts that come with the packages, by what they are best at: DejaVu (Latin, Cyrillic, Greek, Armenian, Georgian,
 * Arabic, Hebrew), Noto Sans SC (Han, kana), Noto Emoji, and Unifont for every other character of Unicode's first plane (Hangul, Thai,
 * Devanagari, ...; a bitmap font, but each letter is there). Files are read when a character needs them and kept: a
 * drawing in Latin letters costs DejaVu only.
 */
export function openFonts() {
  const { resolve } = createRequire(import.meta.url);
  const read = (path: string) => readFileSync(resolve(path));
  const dejaVu: Face = {
    file: readTrueType(read('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'), 'DejaVu Sans'),
    isBold: false,
    ...LETTERS,
    thicken: ONLY_REGULAR,
  };
  const dejaVuBold: Face = {
    file: readTrueType(read('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'), 'DejaVu Sans'),
    isBold: true,
    ...LETTERS,
    thicken: PLAIN,
  };
  const han = slicesOf('@fontsource-variable/noto-sans-sc', 'noto-sans-sc', { ...LETTERS, thicken: FROM_THIN });
  const emoji = slicesOf('@fontsource-variable/noto-emoji', 'noto-emoji', {
    ...LETTERS,
    isEmoji: true,
    thicken: FROM_LIGHT,
  });
  const unifont: Slice = {
    path: '@fontsource/unifont/files/unifont-latin-400-normal.woff2',
    name: 'u',
    ranges: [[0, 0xffff]],
    isEmoji: false,
    sizeFor: (size) => GRID * Math.round(size / GRID + 0.2),
    thicken: THIN_LINES,
  };
  const opened = new Map<string, Face>();

  function slicesOf(folder: string, file: string, look: Pick<Slice, keyof typeof LETTERS | 'thicken'>): Slice[] {
    const ranges: unknown = JSON.parse(read(`${folder}/unicode.json`).toString());
    return Object.entries(Object(ranges)).map(([key, list]) => {
      const number = key.replaceAll(/[[\]]/g, '');
      return {
        path: `${folder}/files/${file}-${number}-wght-normal.woff2`,
        name: `${file.slice(5, 6)}${number}`,
        ranges: rangesOf(String(list)),
        ...look,
      };
    });
  }

  function open({ path, name, ranges: _claimed, ...look }: Slice): Face {
    const known = opened.get(path);
    if (known) return known;
    const face = { file: readWoff2(read(path), name), isBold: false, ...look };
    opened.set(path, face);
    return face;
  }

  /** The faces to try for these characters, the best first; a slice is opened only when it claims one of them. */
  function* candidates(codePoints: readonly number[], isEmoji: boolean, weight: Weight): Generator<Face> {
    const isClaimedBy = ({ ranges }: Slice) =>
      codePoints.every((code) => ranges.some(([first, last]) => code >= first && code <= last));
    if (isEmoji) for (const slice of emoji) if (isClaimedBy(slice)) yield open(slice);
    if (weight === 'bold') yield dejaVuBold;
    yield dejaVu;
    for (const slice of [...han, ...emoji, unifont]) if (isClaimedBy(slice)) yield open(slice);
  }

  return {
    /**
     * The face that has all of `text` (one character as a person sees it), and `text` without the invisible marks that
     * this face lacks; undefined when no face has all of it.
     */
    faceFor(text: string, weight: Weight): { face: Face; text: string } | undefined {
      const seen = [...text].filter((character) => !UNSEEN.test(character));
      const codes = seen.map(codePointOf);
      const drawnBy = (face: Face) => ({
        face,
        text: [...text].filter((each) => face.file.has(codePointOf(each))).join(''),
      });
      if (codes.length === 0) return drawnBy(dejaVu);
      for (const face of candidates(codes, EMOJI.test(text), weight)) {
        if (codes.every(face.file.has)) return drawnBy(face);
      }
      return undefined;
    },
  };
}

/** `U+1f1e6-1f1ff,U+200d` as numbers. */
function rangesOf(list: string): Range[] {
  return list.split(',').map((range) => {
    const [first = 0, last = first] = range
      .replace(/^U\+/i, '')
      .split('-')
      .map((hex) => Number.parseInt(hex, 16));
    return [first, last];
  });
}

function codePointOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
