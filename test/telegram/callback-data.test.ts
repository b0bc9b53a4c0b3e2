import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CARD_ACTIONS, cardData, featureData, parseCallbackData, UPVOTE } from '../../src/telegram/callback-data.ts';

test('whatever arrives as callback data is parsed or refused, never thrown at', () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.string({ unit: 'binary' })), (data) => {
      const parsed = parseCallbackData(data);
      expect([undefined, 'card', 'upvote', 'feature']).toContain(parsed?.kind);
    }),
  );
});

test('a card’s data fit into 64 bytes and come back as they were', () => {
  fc.assert(
    fc.property(fc.constantFrom(...CARD_ACTIONS, UPVOTE), fc.uuid(), (action, queueItemId) => {
      const data = cardData(action, queueItemId);
      expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64);
      const kind = action === UPVOTE ? 'upvote' : 'card';
      expect(parseCallbackData(data)).toEqual({ kind, action, queueItemId });
    }),
  );
});

test('other buttons say feature, action and, if any, an id with whatever colons it has', () => {
  expect(parseCallbackData('queue:page:-1001.2')).toEqual({
    kind: 'feature',
    feature: 'queue',
    action: 'page',
    id: '-1001.2',
  });
  expect(parseCallbackData('settings:close')).toEqual({
    kind: 'feature',
    feature: 'settings',
    action: 'close',
    id: undefined,
  });
  expect(parseCallbackData('a:b:c:d')).toEqual({ kind: 'feature', feature: 'a', action: 'b', id: 'c:d' });
});

test.each([
  'posted',
  'posted:',
  'posted:not-a-uuid',
  'posted:0199A000-0000-7000-8000-000000000000',
  'posted:0199a000-0000-7000-8000-000000000000; drop table users',
  'POSTED:0199a000-0000-7000-8000-000000000000',
  ':x',
  'x'.repeat(65),
  '',
])('%j is no data of ours', (data) => {
  expect(parseCallbackData(data)).toBeUndefined();
});

test('data that would not fit are a bug and say so', () => {
  expect(() => featureData('queue', 'page', 'x'.repeat(60))).toThrow(/longer than 64 bytes/);
});
