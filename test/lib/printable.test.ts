import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cells, column, printable } from '../../src/lib/printable.ts';

test('nothing that a file name holds moves the cursor, rings or turns the line around', () => {
  expect(printable('a\u001B[31mb\nc\u0007\u202Ed\uD800')).toBe('a\uFFFD[31mb\uFFFDc\uFFFD\uFFFDd\uFFFD');
  expect(printable('Üñï 日本 👍🏽')).toBe('Üñï 日本 👍🏽');
});

test('a column is filled up or cut to its width, wide characters counted as two', () => {
  expect(column('abc', 5)).toBe('abc  ');
  expect(column('abcdef', 5)).toBe('abcd…');
  expect(column('日本語', 5)).toBe('日本…');
  expect(column('日本語', 6)).toBe('日本語');
  expect(column('日本語', 4)).toBe('日… ');
  expect(column('e\u0301e\u0301', 3)).toBe('e\u0301e\u0301 ');
});

test('whatever the text, a column has its width', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.integer({ min: 1, max: 30 }), (text, width) => {
      expect(cells(column(text, width))).toBe(width);
    }),
  );
});
