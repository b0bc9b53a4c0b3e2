import fc from 'fast-check';
import type { Message, MessageEntity } from 'grammy/types';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mediaItems, queueItems } from '../../src/db/schema/index.ts';
import { POSTING_STEPS } from '../../src/queue/card-messages.ts';
import { dataOf } from '../support/buttons.ts';
import { HOSTILE, sentText } from '../support/hostile.ts';
import { picture } from '../support/picture.ts';
import { startTeam, type Team } from '../support/team.ts';

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.stop());

let number = 10_000;

/** Sends a document in private and brings it into the group. No call of the bot may be refused on the way. */
async function cardOf(media: { fileName?: string; caption?: string; entities?: MessageEntity[] }): Promise<Message> {
  const { alice, telegram } = team;
  number += 1;
  const { entities, ...sent } = media;
  const upload = alice.sendMedia(alice.privateChat, { kind: 'document', bytes: picture(number), ...sent });
  await telegram.waitForMessage(alice.privateChat, ({ reply_to_message: to }) => to?.message_id === upload.message_id);
  const card = await team.nextCard();
  expect(telegram.history.filter(({ answer }) => !answer.ok)).toEqual([]);
  return card;
}

const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });
const graphemes = (text: string) => [...characters.segment(text)].map(({ segment }) => segment);

test.each(HOSTILE)('T22: the file name %j arrives as it is, on the card and in the answer', async (fileName) => {
  const card = await cardOf({ fileName });
  expect(card.caption).toBe(`📁 ${fileName}\n${POSTING_STEPS}`);
  const answer = team.telegram.messages(team.alice.privateChat).at(-1);
  expect(answer?.text).toContain(`✅ Added ${fileName}`);
});

test('T22: any caption and file name arrives byte-identical or clipped, never split, never refused', async () => {
  await fc.assert(
    fc.asyncProperty(sentText(1024), sentText(120), async (caption, fileName) => {
      const shown = (await cardOf({ caption, fileName })).caption ?? '';
      expect(shown.length).toBeLessThanOrEqual(1024);
      expect(shown.isWellFormed()).toBe(true);
      expect(shown.endsWith(`\n${POSTING_STEPS}`)).toBe(true);
      const [above = '', below = ''] = [
        shown.slice(0, shown.lastIndexOf('\n\n📁 ')),
        shown.slice(shown.lastIndexOf('\n\n📁 ') + 5, -POSTING_STEPS.length - 1),
      ];
      expectWholeOrClipped(above, caption);
      expectWholeOrClipped(below, fileName);
    }),
    { numRuns: 40 },
  );
});

/** The same text, or its first characters, whole ones, and "…". */
function expectWholeOrClipped(shown: string, whole: string): void {
  if (shown === whole) return;
  expect(shown.endsWith('…')).toBe(true);
  const kept = graphemes(shown.slice(0, -1));
  expect(kept).toEqual(graphemes(whole).slice(0, kept.length));
}

test('T22: 1,024 units of joined emoji are clipped between characters, and the footer is whole', async () => {
  const card = await cardOf({ caption: '👩‍👩‍👧‍👦'.repeat(93), fileName: 'family.pdf' });
  expect(card.caption).toMatch(/^(👩‍👩‍👧‍👦)+…\n\n📁 family\.pdf\n👉.*$/u);
  expect(card.caption?.length).toBeLessThanOrEqual(1024);
});

test('T22: a long caption keeps its place when the card grows by a decision with a long name', async () => {
  const { telegram, group } = team;
  const longName = telegram.createPerson({ first_name: '𝕷'.repeat(32), last_name: '_*[]()<>&'.repeat(7) });
  telegram.setMember(group, longName, 'member');
  const card = await cardOf({ caption: 'x'.repeat(1024), fileName: 'y'.repeat(200) });
  await longName.press(card, 'Reject');
  await team.settle();
  await longName.press(team.now(card), 'Yes');
  await team.settle();
  const now = team.now(card);
  expect(now.caption?.length).toBeLessThanOrEqual(1024);
  expect(now.caption).toMatch(/^x+…\n\n📁 y+…\n🚫 Rejected for ever by 𝕷+…?.*\nFri 20 Nov 12:00$/su);
  expect(telegram.history.filter(({ answer }) => !answer.ok)).toEqual([]);
});

test('T22: bold stays bold, on the card and after a decision', async () => {
  const { db } = team.test;
  const entities = [
    { type: 'bold', offset: 0, length: 4 },
    { type: 'text_link', offset: 5, length: 2, url: 'https://example.org/' },
  ];
  const [medium] = await db
    .insert(mediaItems)
    .values({
      telegramFileId: (await cardOf({ fileName: 'a.pdf' })).document?.file_id ?? null,
      kind: 'document',
      fileName: 'b.pdf',
      caption: 'Bold is 👍',
      captionEntities: entities,
    })
    .returning();
  await db
    .insert(queueItems)
    .values({ chatId: team.group.id, mediaItemId: medium?.id ?? '', scheduledFor: new Date(0) });
  const card = await team.nextCard();
  expect(card.caption_entities).toEqual(expect.arrayContaining(entities));
  await team.bob.press(card, 'Posted');
  await team.settle();
  expect(team.now(card).caption_entities).toEqual(expect.arrayContaining(entities));
});

test('T22: a hostile name of a person arrives as it is, in the answer, on the card and in /stats', async () => {
  const { telegram, group } = team;
  const name = '</b>*_[Bobby](tg://x) 👩‍👩‍👧‍👦';
  const bobby = telegram.createPerson({ first_name: name, username: 'bobby' });
  telegram.setMember(group, bobby, 'member');
  const card = await cardOf({ fileName: 'c.pdf' });
  await bobby.press(card, 'Posted');
  await team.settle();
  expect(team.now(card).caption).toContain(`✅ Posted by ${name}`);
  const late = await team.bob.tap(group, dataOf(card, 'Skip'), { messageId: card.message_id });
  expect(late).toMatchObject({ text: `Already posted by ${name}, Fri 20 Nov 12:00.` });
});
