import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mediaItems } from '../../src/db/schema/index.ts';
import { cardDetailsMessage } from '../../src/queue/card-details-messages.ts';
import type { CardDetails } from '../../src/queue/card-details-repository.ts';
import { dataOf } from '../support/buttons.ts';
import { sentText } from '../support/hostile.ts';
import { interactionRows, onlyMedium } from '../support/rows.ts';
import { NOON, startTeam, type Team } from '../support/team.ts';

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.stop());

const details: CardDetails = {
  fileName: 'paris.jpg',
  category: 'nature',
  timesPosted: 2,
  lastPostedAt: new Date('2026-10-01T10:00:00Z'),
  duplicates: 1,
  addedAt: new Date('2026-09-01T10:00:00Z'),
  addedBy: 'Alice',
  scheduledFor: NOON,
  isLockedForever: false,
  lockedUntil: null,
};

test('ℹ️ tells what is known about a card, in an alert', async () => {
  await team.fill(1);
  const card = await team.nextCard();
  await team.test.db.update(mediaItems).set({ sha256: 'same' });
  await team.test.db.insert(mediaItems).values({ fileName: 'old.jpg', sha256: 'same', isActive: false });
  const answer = await team.bob.press(card, 'ℹ️');
  expect(answer).toMatchObject({ show_alert: true });
  expect(answer === 'expired' ? '' : answer.text).toMatch(
    /^No category, never posted\nPlanned for today 1\d:\d\d\nSame content as 1 other file\nAdded by Alice, /,
  );
  await team.settle();
  expect((await interactionRows(team.test.db)).at(-1)).toMatchObject({
    interactionName: 'queue:details',
    context: { queue_item_id: dataOf(card, 'ℹ️').split(':')[2], outcome: 'done' },
  });
  await team.bob.press(card, 'Skip');
  const skipped = await team.bob.tap(team.group, dataOf(card, 'ℹ️'), { messageId: card.message_id });
  expect(skipped).toMatchObject({ text: expect.stringContaining('Rests until Mon 4 Jan 2027') });
  expect((await onlyMedium(team.test.db)).timesPosted).toBe(0);
});

test('a card that is not of this chat tells nothing', async () => {
  const forged = await team.bob.tap(team.group, 'queue:details:01234567-89ab-7def-8123-456789abcdef');
  expect(forged).toMatchObject({ text: expect.stringContaining('not valid any more') });
});

test('the words, with all there can be', () => {
  expect(cardDetailsMessage(details, 'Europe/Berlin', NOON)).toBe(
    'nature, posted 2 times, last Thu 1 Oct 12:00\nPlanned for today 12:00\nSame content as 1 other file\nAdded by Alice, Tue 1 Sept 12:00',
  );
  expect(cardDetailsMessage({ ...details, timesPosted: 1, isLockedForever: true }, 'UTC', NOON)).toMatch(
    /^nature, posted once Thu 1 Oct 10:00\n.*\nRejected for ever\n/,
  );
});

test('they fit into an alert whatever names and categories are', () => {
  fc.assert(
    fc.property(sentText(200), sentText(200), (category, addedBy) => {
      const text = cardDetailsMessage({ ...details, category, addedBy, lockedUntil: NOON }, 'UTC', NOON);
      expect(text.length).toBeLessThanOrEqual(200);
      expect(text.isWellFormed()).toBe(true);
    }),
  );
});
