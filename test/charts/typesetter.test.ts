import { Resvg } from '@resvg/resvg-wasm';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { openFonts } from '../../src/charts/fonts.ts';
import { createTypesetter } from '../../src/charts/typesetter.ts';
import { svgRenderer } from '../../src/simulator/svg-renderer.ts';
import { HOSTILE, sentText } from '../support/hostile.ts';

const fonts = openFonts();
const LETTERS = { size: 28, weight: 'regular', color: '#000000' } as const;
const BOLD = { ...LETTERS, weight: 'bold' } as const;

// Resvg is made ready once in a process, and the simulator's tests may run in this one.
beforeAll(svgRenderer);

/** The pixels of each text, drawn in a cell of its own. */
function drawn(texts: readonly string[], lettering: typeof LETTERS | typeof BOLD = LETTERS): string[] {
  const typesetter = createTypesetter(fonts);
  const [width, height] = [320, 48];
  const lines = texts.map((text, index) => typesetter.line({ ...lettering, text, x: 4, y: index * height + 34 }));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height * texts.length}">${lines.join('')}</svg>`;
  const drawing = new Resvg(svg, { font: { fontBuffers: typesetter.files() } });
  const image = drawing.render();
  const pixels = Buffer.from(image.pixels);
  image.free();
  drawing.free();
  return texts.map((_, index) =>
    pixels.subarray(index * height * width * 4, (index + 1) * height * width * 4).toString('base64'),
  );
}
const isBlank = (pixels: string) => /^A+=*$/.test(pixels);

/** The empty boxes with which the fonts of these texts draw what they lack. */
function boxes(texts: readonly string[], weight: 'regular' | 'bold'): string[] {
  const faces = new Set(texts.flatMap((text) => fonts.faceFor(text, weight)?.face ?? []));
  return [...faces].map(({ file, isBold, thicken, sizeFor }) => {
    const stroke = thicken[weight] > 0 ? ` stroke="#000000" stroke-width="${thicken[weight] * LETTERS.size}"` : '';
    const box = `<text x="4" y="34" font-size="${sizeFor(LETTERS.size)}" font-family="${file.family}"${isBold ? ' font-weight="700"' : ''}${stroke}>\u{10FFFE}</text>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="48">${box}</svg>`;
    const drawing = new Resvg(svg, { font: { fontBuffers: [file.bytes], defaultFontFamily: file.family } });
    const image = drawing.render();
    const pixels = Buffer.from(image.pixels).toString('base64');
    image.free();
    drawing.free();
    return pixels;
  });
}

const NAMES = [
  'Zoë Œuvre',
  'Łukasz Świętochłowski',
  'Ελένη',
  'Юлия Ёлкина',
  'Հայկ',
  'ნინო',
  'محمد عبد الرحمن',
  'יוסף כהן',
  '王小明',
  '山田さくら カナ',
  '김민준',
  'ยอดชาย ใจดี',
  'नरेन्द्र',
  'বাংলা',
  'தமிழ்',
  'አበበ',
  'ຄໍາ',
  'ខ្មែរ',
];
const EMOJI = [
  '😀',
  '👍',
  '👍🏽',
  '❤️',
  '☕',
  '🦊',
  '🎉',
  '🏳️‍🌈',
  '👩‍👩‍👧‍👦',
  '🧑🏿‍🚀',
  '🇩🇪',
  '🇧🇷',
  '1️⃣',
  '👪',
  '🫠',
  '🤷🏾‍♀️',
];

test.each([
  ['regular', LETTERS],
  ['bold', BOLD],
] as const)('names of any script and common emoji are drawn without an empty box, %s', (_, lettering) => {
  const letters = NAMES.flatMap((name) => [...new Intl.Segmenter('en').segment(name)].map(({ segment }) => segment));
  const texts = [...new Set([...letters, ...EMOJI])].filter((text) => text.trim() !== '');
  const empty = boxes(texts, lettering.weight);
  expect(empty.filter(isBlank).length).toBeLessThan(empty.length / 2);
  for (const [index, pixels] of drawn(texts, lettering).entries()) {
    expect(isBlank(pixels), `${texts[index]} is drawn`).toBe(false);
    expect(empty, `${texts[index]} is no box`).not.toContain(pixels);
  }
});

test('a font draws every assigned character of the first plane and every emoji, or stands in for it', () => {
  const lost: string[] = [];
  for (let code = 0x20; code < 0x20000; code += 1) {
    const text = String.fromCodePoint(code);
    const isPlane0 = code < 0x10000 && !/[\p{Cn}\p{Cc}\p{Cs}\p{Co}]/u.test(text);
    if (!isPlane0 && !/\p{Emoji}/u.test(text)) continue;
    if (fonts.faceFor(text, 'regular') === undefined) lost.push(text);
  }
  expect(lost).toEqual(['👪']);
  const [family, replacement] = drawn(['👪', '\uFFFD']);
  expect(family).not.toBe(replacement);
});

test('what no font has is shown as a replacement character, fancy letters as plain ones', () => {
  const [rare, replacement, fancy, plain] = drawn(['𒀀', '\uFFFD', '𝓕𝓪𝓷𝓬𝔂 𝗡𝗮𝗺𝗲', 'Fancy Name']);
  expect(rare).toBe(replacement);
  expect(fancy).toBe(plain);
});

test('a name in one script beside emoji joined of several is drawn whole', () => {
  const [alone, joined, both] = drawn(['김민준 ', '👩‍👩‍👧‍👦', '김민준 👩‍👩‍👧‍👦']);
  expect(isBlank(both ?? '')).toBe(false);
  expect(both).not.toBe(alone);
  expect(both).not.toBe(joined);
});

/** The x of each run and its letters, from left to right. */
function runs(text: string): string[] {
  const markup = createTypesetter(fonts).line({ ...LETTERS, text, x: 0, y: 0 });
  return [...markup.matchAll(/<text x="([\d.]+)"[^>]*>([^<]*)</g)]
    .sort(([, a], [, b]) => Number(a) - Number(b))
    .map(([, , letters = '']) => letters);
}

test('lines written from right to left are ordered so, also around other fonts', () => {
  expect(runs('שלום (x) 12')).toEqual(['\u202Bשלום (x) 12\u202C']);
  expect(runs('משה 🦊 כהן')).toEqual(['\u202B כהן\u202C', '🦊', '\u202Bמשה \u202C']);
  expect(runs('Moshe 🦊 כהן')).toEqual(['Moshe ', '🦊', ' כהן']);
  expect(runs('Team משה 王 כהן')).toEqual(['Team משה ', '王', ' כהן']);
});

test('a line is never wider than it may be, and says with "…" that something is missing', () => {
  fc.assert(
    fc.property(sentText(120), fc.integer({ min: 60, max: 700 }), (text, maxWidth) => {
      const typesetter = createTypesetter(fonts);
      const isLong = typesetter.width(text, LETTERS) > maxWidth;
      const markup = typesetter.line({ ...LETTERS, text, x: 0, y: 0, maxWidth });
      expect(markup.includes('…')).toBe(isLong || text.includes('…'));
      const drawing = new Resvg(
        `<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="60"><g transform="translate(100 40)">${markup}</g></svg>`,
        { font: { fontBuffers: typesetter.files() } },
      );
      const box = drawing.innerBBox();
      // Letters may reach a little beyond their advance.
      expect((box?.x ?? 100) + (box?.width ?? 0)).toBeLessThanOrEqual(100 + maxWidth + LETTERS.size / 2);
      box?.free();
      drawing.free();
    }),
    { numRuns: 60 },
  );
});

test('hostile texts are drawn as they are, and are no markup', () => {
  const typesetter = createTypesetter(fonts);
  for (const text of [...HOSTILE, '</text><script>', ']]>', '\u0000\u0001\uFFFF\uD800', 'a\nb\tc']) {
    const markup = typesetter.line({ ...LETTERS, text, x: 0, y: 0 });
    expect(markup).not.toMatch(/<(?!\/?text[ >])/);
    expect(() =>
      new Resvg(`<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10">${markup}</svg>`).free(),
    ).not.toThrow();
  }
});
