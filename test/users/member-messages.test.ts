import { expect, test } from 'vitest';
import { ago, roleNews } from '../../src/users/member-messages.ts';
import { NOON } from '../support/team.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;

test.each([
  [0, 'just now'],
  [2 * MINUTE_MS - 1, 'just now'],
  [2 * MINUTE_MS, '2 min ago'],
  [59 * MINUTE_MS, '59 min ago'],
  [125 * MINUTE_MS, '2 h ago'],
  [DAY_MS - MINUTE_MS, '23 h ago'],
  [DAY_MS, '1 day ago'],
  [59 * DAY_MS, '59 days ago'],
  [61 * DAY_MS, '2 months ago'],
  [400 * DAY_MS, '13 months ago'],
  [-5 * MINUTE_MS, 'just now'],
])('%i ms before now is told as “%s”', (ms, words) => {
  expect(ago(new Date(NOON.getTime() - ms), NOON)).toBe(words);
});

test('who was never seen was never seen', () => {
  expect(ago(null, NOON)).toBe('never');
});

test.each([
  ['guest', true, 'Alice made you a guest. /help shows what you can do now.'],
  [
    'guest',
    false,
    'Alice made you a guest. The team has not opened me to guests yet, so there is nothing you can do here for now.',
  ],
  ['member', false, 'Alice made you a member. /help shows what you can do now.'],
] as const)('the news for a new %s, where guests can use the bot: %s', (role, canUseBot, words) => {
  expect(roleNews(role, { by: 'Alice', canUseBot }).text).toBe(words);
});
