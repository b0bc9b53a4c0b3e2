import { describe, expect, test } from 'vitest';
import { refusalOf, startTelegram } from './cast.ts';

describe('the Bot API', () => {
  test('answers 401 to a wrong token and 404 to a method it does not have, which is in the history', async () => {
    const { telegram } = await startTelegram();
    const wrong = await fetch(`${telegram.apiRoot}/bot123:wrong/getMe`);
    expect([wrong.status, await wrong.json()]).toEqual([
      401,
      { ok: false, error_code: 401, description: 'Unauthorized' },
    ]);
    const unknown = await fetch(`${telegram.apiRoot}/bot${telegram.token}/sendDice?chat_id=1`);
    expect([unknown.status, await unknown.json()]).toEqual([
      404,
      { ok: false, error_code: 404, description: 'Not Found' },
    ]);
    expect(telegram.calls('sendDice')).toMatchObject([{ payload: { chat_id: '1' }, answer: { error_code: 404 } }]);
  });

  test('takes parameters from query, form, multipart and JSON, and methods in any case', async () => {
    const { telegram, team } = await startTelegram();
    const root = `${telegram.apiRoot}/bot${telegram.token}`;
    const multipart = new FormData();
    multipart.set('chat_id', String(team.id));
    multipart.set('text', 'three');
    multipart.set('entities', JSON.stringify([{ type: 'bold', offset: 0, length: 5 }]));
    await fetch(`${root}/SENDMESSAGE?chat_id=${team.id}&text=one`);
    await fetch(`${root}/sendMessage`, {
      method: 'POST',
      body: new URLSearchParams({ chat_id: String(team.id), text: 'two' }),
    });
    await fetch(`${root}/sendMessage`, { method: 'POST', body: multipart });
    await fetch(`${root}/sendmessage`, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ chat_id: String(team.id), text: 'four' }),
    });
    expect(telegram.messages(team).map(({ text }) => text)).toEqual(['one', 'two', 'three', 'four']);
    expect(telegram.messages(team)[2]?.entities).toHaveLength(1);
    expect(telegram.calls('sendMessage')).toHaveLength(4);
    const broken = await fetch(`${root}/sendMessage`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect(broken.status).toBe(400);
  });

  test('knows the bot', async () => {
    const { telegram, api } = await startTelegram();
    expect(await api.getMe()).toMatchObject({
      id: telegram.bot.id,
      username: 'storyline_bot',
      can_read_all_group_messages: false,
    });
    await api.setMyDescription('x');
    await api.setMyShortDescription('x');
  });
});

describe('command menus', () => {
  const list = (...commands: string[]) => commands.map((command) => ({ command, description: command }));

  test('are resolved from the narrowest scope to the widest', async () => {
    const { telegram, api, alice, bob, charlie, team } = await startTelegram();
    const menu = (person: typeof alice, chat: { id: number }) =>
      telegram.commandsFor(person, chat).map(({ command }) => command);
    expect(menu(alice, team)).toEqual([]);
    await api.setMyCommands(list('start'));
    await api.setMyCommands(list('group'), { scope: { type: 'all_group_chats' } });
    await api.setMyCommands(list('team'), { scope: { type: 'all_chat_administrators' } });
    await api.setMyCommands(list('bob'), { scope: { type: 'chat_member', chat_id: team.id, user_id: bob.id } });
    expect([menu(alice, team), menu(bob, team), menu(charlie, charlie.privateChat)]).toEqual([
      ['team'],
      ['bob'],
      ['start'],
    ]);
    await api.setMyCommands(list('gruppe'), { scope: { type: 'all_group_chats' }, language_code: 'de' });
    const dora = telegram.createPerson({ first_name: 'Dora', language_code: 'de' });
    expect(menu(dora, team)).toEqual(['gruppe']);
    await api.deleteMyCommands({ scope: { type: 'all_chat_administrators' } });
    expect(menu(alice, team)).toEqual(['group']);
    expect(await api.getMyCommands()).toEqual(list('start'));
  });

  test('hold lower case names with a description, for chats that exist', async () => {
    const { api, alice } = await startTelegram();
    expect(await refusalOf(api.setMyCommands(list('Start')))).toBe('400 Bad Request: BOT_COMMAND_INVALID');
    expect(await refusalOf(api.setMyCommands([{ command: 'a', description: '' }]))).toMatch('must be non-empty');
    const elsewhere = { scope: { type: 'chat' as const, chat_id: -100123 } };
    expect(await refusalOf(api.setMyCommands(list('a'), elsewhere))).toBe('400 Bad Request: chat not found');
    const notStarted = { scope: { type: 'chat' as const, chat_id: alice.id } };
    expect(await refusalOf(api.setMyCommands(list('a'), notStarted))).toBe('400 Bad Request: chat not found');
    alice.send(alice.privateChat, '/start');
    expect(await api.setMyCommands(list('a'), notStarted)).toBe(true);
  });
});
