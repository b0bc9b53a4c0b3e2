import { InlineKeyboard } from 'grammy';
import { describe, expect, test } from 'vitest';
import { pngOf } from './cast.ts';
import { listen, startPage } from './page.ts';

type Sent = { messageId: number };
type Chats = { id: number; unread: number }[];
type Views = { message: { message_id: number; media_group_id?: string }; reactions: object[] }[];

const png = (name: string) => new File([Buffer.from(pngOf(600, 800))], name, { type: 'image/png' });
const words = (name: string) => new File(['hello'], name, { type: 'text/plain' });

describe('what a person has not read', () => {
  test('are the messages of others after the mark; the mark never goes back or ahead', async () => {
    const { telegram, api, get, post, alice, bob, team } = await startPage();
    const unread = async (person: number) =>
      ((await get(`chats?person=${person}`)).body as Chats).find(({ id }) => id === team.id)?.unread;
    const read = (messageId: number) => post('read', { person: bob.id, chat: team.id, messageId });
    const first = await api.sendMessage(team.id, 'one');
    await api.sendMessage(team.id, 'two');
    bob.send(team, 'my own');
    expect([await unread(alice.id), await unread(bob.id)]).toEqual([3, 2]);

    const until = await listen(telegram.url);
    expect(await read(first.message_id)).toEqual({ status: 200, body: {} });
    expect(await until(({ kind }) => kind === 'read')).toEqual({ kind: 'read', person: bob.id, chatId: team.id });
    expect([await unread(alice.id), await unread(bob.id)]).toEqual([3, 1]);
    await read(1_000_000);
    expect(await unread(bob.id)).toBe(0);
    await read(first.message_id);
    expect(await unread(bob.id)).toBe(0);
    await api.sendMessage(team.id, 'three');
    expect(await unread(bob.id)).toBe(1);
  });

  test('is counted in chats of their own only', async () => {
    const { post, charlie, team } = await startPage();
    expect(await post('read', { person: charlie.id, chat: team.id, messageId: 1 })).toEqual({
      status: 400,
      body: { error: `Charlie has no chat ${team.id}` },
    });
  });
});

describe('an album', () => {
  test('is a message for each file, one id for all, the caption on the first, all in reply to the same', async () => {
    const { telegram, get, post, postForm, alice } = await startPage();
    const place = { person: alice.id, chat: alice.id };
    const { messageId } = (await post('send', { ...place, text: 'look' })).body as Sent;
    const video = new File(['not really'], 'b.mp4', { type: 'video/mp4' });
    const fields = { ...place, caption: 'Two of us', replyTo: messageId, file: [png('a.png'), video] };
    const sent = await postForm('album', fields);
    expect(sent).toEqual({ status: 200, body: { messageIds: [messageId + 1, messageId + 2] } });

    const [first, second] = telegram.pendingUpdates().slice(-2);
    const album = first?.message?.media_group_id;
    expect(album).toMatch(/^\d+$/);
    const reply_to_message = { message_id: messageId };
    expect(first?.message).toMatchObject({ photo: {}, caption: 'Two of us', reply_to_message });
    expect(second?.message).toMatchObject({ video: {}, media_group_id: album, reply_to_message });
    expect(second?.message).not.toHaveProperty('caption');
    const views = (await get(`messages?person=${alice.id}&chat=${alice.id}`)).body as Views;
    expect(views.map(({ message }) => message.media_group_id)).toEqual([undefined, album, album]);
    const next = (await postForm('album', { ...place, file: [png('a.png'), png('b.png')] })).body;
    expect(next).toMatchObject({ messageIds: { length: 2 } });
    expect(telegram.lastUpdate().message?.media_group_id).not.toBe(album);
  });

  test('of documents holds only documents, which any file can be sent as', async () => {
    const { telegram, postForm, alice } = await startPage();
    const place = { person: alice.id, chat: alice.id };
    expect((await postForm('album', { ...place, file: [words('a.txt'), words('b.txt')] })).status).toBe(200);
    expect(
      (await postForm('album', { ...place, asDocument: 'true', file: [words('c.txt'), png('d.png')] })).status,
    ).toBe(200);
    expect(telegram.lastUpdate().message?.document).toMatchObject({ file_name: 'd.png' });
  });

  test('has 2-10 files that go together; otherwise nothing of it is sent', async () => {
    const { telegram, postForm, alice } = await startPage();
    const gif = new File(['GIF89a'], 'a.gif', { type: 'image/gif' });
    const refused: [File[], string][] = [
      [[png('a.png')], 'An album has 2-10 files'],
      [Array.from({ length: 11 }, () => png('a.png')), 'An album has 2-10 files'],
      [[png('a.png'), gif], 'A GIF cannot be part of an album; send it alone'],
      [[png('a.png'), words('b.txt')], 'Documents go together only with documents; send all of them as files'],
    ];
    for (const [file, error] of refused) {
      const answer = await postForm('album', { person: alice.id, chat: alice.id, file });
      expect(answer).toEqual({ status: 400, body: { error } });
    }
    expect((await postForm('album', { person: alice.id, chat: alice.id })).status).toBe(400);
    expect(telegram.messages(alice.privateChat)).toEqual([]);
    const ten = Array.from({ length: 10 }, (_, index) => png(`${index}.png`));
    expect((await postForm('album', { person: alice.id, chat: alice.id, file: ten })).body).toMatchObject({
      messageIds: { length: 10 },
    });
  });
});

describe('an edit', () => {
  test('changes the text of an own message and tells the bot; the same words tell nothing', async () => {
    const { telegram, post, alice } = await startPage();
    const sent = alice.send(alice.privateChat, '/stats');
    const place = { person: alice.id, chat: alice.id, messageId: sent.message_id };
    expect(await post('edit', { ...place, text: '/stats 7' })).toEqual({ status: 200, body: {} });
    expect(telegram.lastUpdate().edited_message).toMatchObject({
      message_id: sent.message_id,
      text: '/stats 7',
      entities: [{ type: 'bot_command', offset: 0, length: 6 }],
    });
    const updates = telegram.pendingUpdates().length;
    expect((await post('edit', { ...place, text: '/stats 7' })).status).toBe(200);
    expect(telegram.pendingUpdates()).toHaveLength(updates);
  });

  test('of a picture changes its caption, which may end', async () => {
    const { telegram, post, alice } = await startPage();
    const photo = alice.sendMedia(alice.privateChat, { kind: 'photo', bytes: pngOf(600, 800), caption: 'first' });
    const place = { person: alice.id, chat: alice.id, messageId: photo.message_id };
    await post('edit', { ...place, text: 'second #thoughts' });
    const current = () => telegram.message(alice.privateChat, photo.message_id);
    expect(current()).toMatchObject({
      caption: 'second #thoughts',
      photo: {},
      caption_entities: [{ type: 'hashtag' }],
    });
    expect(current()).not.toHaveProperty('text');
    await post('edit', { ...place, text: '' });
    expect(current()).toMatchObject({ photo: {} });
    expect(current()).not.toHaveProperty('caption');
    expect((await post('edit', { ...place, text: 'x'.repeat(1025) })).body).toEqual({
      error: 'A caption has at most 1024 characters',
    });
  });

  test('of what is not one’s own, forwarded, empty or gone is refused', async () => {
    const { telegram, api, post, alice, bob, team } = await startPage();
    const edit = async (message: { message_id: number }, text = 'x') =>
      (await post('edit', { person: bob.id, chat: team.id, messageId: message.message_id, text })).body;
    const card = await api.sendMessage(team.id, 'card');
    expect(await edit(card)).toEqual({ error: 'Bob can only edit own messages' });
    expect(await edit(bob.forward(card, team))).toEqual({ error: 'A forwarded message cannot be edited' });
    const own = bob.send(team, 'mine');
    expect(await edit(own, '  ')).toEqual({ error: 'A message cannot become empty; delete it instead' });
    telegram.deleteMessage(own);
    expect(await edit(own)).toEqual({ error: `Chat ${team.id} has no message ${own.message_id} (any more)` });
    const last = bob.send(team, 'bye');
    telegram.setMember(team, bob, 'left', { by: alice });
    expect(await edit(last)).toEqual({ error: 'Bob is not a member of "Team"' });
  });
});

test('a reaction is set, changed and taken back; everybody sees whose it is', async () => {
  const { telegram, api, get, post, alice, bob, charlie, team } = await startPage();
  const card = await api.sendMessage(team.id, 'card');
  const react = (person: number, emoji: string) =>
    post('react', { person, chat: team.id, messageId: card.message_id, emoji });
  const reactions = async () => ((await get(`messages?person=${bob.id}&chat=${team.id}`)).body as Views)[0]?.reactions;
  const until = await listen(telegram.url);
  expect(await react(alice.id, '👍')).toEqual({ status: 200, body: {} });
  await react(bob.id, '👍');
  expect(await reactions()).toEqual([{ emoji: '👍', count: 2, people: [alice.id, bob.id] }]);
  await until((event) => JSON.stringify(event).includes('"count":2'));
  // As a keyboard types it: with the selector that asks for the coloured form.
  await react(bob.id, '❤️');
  expect(await reactions()).toMatchObject([
    { emoji: '👍', count: 1 },
    { emoji: '❤', people: [bob.id] },
  ]);
  await react(alice.id, '');
  await react(bob.id, '');
  expect(await reactions()).toEqual([]);
  expect((await react(bob.id, '🚲')).body).toEqual({ error: 'Telegram offers no reaction 🚲' });
  expect((await react(charlie.id, '👍')).body).toEqual({ error: 'Charlie is not a member of "Team"' });
});

test('a forwarded card keeps its buttons and names its author; what is protected or not seen is not forwarded', async () => {
  const { telegram, api, post, alice, bob, charlie, team } = await startPage();
  const reply_markup = new InlineKeyboard().text('Posted', 'posted:1');
  const card = await api.sendMessage(team.id, 'card', { reply_markup });
  const forward = (person: number, messageId: number) =>
    post('forward', { person, chat: team.id, messageId, to: person });
  const { messageId } = (await forward(alice.id, card.message_id)).body as Sent;
  expect(telegram.message(alice.privateChat, messageId)).toMatchObject({
    text: 'card',
    forward_origin: { type: 'user', sender_user: { id: telegram.bot.id } },
    reply_markup: { inline_keyboard: [[{ callback_data: 'posted:1' }]] },
  });
  const secret = await api.sendMessage(team.id, 'secret', { protect_content: true });
  expect((await forward(bob.id, secret.message_id)).body).toEqual({
    error: `Message ${secret.message_id} must not be forwarded`,
  });
  expect((await forward(charlie.id, card.message_id)).body).toEqual({ error: `Charlie has no chat ${team.id}` });
  const elsewhere = { person: bob.id, chat: team.id, messageId: card.message_id, to: alice.id };
  expect((await post('forward', elsewhere)).body).toEqual({ error: "Bob cannot write in another person's chat" });
});

test('own messages can be deleted, anybody’s by an administrator or in private', async () => {
  const { telegram, api, post, alice, bob, team } = await startPage();
  const remove = (person: number, message: { chat: { id: number }; message_id: number }) =>
    post('delete', { person, chat: message.chat.id, messageId: message.message_id });
  const card = await api.sendMessage(team.id, 'card');
  const own = bob.send(team, 'mine');
  expect(await remove(bob.id, card)).toEqual({ status: 400, body: { error: 'Bob can only delete own messages here' } });
  expect(await remove(bob.id, own)).toEqual({ status: 200, body: {} });
  expect((await remove(alice.id, card)).status).toBe(200);
  expect(telegram.messages(team)).toEqual([]);
  bob.send(bob.privateChat, '/start');
  expect((await remove(bob.id, await api.sendMessage(bob.id, 'hello'))).status).toBe(200);
  expect((await remove(alice.id, bob.send(bob.privateChat, 'x'))).status).toBe(400);
  expect(telegram.messages(bob.privateChat).map(({ text }) => text)).toEqual(['/start', 'x']);
});

test('a deep link is /start with its code, byte for byte', async () => {
  const { telegram, post, charlie } = await startPage();
  const text = '/start inv_A-b_C012345678';
  expect((await post('send', { person: charlie.id, chat: charlie.id, text })).status).toBe(200);
  expect(telegram.lastUpdate().message).toMatchObject({
    text,
    entities: [{ type: 'bot_command', offset: 0, length: 6 }],
    chat: { type: 'private' },
  });
});
