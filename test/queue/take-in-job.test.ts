import { asc } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mediaItems, queueItems } from '../../src/db/schema/index.ts';
import type { TakeInPayload } from '../../src/queue/take-in-job.ts';
import type { FaultOptions } from '../../src/simulator/simulator.ts';
import { picture } from '../support/picture.ts';
import { decisionRows } from '../support/rows.ts';
import { startTeam, type Team } from '../support/team.ts';

let team: Team;
let seed = 40_000;
beforeEach(async () => {
  team = await startTeam();
  team.bob.send(team.bob.privateChat, '/start');
  await team.settle();
  seed += 1;
});
afterEach(() => team.stop());

/** What the handler would hand to the job for a picture that Bob has sent; the job itself is run by the tests. */
async function payload(): Promise<TakeInPayload> {
  const { telegram, bob, group, services } = team;
  const file = telegram.files.add({ kind: 'photo', bytes: picture(seed) });
  return {
    upload: {
      kind: 'photo',
      fileId: file.file_id,
      fileUniqueId: file.file_unique_id,
      fileName: 'one.jpg',
      mimeType: 'image/jpeg',
      fileSize: file.size,
      caption: null,
      captionEntities: [],
    },
    userId: (await services.users.byTelegramId(bob.id))?.id ?? '',
    replyTo: { chatId: bob.privateChat.id, messageId: telegram.messages(bob.privateChat)[0]?.message_id ?? 0 },
    teamChatId: group.id,
  };
}

const first = { attempt: 1, isLast: false };
const second = { attempt: 2, isLast: false };
const library = () => team.test.db.select().from(mediaItems).orderBy(asc(mediaItems.id));
const plan = () => team.test.db.select().from(queueItems).orderBy(asc(queueItems.id));
const answers = () =>
  team.telegram.messages(team.bob.privateChat).flatMap(({ text }) => (text?.includes('one.jpg') ? [text] : []));
const refuse = (method: string, options: FaultOptions = {}) =>
  team.telegram.arm(method, { error: { code: 502, description: 'Bad Gateway' } }, options);
const AGAIN = '🔁 Said again: I could not be sure that the first answer arrived.';
const ADDED = '✅ Added one.jpg\nTeam gets it today 14:00 (Europe/Berlin).';

test('a run that could not fetch the file has added nothing, and the next one does it all', async () => {
  const one = await payload();
  refuse('getFile');
  await expect(team.services.takeIn(one, first)).rejects.toThrow();
  expect(await library()).toEqual([]);
  await team.services.takeIn(one, second);
  expect(await plan()).toHaveLength(1);
  expect(answers()).toEqual([ADDED]);
});

test('a run whose answer failed is finished by the next one, with one item and one slot', async () => {
  const one = await payload();
  refuse('sendMessage');
  await expect(team.services.takeIn(one, first)).rejects.toThrow();
  expect(await plan()).toHaveLength(1);
  await team.services.takeIn(one, second);
  expect(await library()).toHaveLength(1);
  expect(await plan()).toHaveLength(1);
  expect(answers()).toEqual([ADDED]);
});

test('a run that died between library and plan is finished by the next one', async () => {
  const one = await payload();
  await team.services.takeIn(one, first);
  await team.test.db.delete(queueItems);
  await team.services.takeIn(one, second);
  expect(await library()).toHaveLength(1);
  expect(await plan()).toHaveLength(1);
  expect(answers()).toEqual([ADDED, `${AGAIN}\n${ADDED}`]);
});

test.each(['before', 'after'] as const)(
  'an answer whose connection was cut %s Telegram took it is given once more, labelled as a repeat',
  async (cut) => {
    const one = await payload();
    team.telegram.arm('sendMessage', { cut });
    await expect(team.services.takeIn(one, first)).rejects.toThrow();
    await team.services.takeIn(one, second);
    expect(answers()).toEqual([...(cut === 'after' ? [ADDED] : []), `${AGAIN}\n${ADDED}`]);
  },
);

test('an upload of something rejected stays refused when the refusal has to be said twice', async () => {
  const { bob, services } = team;
  await services.takeIn(await payload(), first);
  const card = await team.nextCard();
  await bob.press(card, 'Reject');
  await team.settle();
  await bob.press(team.now(card), 'Yes');
  await team.settle();
  expect(await decisionRows(team.test.db)).toMatchObject([{ decision: 'rejected' }]);
  const again = await payload();
  again.replyTo.messageId += 1000;
  refuse('sendMessage');
  await expect(services.takeIn(again, first)).rejects.toThrow();
  await services.takeIn(again, second);
  expect(answers().at(-1)).toBe('♻️ I have this one already: one.jpg\nIt was rejected for ever.');
  expect(await plan()).toHaveLength(1);
});

test('the last attempt tells the person, the ones before it do not', async () => {
  const one = await payload();
  refuse('getFile', { times: 2 });
  await expect(team.services.takeIn(one, { attempt: 9, isLast: false })).rejects.toThrow();
  expect(answers()).toEqual([]);
  await expect(team.services.takeIn(one, { attempt: 10, isLast: true })).rejects.toThrow();
  expect(answers()).toEqual(['⚠️ I could not fetch one.jpg from Telegram. Please send it again.']);
});

test('an upload survives a Telegram that fails, by itself', { timeout: 30_000 }, async () => {
  const { bob, telegram } = team;
  refuse('getFile');
  const sent = bob.sendMedia(bob.privateChat, { kind: 'photo', bytes: picture(seed) });
  await telegram.waitForMessage(bob.privateChat, ({ reply_to_message: to }) => to?.message_id === sent.message_id, {
    timeoutMs: 25_000,
  });
  expect(telegram.calls('getFile')).toHaveLength(2);
  expect(await plan()).toHaveLength(1);
});
