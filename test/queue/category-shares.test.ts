import fc from 'fast-check';
import { expect, test } from 'vitest';
import { interleave, shareOut } from '../../src/queue/category-shares.ts';

const NATURE_AND_PEOPLE = [
  { category: 'nature', ratio: 0.7 },
  { category: 'people', ratio: 0.3 },
];
const nothing = new Map<string, number>();
const asObject = (counts: Map<string, number>) => Object.fromEntries(counts);

test('21 slots at 70 to 30 are 15 and 6, as the seed era had it', () => {
  expect(asObject(shareOut(21, NATURE_AND_PEOPLE, nothing))).toEqual({ nature: 15, people: 6 });
});

test('what is planned already counts, so that days of few posts even out', () => {
  const counted = new Map<string, number>();
  const days = Array.from({ length: 10 }, () => {
    const [category = ''] = interleave(shareOut(1, NATURE_AND_PEOPLE, counted));
    counted.set(category, (counted.get(category) ?? 0) + 1);
    return category;
  });
  expect(asObject(counted)).toEqual({ nature: 7, people: 3 });
  expect(days.slice(0, 5)).toContain('people');
});

test('a category that has too much already gets nothing, and the others share the rest', () => {
  const counted = new Map([['nature', 30]]);
  expect(asObject(shareOut(4, NATURE_AND_PEOPLE, counted))).toEqual({ people: 4 });
});

test('shares are spread evenly instead of standing in blocks', () => {
  expect(interleave(new Map(Object.entries({ nature: 4, people: 2 }))).join(' ')).toBe(
    'nature people nature nature people nature',
  );
});

const ratios = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 6 }).map((parts) => {
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part, index) => ({ category: `category ${index}`, ratio: part / sum }));
});

test('every slot is given away, and no category is a whole post away from its ratio', () => {
  fc.assert(
    fc.property(ratios, fc.nat(1500), (mix, slots) => {
      const shares = shareOut(slots, mix, nothing);
      expect([...shares.values()].reduce((sum, count) => sum + count, 0)).toBe(slots);
      for (const { category, ratio } of mix) {
        expect(Math.abs((shares.get(category) ?? 0) - ratio * slots)).toBeLessThan(1 + 1e-6);
      }
    }),
  );
});

test('whatever is planned already, every slot is given away, and the same question has the same answer', () => {
  fc.assert(
    fc.property(ratios, fc.nat(200), fc.array(fc.nat(60), { maxLength: 6 }), (mix, slots, planned) => {
      const counted = new Map(planned.map((count, index) => [`category ${index}`, count]));
      const shares = shareOut(slots, mix, counted);
      expect([...shares.values()].every((count) => count >= 0)).toBe(true);
      expect(interleave(shares)).toHaveLength(slots);
      expect(interleave(shareOut(slots, mix, counted))).toEqual(interleave(shares));
    }),
  );
});

test('each category is spread evenly: in any stretch it has its part, give or take one or two', () => {
  fc.assert(
    fc.property(ratios, fc.integer({ min: 1, max: 100 }), (mix, slots) => {
      const shares = shareOut(slots, mix, nothing);
      const order = interleave(shares);
      for (const [category, count] of shares) {
        let seen = 0;
        for (const [index, one] of order.entries()) {
          if (one === category) seen += 1;
          expect(Math.abs(seen - (count * (index + 1)) / slots)).toBeLessThan(mix.length);
        }
      }
    }),
  );
});
