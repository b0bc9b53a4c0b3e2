import { InlineKeyboard } from 'grammy';
import { describe, expect, onTestFinished, test } from 'vitest';
import { pngOf, runBot, startTelegram } from './cast.ts';

async function startPage() {
  const world = await startTelegram();
  const get = async (path: string) => {
    const response = await fetch(`${world.telegram.url}simulator/${path}`);
    return { status: response.status, body: (await response.json()) as unknown };
  };
  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${world.telegram.url}simulator/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json().catch(() => undefined)) as unknown };
  };
  return { ...world, get, post };
}

/** The page's events from now on; the stream is open when this resolves. */
async function listen(url: string) {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const response = await fetch(`${url}simulator/events`, { signal: controller.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return async function until(predicate: (event: { kind: string }) => boolean): Promise<object> {
    for (;;) {
      const events = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? '') as { kind: string });
      const found = events.find(predicate);
      if (found !== undefined) return found;
      const part = await reader?.read();
      if (part === undefined || part.done) throw new Error(`The stream ended after ${text}`);
      text += part.value;
    }
  };
}

test('the page and its files come from the machine itself, under a policy that allows nothing else', async () => {
  const { telegram } = await startPage();
  const page = await fetch(telegram.url);
  expect(page.headers.get('content-security-policy')).toMatch("default-src 'self'");
  const html = await page.text();
  const files = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path]) => path ?? '');
  expect(files).toHaveLength(3);
  const scripts = [
    'server',
    'elements',
    'composer',
    'upload',
    'sidebar',
    'message-list',
    'message-element',
    'keyboard',
  ];
  for (const path of [...files, ...scripts.map((name) => `/simulator/page/${name}.js`)]) {
    const file = await fetch(new URL(path, telegram.url));
    expect([path, file.status]).toEqual([path, 200]);
    expect(await file.text()).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
  }
  expect((await fetch(`${telegram.url}simulator/page/..%2Fsimulator.ts`)).status).toBe(404);
});

test('people come with their place in the team, and each sees their own chats', async () => {
  const { get, alice, charlie, team } = await startPage();
  expect((await get('people')).body).toMatchObject({
    people: [
      { name: 'Alice', role: 'admin' },
      { name: 'Bob', role: 'member' },
      { name: 'Charlie', role: 'stranger' },
    ],
  });
  const ids = async (person: number) =>
    ((await get(`chats?person=${person}`)).body as { id: number }[]).map(({ id }) => id);
  expect(await ids(alice.id)).toEqual([alice.id, team.id]);
  expect(await ids(charlie.id)).toEqual([charlie.id]);
  expect((await get(`messages?person=${charlie.id}&chat=${team.id}`)).body).toEqual({
    error: `Charlie has no chat ${team.id}`,
  });
});

test('a text, a reply and a file go to the bot and stand in the chat', async () => {
  const { telegram, get, post, alice } = await startPage();
  const place = { person: alice.id, chat: alice.id };
  const sent = await post('send', { ...place, text: '/start' });
  expect(telegram.lastUpdate().message).toMatchObject({ text: '/start', entities: [{ type: 'bot_command' }] });
  const form = new FormData();
  const { messageId } = sent.body as { messageId: number };
  const fields = { ...place, caption: 'poster', replyTo: messageId };
  for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
  form.set('file', new File([Buffer.from(pngOf(600, 800))], 'a.png', { type: 'image/png' }));
  expect((await fetch(`${telegram.url}simulator/file`, { method: 'POST', body: form })).status).toBe(200);
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
