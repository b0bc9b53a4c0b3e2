import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { DecisionsPicture } from '../../src/charts/decisions-picture.ts';
import { createPictureCache } from '../../src/charts/picture-cache.ts';
import { createSettableClock } from '../../src/simulator/settable-clock.ts';

const PICTURE: DecisionsPicture = { title: 'Team', timeZone: 'UTC', days: [], hours: [] };

function setUp() {
  const clock = createSettableClock({ start: new Date('2026-11-20T11:00:00Z') });
  const drawn: string[] = [];
  const lines: string[] = [];
  let failures = 0;
  const renderer = {
    async render({ title }: DecisionsPicture) {
      drawn.push(title);
      await Promise.resolve();
      if (failures > 0) {
        failures -= 1;
        throw new Error('out of paint');
      }
      return new Uint8Array([drawn.length]);
    },
    stop: async () => {},
  };
  const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  const cache = createPictureCache({ renderer, clock, logger });
  return {
    clock,
    drawn,
    lines,
    fail: (times: number) => {
      failures = times;
    },
    ask: (changes: Partial<DecisionsPicture> = {}) => cache.picture({ ...PICTURE, ...changes }),
  };
}

test('equal figures within a minute are drawn once, other figures and later ones anew', async () => {
  const { ask, drawn, clock } = setUp();
  const first = await ask();
  first?.wasSentAs('id');
  clock.advance(59_999);
  expect(await ask()).toMatchObject({ png: new Uint8Array([1]), fileId: 'id' });
  expect(drawn).toEqual(['Team']);
  await ask({ title: 'Other' });
  expect(drawn).toEqual(['Team', 'Other']);
  clock.advance(2);
  expect((await ask())?.fileId).toBeUndefined();
  expect(drawn).toEqual(['Team', 'Other', 'Team']);
});

test('who asks while a picture is being drawn gets that one', async () => {
  const { ask, drawn } = setUp();
  const both = await Promise.all([ask(), ask(), ask({ title: 'Other' })]);
  expect(drawn).toEqual(['Team', 'Other']);
  expect(both[0]).toBe(both[1]);
});

test('a failure is logged once for all who wait, and the next asking tries again', async () => {
  const { ask, drawn, lines, fail } = setUp();
  fail(1);
  expect(await Promise.all([ask(), ask()])).toEqual([undefined, undefined]);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('out of paint');
  expect(await ask()).toBeDefined();
  expect(drawn).toHaveLength(2);
});
