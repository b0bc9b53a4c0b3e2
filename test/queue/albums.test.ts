import { asc } from 'drizzle-orm';
import type { Message } from 'grammy/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mediaItems, queueItems, users } from '../../src/db/schema/index.ts';
import type { AlbumPayload } from '../../src/queue/take-in-job.ts';
import type { MediaToSend, Person } from '../../src/simulator/simulator.ts';
import { picture } from '../support/picture.ts';
import { interactionLines, interactionRows } from '../support/rows.ts';
import { NOON, startTeam, type Team } from '../support/team.ts';

let team: Team;
let seed = 80_000;
let albums = 0;
beforeEach(async () => {
  team = await startTeam();
  seed += 100;
});
afterEach(() => team.stop());

/** Sends an album; the caption is that of its first part, as Telegram has it. */
function sendAlbum(
  person: Person,
  parts: readonly Partial<MediaToSend>[],
  options: { chat?: { id: number }; caption?: string; replyTo?: Message } = {},
): Message[] {
  albums += 1;
  const { chat = person.privateChat, caption, replyTo } = options;
  return parts.map((part, index) =>
    person.sendMedia(chat, {
      kind: 'document',
      bytes: picture(seed + index),
      fileName: `${index + 1}.jpg`,
      mediaGroupId: String(albums),
      ...(index === 0 && caption !== undefined ? { caption } : {}),
      ...(replyTo ? { replyTo } : {}),
      ...part,
    }),
  );
}
const documents = (count: number) => Array.from({ length: count }, () => ({}));
const answersIn = (chat: { id: number }) =>
  team.telegram.messages(chat).filter(({ from, reply_to_message: to }) => from?.is_bot && to !== undefined);
/** The one answer to an album. */
async function answerTo([first]: Message[], chat: { id: number } = team.bob.privateChat): Promise<Message> {
  await team.albumsAreComplete();
  return team.telegram.waitForMessage(
    chat,
    ({ from, reply_to_message: to }) => from?.is_bot === true && to?.message_id === first?.message_id,
  );
}
const library = () => team.test.db.select().from(mediaItems).orderBy(asc(mediaItems.id));
/** File names in the order of their slots. */
async function plan(): Promise<string[]> {
  const names = new Map((await library()).map(({ id, fileName }) => [id, fileName]));
  const items = await team.test.db.select().from(queueItems).orderBy(asc(queueItems.scheduledFor));
  return items.map(({ mediaItemId }) => names.get(mediaItemId) ?? '');
}
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `${index + 1}.jpg`);

test('an album of ten is taken in and planned in its order, with one answer that names every slot', async () => {
  const { bob } = team;
  const answer = await answerTo(sendAlbum(bob, documents(10), { caption: 'Our *trip*' }));
  expect(answer.text).toMatch(
    /^✅ Added 10 documents\nTeam gets them \(Europe\/Berlin\):\n• today 14:00 1\.jpg\n• today 18:00 2\.jpg\n/,
  );
  expect(
    answer.text
      ?.split('\n')
      .slice(2)
      .map((line) => line.split(' ').at(-1)),
  ).toEqual(numbered(10));
  expect(await plan()).toEqual(numbered(10));
  expect((await library()).map(({ caption }) => caption)).toEqual(['Our *trip*', ...Array(9).fill(null)]);
  await team.settle();
  expect(answersIn(bob.privateChat)).toHaveLength(1);
  const rows = await interactionRows(team.test.db);
  expect(
    rows.map(({ interactionName, context }) => [interactionName, context.media_filename, context.outcome]),
  ).toEqual(numbered(10).map((name) => ['upload', name, 'done']));
});

test('photos are called pictures, mixed kinds files; what is known already is named with what became of it', async () => {
  const { bob } = team;
  const first = await answerTo(sendAlbum(bob, [{ kind: 'photo' }, { kind: 'photo' }]));
  expect(first.text).toMatch(/^✅ Added 2 pictures\n/);
  const second = await answerTo(
    sendAlbum(bob, [
      { kind: 'photo', bytes: picture(seed + 50) },
      { kind: 'video', bytes: picture(seed + 51), fileName: 'clip.mp4' },
      { kind: 'photo', bytes: picture(seed) },
      { kind: 'photo', bytes: picture(seed + 50) },
    ]),
  );
  expect(second.text).toMatch(
    /^✅ Added 2 files\n.+\n• .+\n• .+ clip\.mp4\n♻️ I have 2 already:\n• photo .+: it is planned for today 14:00\.\n• photo .+: it is planned for today 22:00\.$/,
  );
  expect(await library()).toHaveLength(4);
  expect(await plan()).toHaveLength(4);
});

test('an album of which all is known adds nothing and says so once', async () => {
  const { bob } = team;
  await answerTo(sendAlbum(bob, documents(2)));
  const again = await answerTo(sendAlbum(bob, documents(2)));
  expect(again.text).toBe(
    '♻️ I have 2 already:\n• 1.jpg: it is planned for today 14:00.\n• 2.jpg: it is planned for today 18:00.',
  );
  expect(await plan()).toHaveLength(2);
});

test('in the group an album is meant as a whole when its first part names the bot', async () => {
  const { bob, group, telegram } = team;
  sendAlbum(bob, documents(2), { chat: group });
  await team.settle();
  expect(await interactionLines(team.test.db)).toEqual([]);

  const sent = sendAlbum(bob, documents(3), { chat: group, caption: `for @${telegram.bot.username}` });
  expect((await answerTo(sent, group)).text).toMatch(/^✅ Added 3 documents/);
  expect(await plan()).toEqual(numbered(3));
  expect(await interactionLines(team.test.db)).toEqual(Array(3).fill('Bob upload done'));
  expect(answersIn(group)).toHaveLength(1);
});

test('a restart of the bot between two parts forgets neither the album nor that it is meant for the bot', async () => {
  const { bob, group, telegram } = team;
  const caption = `for @${telegram.bot.username}`;
  const mediaGroupId = 'over a restart';
  const [first] = sendAlbum(bob, [{ mediaGroupId }], { chat: group, caption });
  await team.settle();
  await team.stopBot();
  bob.sendMedia(group, { kind: 'document', bytes: picture(seed + 1), fileName: '2.jpg', mediaGroupId });
  team.startBot();
  const answer = await answerTo(first ? [first] : [], group);
  expect(answer.text).toMatch(/^✅ Added 2 documents/);
  expect(await plan()).toEqual(numbered(2));
});

test('an album in reply to the bot is taken in like one that names it', async () => {
  const { bob, group, telegram } = team;
  bob.send(group, '/help');
  const replyTo = await telegram.waitForMessage(group, ({ from }) => from?.is_bot === true);
  const sent = sendAlbum(bob, documents(2), { chat: group, replyTo });
  expect((await answerTo(sent, group)).text).toMatch(/^✅ Added 2 documents/);
});

test('with two team chats the question comes once, and its answer takes all parts', async () => {
  const { bob, telegram, services } = team;
  const second = telegram.createGroup({ title: 'Second', members: [bob] });
  await services.chats.admit({ id: second.id, title: 'Second', type: 'supergroup', timeZone: 'UTC', addedBy: null });
  const [first] = sendAlbum(bob, documents(4));
  await team.albumsAreComplete();
  const questions = answersIn(bob.privateChat);
  expect(questions.map(({ text }) => text)).toEqual(['Whose queue is it for?']);
  expect(questions[0]?.reply_to_message?.message_id).toBe(first?.message_id);
  expect(await library()).toEqual([]);

  const [question] = questions;
  if (!question) throw new Error('no question');
  expect(await bob.press(question, 'Second')).toEqual({ text: 'Taken in.' });
  const answer = await telegram.waitForMessage(bob.privateChat, ({ text }) => text?.startsWith('✅') ?? false);
  expect(answer.text).toMatch(/^✅ Added 4 documents\nSecond gets them \(UTC\):/);
  expect(await plan()).toEqual(numbered(4));
  const chats = await team.test.db.select({ chatId: queueItems.chatId }).from(queueItems);
  expect(new Set(chats.map(({ chatId }) => chatId))).toEqual(new Set([second.id]));
  expect(telegram.message(bob.privateChat, question.message_id)).toBeUndefined();

  // A second tap that was on its way already finds nothing waiting, and takes nothing in twice.
  await bob.tap(bob.privateChat, `queue:add:${second.id}`, { messageId: question.message_id });
  await team.settle();
  expect(await plan()).toHaveLength(4);
});

test('redelivered parts are neither added nor answered twice', async () => {
  const { bob, telegram } = team;
  const sent = sendAlbum(bob, documents(3));
  await team.settle();
  const updates = sent.map((message) =>
    telegram.lastUpdate(({ message: one }) => one?.message_id === message.message_id),
  );
  for (const [index, update] of updates.entries()) if (update) telegram.redeliver(update, { newUpdateId: index > 0 });
  await answerTo(sent);
  for (const update of updates) if (update) telegram.redeliver(update, { newUpdateId: true });
  await team.albumsAreComplete();
  await team.settle();
  expect(await plan()).toEqual(numbered(3));
  expect(answersIn(bob.privateChat)).toHaveLength(1);
  expect(await interactionLines(team.test.db)).toHaveLength(3);
});

test('who may not add media is told so once for the whole album', async () => {
  const { dana, test: database } = team;
  await database.db.insert(users).values({ telegramUserId: dana.id, role: 'guest', dateJoined: NOON });
  sendAlbum(dana, documents(3));
  await team.settle();
  const said = team.telegram.messages(dana.privateChat).flatMap(({ from, text }) => (from?.is_bot ? [text] : []));
  expect(said).toEqual(['Only members of the team can add media.']);
  expect(await interactionLines(database.db)).toEqual(Array(3).fill('Dana upload denied'));
});

/** What gathering hands over, as the job gets it; the job itself is run by the test. */
async function payload(count: number): Promise<AlbumPayload> {
  const { telegram, bob, services } = team;
  bob.send(bob.privateChat, '/start');
  await team.settle();
  const userId = (await services.users.byTelegramId(bob.id))?.id ?? '';
  const messageId = telegram.messages(bob.privateChat)[0]?.message_id ?? 0;
  const part = (index: number) => {
    const file = telegram.files.add({ kind: 'document', bytes: picture(seed + index) });
    return {
      upload: {
        kind: 'document' as const,
        fileId: file.file_id,
        fileUniqueId: file.file_unique_id,
        fileName: `${index + 1}.jpg`,
        mimeType: null,
        fileSize: file.size,
        caption: null,
        captionEntities: [],
      },
      userId,
      replyTo: { chatId: bob.privateChat.id, messageId: messageId + index },
    };
  };
  const others = Array.from({ length: count - 1 }, (_, index) => part(index + 1));
  return { parts: [part(0), ...others], teamChatId: team.group.id };
}
const answers = () =>
  team.telegram.messages(team.bob.privateChat).flatMap(({ text }) => (text?.includes('.jpg') ? [text] : []));
const badGateway = { error: { code: 502, description: 'Bad Gateway' } };
/** Telegram does not hand out the second file, however often it is asked. */
function secondIsLost(album: AlbumPayload): void {
  const lost = album.parts[1]?.upload.fileId;
  team.telegram.arm('getFile', badGateway, { times: 100, where: ({ file_id }) => file_id === lost });
}

test('a run that failed in the middle has planned nothing, and the next one keeps the order', async () => {
  const album = await payload(3);
  team.telegram.arm('getFile', badGateway, { where: ({ file_id }) => file_id === album.parts[1]?.upload.fileId });
  await expect(team.services.takeIn(album, { attempt: 1, isLast: false })).rejects.toThrow();
  expect(await library()).toHaveLength(2);
  expect(await plan()).toEqual([]);
  await team.services.takeIn(album, { attempt: 2, isLast: false });
  expect(await plan()).toEqual(numbered(3));
  expect(answers()).toEqual([expect.stringMatching(/^✅ Added 3 documents/)]);
});

test('a run that died before its answer is finished by the next one, which finds its own', async () => {
  const album = await payload(3);
  team.telegram.arm('sendMessage', badGateway);
  await expect(team.services.takeIn(album, { attempt: 1, isLast: false })).rejects.toThrow();
  await team.services.takeIn(album, { attempt: 2, isLast: false });
  expect(await plan()).toEqual(numbered(3));
  expect(answers()).toEqual([expect.stringMatching(/^✅ Added 3 documents/)]);
});

test('a part that Telegram does not hand out holds the others up for three attempts only, and is named', async () => {
  const album = await payload(3);
  secondIsLost(album);
  for (const attempt of [1, 2, 3]) {
    await expect(team.services.takeIn(album, { attempt, isLast: false })).rejects.toThrow();
  }
  expect(answers()).toEqual([]);
  await team.services.takeIn(album, { attempt: 4, isLast: false });
  expect(answers()).toEqual([
    expect.stringMatching(
      /^✅ Added 2 documents\n.+\n.+1\.jpg\n.+3\.jpg\n⚠️ I could not fetch 1 from Telegram\. Please send again:\n• 2\.jpg$/,
    ),
  ]);
  expect(await plan()).toEqual(['1.jpg', '3.jpg']);
});

test('an album of which nothing comes is tried to the last, then told', async () => {
  const album = await payload(2);
  team.telegram.arm('getFile', badGateway, { times: 100 });
  await expect(team.services.takeIn(album, { attempt: 9, isLast: false })).rejects.toThrow();
  expect(answers()).toEqual([]);
  await expect(team.services.takeIn(album, { attempt: 10, isLast: true })).rejects.toThrow();
  expect(answers()).toEqual(['⚠️ I could not fetch 2 from Telegram. Please send again:\n• 1.jpg\n• 2.jpg']);
});
