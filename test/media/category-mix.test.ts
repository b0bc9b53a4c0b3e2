import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PersonError } from '../../src/lib/errors.ts';
import { parseMix, percent } from '../../src/media/category-mix.ts';
import { HOSTILE } from '../support/hostile.ts';

const KNOWN = ['nature', 'people', 'street food', '4x4'];

test.each([
  ['nature 70, people 30', { nature: 0.7, people: 0.3 }],
  ['nature=0.7,people=0.3', { nature: 0.7, people: 0.3 }],
  ['nature: 70 %; people: 30%', { nature: 0.7, people: 0.3 }],
  ['Nature 70\nPEOPLE 30', { nature: 0.7, people: 0.3 }],
  ['street food 0,5; 4x4 0,5', { 'street food': 0.5, '4x4': 0.5 }],
  ['nature 33.33, people 33.33, street food 33.34', { nature: 0.3333, people: 0.3333, 'street food': 0.3334 }],
  ['nature 1', { nature: 1 }],
  ['nature 100', { nature: 1 }],
  ['nature 100, people 0', { nature: 1 }],
])('“%s” is read', (typed, ratios) => {
  expect(Object.fromEntries(parseMix(typed, KNOWN).map(({ category, ratio }) => [category, ratio]))).toEqual(ratios);
});

test.each([
  ['nature 70, people 40', 'The parts sum to 110 %, they must make 100 %. Nothing is changed.'],
  ['nature=0.7,people=0.2', 'The parts sum to 90 %, they must make 100 %. Nothing is changed.'],
  ['nature 33.3, people 33.3, street food 33.3', 'The parts sum to 99.9 %, they must make 100 %. Nothing is changed.'],
  ['nature 1%', 'The parts sum to 1 %, they must make 100 %. Nothing is changed.'],
  ['', 'The parts sum to 0 %, they must make 100 %. Nothing is changed.'],
  ['nature 50, dogs 50', 'The library has no category “dogs”. It has: nature, people, street food, 4x4.'],
  ['nature 50, Nature 50', '“nature” stands there twice. Name each category once.'],
  ['nature', 'I cannot read “nature”. Write a category and its part, like: nature 70, people 30'],
  ['nature -5, people 105', 'I cannot read “nature -5”. Write a category and its part, like: nature 70, people 30'],
])('“%s” is refused in words', (typed, sentence) => {
  expect(() => parseMix(typed, KNOWN)).toThrow(new PersonError(sentence));
});

test('with an empty library there is nothing to mix', () => {
  expect(() => parseMix('nature 100', [])).toThrow('The library has no categories yet');
});

test('every mix of hundredths that makes 100 can be typed, with any names', () => {
  const names = fc.uniqueArray(fc.constantFrom(...HOSTILE.filter((name) => !/[,;\n]/.test(name))), {
    minLength: 2,
    maxLength: 4,
  });
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 99 }), (categories, first) => {
      const [one = '', two = ''] = categories;
      const shares = parseMix(`${one} ${first}; ${two} ${100 - first}`, categories);
      expect(shares).toEqual([
        { category: one, ratio: first / 100 },
        { category: two, ratio: (100 - first) / 100 },
      ]);
    }),
  );
});

test('nothing that is typed ends in anything but shares or a sentence', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (typed) => {
      try {
        parseMix(typed, KNOWN);
      } catch (error) {
        expect(error).toBeInstanceOf(PersonError);
      }
    }),
  );
});

test('a ratio is shown as percent with at most two decimals', () => {
  expect([0.7, 0.3333, 1, 0.0001].map(percent)).toEqual(['70 %', '33.33 %', '100 %', '0.01 %']);
});
