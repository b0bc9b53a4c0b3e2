import { asc } from 'drizzle-orm';
import type { Message } from 'grammy/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mediaItems, queueItems, users } from '../../src/db/schema/index.ts';
import type { MediaToSend, Person } from '../../src/simulator/simulator.ts';
import { picture } from '../support/picture.ts';
import { interactionLines, interactionRows, onlyMedium } from '../support/rows.ts';
import { NOON, startTeam, type Team } from '../support/team.ts';

const HOUR = 3_600_000;
const FIRST_SLOT = new Date(NOON.getTime() + 2 * HOUR);

let team: Team;
let seed = 20_000;
beforeEach(async () => {
  team = await startTeam();
  seed += 100;
});
afterEach(() => team.stop());

/** Sends it and waits for the bot's answer to it. */
async function upload(person: Person, media: Partial<MediaToSend> = {}, chat: { id: number } = person.privateChat) {
  const sent = person.sendMedia(chat, { kind: 'photo', bytes: picture(seed), ...media });
  return answerTo(sent);
}
const answerTo = (sent: Message) =>
  team.telegram.waitForMessage(sent.chat, (message) => message.reply_to_message?.message_id === sent.message_id);
const library = () => team.test.db.select().from(mediaItems).orderBy(asc(mediaItems.id));
const plan = () => team.test.db.select().from(queueItems).orderBy(asc(queueItems.scheduledFor));

test('a picture sent in private joins the library and takes the next free slot', async () => {
  const answer = await upload(team.bob, {
    kind: 'document',
    fileName: 'Paris.jpg',
    mimeType: 'image/jpeg',
    caption: 'In *spring*',
  });
  expect(answer.text).toBe('✅ Added Paris.jpg\nTeam gets it today 14:00 (Europe/Berlin).');
  const [item, ...others] = await library();
  expect(others).toEqual([]);
  expect(item).toMatchObject({
    kind: 'document',
    fileName: 'Paris.jpg',
    mimeType: 'image/jpeg',
    caption: 'In *spring*',
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    timesPosted: 0,
  });
  expect(await plan()).toMatchObject([
    {
      mediaItemId: item?.id,
      chatId: team.group.id,
      scheduledFor: FIRST_SLOT,
      status: 'pending',
      addedBy: item?.addedBy,
    },
  ]);
  expect(await interactionRows(team.test.db)).toMatchObject([
    {
      by: 'Bob',
      interactionType: 'message',
      interactionName: 'upload',
      context: { media_filename: 'Paris.jpg', outcome: 'done' },
    },
  ]);
});

test.each(['photo', 'video', 'animation', 'document'] as const)('a %s is kept with its kind', async (kind) => {
  await upload(team.bob, { kind, ...(kind === 'photo' ? {} : { fileName: `one.${kind}` }) });
  expect(await onlyMedium(team.test.db)).toMatchObject({
    kind,
    fileName: kind === 'photo' ? expect.stringMatching(/^photo 2026-11-20 #\d+\.jpg$/) : `one.${kind}`,
  });
});

test('a picture in the group is taken in as a reply to the bot or with its name, and ignored otherwise', async () => {
  const { bob, group, telegram } = team;
  bob.sendMedia(group, { kind: 'photo', bytes: picture(seed) });
  bob.send(group, '/help');
  const help = await telegram.waitForMessage(group, ({ from }) => from?.is_bot === true);
  await team.settle();
  expect(await library()).toEqual([]);
  expect(await interactionLines(team.test.db)).toEqual(['Bob /help done']);
  expect(telegram.messages(group).filter(({ from }) => from?.is_bot)).toHaveLength(1);

  expect((await upload(bob, { replyTo: help }, group)).text).toContain('✅ Added');
  const named = await upload(bob, { bytes: picture(seed + 1), caption: `for @${telegram.bot.username} please` }, group);
  expect(named.text).toContain('✅ Added');
  expect(await plan()).toHaveLength(2);
});

test('the same content is named and refused, also under another name, kind and by somebody else', async () => {
  await upload(team.bob, { kind: 'document', fileName: 'first.jpg' });
  const said = 'I have this one already: first.jpg\nIt is planned for today 14:00.';
  expect((await upload(team.bob, { kind: 'document', fileName: 'first.jpg' })).text).toBe(`♻️ ${said}`);
  expect((await upload(team.alice, { kind: 'document', fileName: 'other.jpg' })).text).toBe(`♻️ ${said}`);
  expect((await upload(team.dana, { kind: 'photo' })).text).toBe(`♻️ ${said}`);
  expect(await library()).toHaveLength(1);
  expect(await plan()).toHaveLength(1);
});

test('a duplicate of something posted or rejected says so', async () => {
  await upload(team.bob, { kind: 'document', fileName: 'a.jpg' });
  const card = await team.nextCard();
  await team.bob.press(card, 'Posted');
  expect((await upload(team.bob, { kind: 'document', fileName: 'a.jpg' })).text).toBe(
    '♻️ I have this one already: a.jpg\nIt rests until Sun 20 Dec 12:00.\nPosted once, last on Fri 20 Nov 12:00.',
  );
  await team.settle();
  await team.bob.press(team.now(card), 'Undo');
  await team.settle();
  await team.bob.press(team.now(card), 'Reject');
  await team.settle();
  await team.bob.press(team.now(card), 'Yes');
  expect((await upload(team.bob, { kind: 'document', fileName: 'a.jpg' })).text).toBe(
    '♻️ I have this one already: a.jpg\nIt was rejected for ever.',
  );
  expect(await plan()).toHaveLength(1);
});

test('a file of more than 20 MB is taken in without being compared, and says so', async () => {
  const bytes = Buffer.alloc(20 * 1024 * 1024 + 1, seed);
  const answer = await upload(team.bob, { kind: 'video', bytes, fileName: 'long.mp4' });
  expect(answer.text).toMatch(/^✅ Added long\.mp4\n.*\nIt is too large to be compared .* \(over 20 MB\)\.$/);
  expect(await onlyMedium(team.test.db)).toMatchObject({ sha256: null, fileSize: bytes.length });
  expect(team.telegram.calls('getFile')).toEqual([]);
  expect((await upload(team.bob, { kind: 'video', bytes, fileName: 'again.mp4' })).text).toMatch(/^♻️ .*: long\.mp4/);
});

test('two uploads at once get two slots', async () => {
  const { alice, bob } = team;
  const sent = [alice, bob, alice, bob].map((person, index) =>
    person.sendMedia(person.privateChat, { kind: 'photo', bytes: picture(seed + index) }),
  );
  await Promise.all(sent.map(answerTo));
  const slots = (await plan()).map(({ scheduledFor }) => (scheduledFor.getTime() - FIRST_SLOT.getTime()) / HOUR);
  expect(slots).toEqual([0, 4, 8, 24]);
});

test('the same picture sent twice at once is one item and one slot', async () => {
  const { alice, bob } = team;
  const sent = [alice, bob].map((person) =>
    person.sendMedia(person.privateChat, { kind: 'photo', bytes: picture(seed) }),
  );
  const answers = await Promise.all(sent.map(answerTo));
  expect(answers.map(({ text }) => text?.slice(0, 2).trim()).sort()).toEqual(['♻️', '✅'].sort());
  expect(await library()).toHaveLength(1);
  expect(await plan()).toHaveLength(1);
});

test('with two team chats buttons ask whose queue it is for', async () => {
  const { bob, telegram, services } = team;
  const second = telegram.createGroup({ title: 'Second', members: [bob] });
  await services.chats.admit({ id: second.id, title: 'Second', type: 'supergroup', timeZone: 'UTC', addedBy: null });
  const question = await upload(bob);
  expect(question.text).toBe('Whose queue is it for?');
  expect(question.reply_markup?.inline_keyboard.flat().map(({ text }) => text)).toEqual(['Team', 'Second']);
  expect(await library()).toEqual([]);
  expect(await bob.press(question, 'Second')).toEqual({ text: 'Taken in.' });
  await telegram.waitForMessage(bob.privateChat, ({ text }) => text?.includes('Second gets it') ?? false);
  expect(await plan()).toMatchObject([{ chatId: second.id }]);
  expect(telegram.message(bob.privateChat, question.message_id)).toBeUndefined();
});

test('the button of another’s chat, or without an upload behind it, takes nothing in', async () => {
  const { bob, alice, telegram, services } = team;
  const foreign = telegram.createGroup({ title: 'Foreign', members: [alice] });
  const second = telegram.createGroup({ title: 'Second', members: [bob] });
  for (const { id, title } of [foreign, second]) {
    await services.chats.admit({ id, title, type: 'supergroup', timeZone: 'UTC', addedBy: null });
  }
  const question = await upload(bob);
  const refused = { text: 'Please send the picture again.', show_alert: true };
  expect(await bob.tap(bob.privateChat, `queue:add:${foreign.id}`, { messageId: question.message_id })).toEqual(
    refused,
  );
  expect(
    await bob.tap(bob.privateChat, `queue:add:${second.id}`, { messageId: question.message_id, inaccessible: true }),
  ).toEqual(refused);
  await team.settle();
  expect(await library()).toEqual([]);
});

test('a guest and a stranger cannot add media', async () => {
  const { dana, charlie, telegram, test: database } = team;
  await database.db.insert(users).values({ telegramUserId: dana.id, role: 'guest', dateJoined: NOON });
  dana.sendMedia(dana.privateChat, { kind: 'photo', bytes: picture(seed) });
  await telegram.waitForMessage(dana.privateChat, ({ text }) => text === 'Only members of the team can add media.');
  charlie.sendMedia(charlie.privateChat, { kind: 'photo', bytes: picture(seed) });
  await telegram.waitForMessage(
    charlie.privateChat,
    ({ text }) => text?.startsWith('This bot belongs to a team') ?? false,
  );
  await team.settle();
  expect(await library()).toEqual([]);
  expect(await interactionLines(database.db)).toEqual(['Dana upload denied', 'Charlie upload denied']);
});

test('what cannot be posted (a sticker, a voice message) is not understood, and no upload', async () => {
  team.bob.send(team.bob.privateChat, '/start');
  team.telegram.world.updates.add({
    message: {
      message_id: 9_999,
      date: 0,
      chat: team.bob.privateChat,
      from: team.bob.user,
      voice: { file_id: 'v', file_unique_id: 'v', duration: 1 },
    },
  });
  await team.settle();
  expect(await interactionLines(team.test.db)).toEqual(['Bob /start done', 'Bob other noop']);
});
