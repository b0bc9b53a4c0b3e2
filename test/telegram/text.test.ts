import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bold, clip, clipText, fmt, lines, link, textOf } from '../../src/telegram/text.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc
    .array(fc.constantFrom('👩‍👩‍👧‍👦', 'é', '🇩🇪', 'a', '\ud83d', '\udc00', '‮', '\n', '_*[]()<>&'), { maxLength: 80 })
    .map((parts) => parts.join('')),
);

test('clipped text is never longer than the limit, well formed, and a beginning of the text', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 120 }), (text, limit) => {
      const clipped = clip(text, limit);
      expect(clipped.length).toBeLessThanOrEqual(limit);
      expect(clipped.isWellFormed()).toBe(true);
      const whole = text.toWellFormed();
      if (whole.length <= limit) expect(clipped).toBe(whole);
      else expect(whole.startsWith(clipped.slice(0, -1)) && clipped.endsWith('…')).toBe(true);
    }),
  );
});

test('a character as a person sees it is kept whole or left out', () => {
  const family = '👩‍👩‍👧‍👦';
  expect(clip(family + family, family.length + 1)).toBe(`${family}…`);
  expect(clip(family + family, family.length * 2 - 1)).toBe(`${family}…`);
  expect(clip('e\u0301e\u0301', 3)).toBe('e\u0301…');
});

test('entities end where the text is cut, and those behind the cut are gone', () => {
  const text = fmt`${bold('bold words')} and ${link('a link', 'https://example.org')}`;
  const clipped = clipText(text, 8);
  expect(clipped.text).toBe('bold wo…');
  expect(clipped.entities).toEqual([{ type: 'bold', offset: 0, length: 7 }]);
});

test('entities of clipped text always lie inside it', () => {
  fc.assert(
    fc.property(anyText, fc.nat(200), fc.nat(200), fc.integer({ min: 1, max: 120 }), (text, offset, length, limit) => {
      fc.pre(text.length > 0);
      const start = Math.min(offset, text.length - 1);
      const entity = { type: 'italic' as const, offset: start, length: Math.min(length + 1, text.length - start) };
      const clipped = clipText(textOf(text, [entity]), limit);
      for (const { offset: at, length: size } of clipped.entities) {
        expect(size).toBeGreaterThan(0);
        expect(at + size).toBeLessThanOrEqual(clipped.text.length);
      }
    }),
  );
});

test('names go through templates byte by byte', () => {
  const name = '_*[]()~`>#+-=|{}.!<b>&amp;\\ \u202e‮ 🏳️‍🌈';
  const text = lines(fmt`Hello ${bold(name)}`, name);
  expect(text.text).toBe(`Hello ${name}\n${name}`);
  expect(text.entities).toEqual([{ type: 'bold', offset: 6, length: name.length }]);
});
