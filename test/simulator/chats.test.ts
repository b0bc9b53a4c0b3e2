import { describe, expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { refusalOf, startTelegram } from './cast.ts';

const kinds = (telegram: Simulator) => telegram.pendingUpdates().map((update) => Object.keys(update)[1]);
const texts = (telegram: Simulator) => telegram.pendingUpdates().map((update) => update.message?.text);

describe('a private chat', () => {
  test('is closed to the bot until the person has written', async () => {
    const { api, alice } = await startTelegram();
    expect(await refusalOf(api.sendMessage(alice.id, 'hi'))).toBe(
      "403 Forbidden: bot can't initiate conversation with a user",
    );
    alice.send(alice.privateChat, '/start');
    expect((await api.sendMessage(alice.id, 'hi')).chat).toMatchObject({ id: alice.id, type: 'private' });
    expect(await refusalOf(api.sendMessage(12345, 'hi'))).toBe('400 Bad Request: chat not found');
    expect(await refusalOf(api.sendMessage('', 'hi'))).toBe('400 Bad Request: chat_id is empty');
  });

  test('is closed while the person blocks the bot', async () => {
    const { telegram, api, alice } = await startTelegram();
    alice.send(alice.privateChat, '/start');
    telegram.blockBot(alice);
    expect(telegram.lastUpdate().my_chat_member).toMatchObject({ new_chat_member: { status: 'kicked' } });
    expect(await refusalOf(api.sendMessage(alice.id, 'hi'))).toBe('403 Forbidden: bot was blocked by the user');
    expect(() => alice.send(alice.privateChat, 'x')).toThrow('unblock it first');
    telegram.unblockBot(alice);
    expect(telegram.lastUpdate().my_chat_member).toMatchObject({ new_chat_member: { status: 'member' } });
    await api.sendMessage(alice.id, 'hi');
  });
});

describe('in a group with privacy mode, the bot', () => {
  test('sees commands, replies to it, mentions of it and service messages, and nothing else', async () => {
    const { telegram, api, alice, bob, charlie, team } = await startTelegram();
    const own = await api.sendMessage(team.id, 'hello');
    for (const text of ['chatter', '/stats', '/stats@storyline_bot', '/stats@other_bot', 'hey @storyline_bot']) {
      alice.send(team, text);
    }
    bob.send(team, 'answer', { replyTo: own });
    bob.send(team, 'not a /command');
    expect(texts(telegram)).toEqual(['/stats', '/stats@storyline_bot', 'hey @storyline_bot', 'answer']);
    telegram.setMember(team, charlie, 'member', { by: alice });
    expect(telegram.lastUpdate().message?.new_chat_members?.[0]?.id).toBe(charlie.id);
  });

  test('sees everything as an administrator or with privacy mode off', async () => {
    const { telegram, alice, team } = await startTelegram();
    telegram.privacyMode = false;
    alice.send(team, 'one');
    telegram.privacyMode = true;
    alice.send(team, 'two');
    telegram.setMember(team, telegram.bot, 'administrator', { by: alice });
    alice.send(team, 'three');
    expect(texts(telegram)).toEqual(['one', undefined, 'three']);
  });

  test('sees an edited message as it sees a new one', async () => {
    const { telegram, alice, team } = await startTelegram();
    const command = alice.send(team, '/stats');
    alice.edit(command, '/stats 7');
    alice.edit(alice.send(team, 'chatter'), 'more chatter');
    expect(kinds(telegram)).toEqual(['message', 'edited_message']);
  });

  test('sees an anonymous administrator as GroupAnonymousBot for the group', async () => {
    const { telegram, team } = await startTelegram();
    telegram.sendAnonymously(team, '/stats');
    expect(telegram.lastUpdate().message).toMatchObject({
      from: { username: 'GroupAnonymousBot', is_bot: true },
      sender_chat: { id: team.id },
      entities: [{ type: 'bot_command', offset: 0, length: 6 }],
    });
  });
});

describe('membership', () => {
  test('of the bot is told by my_chat_member and a service message', async () => {
    const { telegram, api, alice, bob } = await startTelegram();
    const group = telegram.createGroup({ title: 'New', members: [alice, bob], addedBy: bob });
    expect(group.id).toBeLessThan(-1_000_000_000_000);
    expect(telegram.pendingUpdates()).toMatchObject([
      { my_chat_member: { from: { id: bob.id }, old_chat_member: { status: 'left' } } },
      { message: { new_chat_members: [{ id: telegram.bot.id }] } },
    ]);
    telegram.removeBot(group, alice);
    expect(kinds(telegram).slice(2)).toEqual(['my_chat_member', 'message']);
    expect(await refusalOf(api.sendMessage(group.id, 'x'))).toBe(
      '403 Forbidden: bot was kicked from the supergroup chat',
    );
    telegram.addBot(group, alice);
    await api.leaveChat(group.id);
    expect(await refusalOf(api.sendMessage(group.id, 'x'))).toBe(
      '403 Forbidden: bot is not a member of the supergroup chat',
    );
  });

  test('of others is told by chat_member only to an administrator that asked for it', async () => {
    const { telegram, api, alice, bob, team } = await startTelegram();
    await api.getUpdates({ allowed_updates: ['message', 'chat_member'] });
    telegram.setMember(team, bob, 'left');
    telegram.setMember(team, telegram.bot, 'administrator');
    telegram.setMember(team, bob, 'member');
    telegram.setMember(team, bob, 'kicked', { by: alice });
    expect(kinds(telegram)).toEqual(['message', 'chat_member', 'message', 'chat_member', 'message']);
    expect(telegram.lastUpdate((update) => update.chat_member !== undefined).chat_member).toMatchObject({
      from: { id: alice.id },
      old_chat_member: { status: 'member' },
      new_chat_member: { status: 'kicked' },
    });
    expect(() => bob.send(team, 'x')).toThrow('Bob is not a member of "Team"');
  });

  test('can be asked for', async () => {
    const { api, alice, bob, charlie, team } = await startTelegram();
    expect((await api.getChatMember(team.id, alice.id)).status).toBe('creator');
    expect((await api.getChatMember(team.id, bob.id)).status).toBe('member');
    expect((await api.getChatMember(team.id, charlie.id)).status).toBe('left');
    expect(await refusalOf(api.getChatMember(team.id, 4711))).toBe('400 Bad Request: PARTICIPANT_ID_INVALID');
    expect((await api.getChatAdministrators(team.id)).map(({ user }) => user.id)).toEqual([alice.id]);
    expect(await api.getChatMemberCount(team.id)).toBe(3);
    expect(await api.getChat(team.id)).toMatchObject({ id: team.id, title: 'Team', type: 'supergroup' });
    expect(await api.getUserProfilePhotos(alice.id)).toEqual({ total_count: 0, photos: [] });
  });
});

test('a migrated group has a new id, service messages on either side, and refuses the old id', async () => {
  const { telegram, api, alice, bob } = await startTelegram();
  const old = telegram.createGroup({ title: 'Small', type: 'group', members: [alice, bob], administrators: [alice] });
  const card = await api.sendMessage(old.id, 'card');
  const group = telegram.migrate(old);
  expect(old.id).toBeGreaterThan(-1_000_000_000_000);
  expect(group).toMatchObject({ type: 'supergroup', title: 'Small' });
  expect(telegram.pendingUpdates()).toMatchObject([
    { message: { chat: { id: old.id }, migrate_to_chat_id: group.id } },
    { message: { chat: { id: group.id }, migrate_from_chat_id: old.id } },
  ]);
  for (const call of [api.sendMessage(old.id, 'x'), api.editMessageText(old.id, card.message_id, 'y')]) {
    await expect(call).rejects.toMatchObject({
      error_code: 400,
      description: 'Bad Request: group chat was upgraded to a supergroup chat',
      parameters: { migrate_to_chat_id: group.id },
    });
  }
  await api.sendMessage(group.id, 'x');
  expect((await api.getChatMember(group.id, bob.id)).status).toBe('member');
  expect(() => bob.send(old, 'x')).toThrow('has become a supergroup');
});
