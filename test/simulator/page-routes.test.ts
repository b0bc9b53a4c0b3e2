import { InlineKeyboard } from 'grammy';
import { describe, expect, test } from 'vitest';
import { pngOf, runBot } from './cast.ts';
import { listen, startPage } from './page.ts';

test('people come with their place in the team, and each sees their own chats', async () => {
  const { telegram, get, alice, bob, charlie, team } = await startPage({ guestIds: [77] });
  telegram.createPerson({ id: 77, first_name: 'Grace', last_name: 'Guest', username: 'grace' });
  const asPeople = async () => ((await get('people')).body as { people: object[] }).people;
  expect(await asPeople()).toEqual([
    { id: alice.id, name: 'Alice', username: 'alice', role: 'admin', isCrowd: false },
    { id: bob.id, name: 'Bob', username: 'bob', role: 'member', isCrowd: false },
    { id: charlie.id, name: 'Charlie', username: null, role: 'stranger', isCrowd: false },
    { id: 77, name: 'Grace Guest', username: 'grace', role: 'guest', isCrowd: false },
  ]);
  telegram.setMember(team, { id: 77 }, 'member');
  telegram.setMember(team, bob, 'kicked');
  expect((await asPeople()).slice(1)).toMatchObject([{ role: 'removed' }, { role: 'stranger' }, { role: 'member' }]);
  const ids = async (person: number) =>
    ((await get(`chats?person=${person}`)).body as { id: number }[]).map(({ id }) => id);
  expect(await ids(alice.id)).toEqual([alice.id, team.id]);
  expect(await ids(charlie.id)).toEqual([charlie.id]);
  expect((await get(`chats?person=${alice.id}`)).body).toMatchObject([
    { username: 'storyline_bot' },
    { username: null },
  ]);
  expect((await get(`messages?person=${charlie.id}&chat=${team.id}`)).body).toEqual({
    error: `Charlie has no chat ${team.id}`,
  });
});

test('a text, a reply and a file go to the bot and stand in the chat', async () => {
  const { telegram, get, post, postForm, alice } = await startPage();
  const place = { person: alice.id, chat: alice.id };
  const sent = await post('send', { ...place, text: '/start' });
  expect(telegram.lastUpdate().message).toMatchObject({ text: '/start', entities: [{ type: 'bot_command' }] });
  const { messageId } = sent.body as { messageId: number };
  const file = new File([Buffer.from(pngOf(600, 800))], 'a.png', { type: 'image/png' });
  expect((await postForm('file', { ...place, caption: 'poster', replyTo: messageId, file })).status).toBe(200);
  const { message } = telegram.lastUpdate();
  expect(message).toMatchObject({ caption: 'poster', reply_to_message: { text: '/start' } });
  expect((await get(`messages?person=${alice.id}&chat=${alice.id}`)).body).toHaveLength(2);
  const picture = await fetch(`${telegram.url}simulator/files/${message?.photo?.at(-1)?.file_id}`);
  expect(picture.headers.get('content-type')).toBe('image/png');
});

test('a document is a download, whatever it claims to be', async () => {
  const { telegram, alice } = await startPage();
  const page = { kind: 'document', bytes: Buffer.from('<script>'), fileName: 'a.html', mimeType: 'text/html' } as const;
  const { document } = alice.sendMedia(alice.privateChat, page);
  const download = await fetch(`${telegram.url}simulator/files/${document?.file_id}`);
  expect(download.headers.get('content-type')).toBe('application/octet-stream');
  expect(download.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''a.html");
});

test('commands are those of the person and chat', async () => {
  const { api, get, alice, bob, team } = await startPage();
  await api.setMyCommands([{ command: 'team', description: 'Team figures' }], {
    scope: { type: 'all_chat_administrators' },
  });
  expect((await get(`commands?person=${alice.id}&chat=${team.id}`)).body).toMatchObject([{ command: 'team' }]);
  expect((await get(`commands?person=${bob.id}&chat=${team.id}`)).body).toEqual([]);
});

test('a tap, the edit it causes and the bot’s answer are heard live', async () => {
  const { telegram, api, post, bob, team } = await startPage();
  runBot(telegram, (bot) =>
    bot.on('callback_query:data', async (context) => {
      await context.editMessageText('posted by Bob');
      await context.answerCallbackQuery({ text: 'Noted' });
    }),
  );
  const until = await listen(telegram.url);
  const card = await api.sendMessage(team.id, 'card', {
    reply_markup: new InlineKeyboard().text('Posted', 'posted:1'),
  });
  expect(await until(({ kind }) => kind === 'message')).toMatchObject({ view: { message: { text: 'card' } } });
  const tap = { person: bob.id, chat: team.id, messageId: card.message_id, data: 'posted:1', tap: 'mine' };
  expect((await post('press', tap)).status).toBe(202);
  expect(await until(({ kind }) => kind === 'answer')).toEqual({
    kind: 'answer',
    tap: 'mine',
    answer: { text: 'Noted' },
  });
  expect(await until((event) => JSON.stringify(event).includes('posted by Bob'))).toMatchObject({ chatId: team.id });
});

test('deletions and new chats are heard', async () => {
  const { telegram, alice, team } = await startPage();
  const until = await listen(telegram.url);
  const message = alice.send(team, 'x');
  telegram.deleteMessage(message);
  expect(await until(({ kind }) => kind === 'deleted')).toMatchObject({ messageId: message.message_id });
  telegram.createPerson({ first_name: 'Erin' });
  await until(({ kind }) => kind === 'chats');
  telegram.closePages();
  await expect(until(() => false)).rejects.toThrow('The stream ended');
});

describe('what changes something', () => {
  test('is refused when another site’s page asks for it', async () => {
    const { telegram, post, alice } = await startPage();
    const request = { person: alice.id, chat: alice.id, text: 'x' };
    expect((await post('send', request, { origin: 'https://example.org' })).status).toBe(403);
    expect((await post('send', request, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post('send', request, { origin: 'null' })).status).toBe(403);
    expect((await post('send', request, { origin: telegram.apiRoot, 'sec-fetch-site': 'same-origin' })).status).toBe(
      200,
    );
  });

  test('is checked, and refused with a sentence', async () => {
    const { post, alice, bob, charlie, team } = await startPage();
    expect((await post('send', { person: alice.id, chat: alice.id, text: '' })).status).toBe(400);
    expect((await post('send', { person: 1, chat: 1, text: 'x' })).body).toEqual({
      error: 'The simulator has no person 1',
    });
    expect((await post('send', { person: charlie.id, chat: team.id, text: 'x' })).body).toEqual({
      error: 'Charlie is not a member of "Team"',
    });
    const tap = { person: charlie.id, chat: bob.id, messageId: 1, data: 'x', tap: 't' };
    expect((await post('press', tap)).status).toBe(400);
  });
});
