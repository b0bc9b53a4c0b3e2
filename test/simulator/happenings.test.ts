import { InlineKeyboard } from 'grammy';
import { describe, expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { refusalOf } from './cast.ts';
import { listen, startPage } from './page.ts';

type Answer = { status: number; body: { sentence?: string; chat?: number; error?: string } };

/** The page, and what it may let happen. */
async function startHappenings() {
  const page = await startPage();
  const happen = async (request: object) => (await page.post('happenings', request)) as Answer;
  const refusal = async (request: object) => {
    const { status, body } = await happen(request);
    return status === 400 ? body.error : `not refused: ${JSON.stringify(body)}`;
  };
  const chats = async (person: number) => (await page.get(`chats?person=${person}`)).body as { id: number }[];
  return { ...page, happen, refusal, chats };
}

const kinds = (telegram: Simulator) => telegram.pendingUpdates().map((update) => Object.keys(update).at(-1));

describe('a foreign group', () => {
  test('is founded by the person, who adds the bot; both hear of it', async () => {
    const { telegram, api, happen, chats, charlie } = await startHappenings();
    const until = await listen(telegram.url);
    await until(({ kind }) => kind === 'chats');
    const { status, body } = await happen({ kind: 'foreign group', person: charlie.id });
    expect(status).toBe(200);
    expect(body.sentence).toContain("Charlie has founded the group “Somebody else's group” and added the bot");
    await until((event) => JSON.stringify(event).includes('new_chat_members'));
    const group = { id: body.chat, title: "Somebody else's group", type: 'group', botIsMember: true, migratedTo: null };
    expect(await chats(charlie.id)).toMatchObject([{ id: charlie.id, blocked: false }, group]);
    expect(kinds(telegram)).toEqual(['my_chat_member', 'message']);
    expect(telegram.pendingUpdates()[0]?.my_chat_member).toMatchObject({
      from: { id: charlie.id },
      chat: { id: body.chat },
      new_chat_member: { status: 'member' },
    });
    await api.leaveChat(body.chat ?? 0);
    expect((await chats(charlie.id))[1]).toMatchObject({ botIsMember: false });
  });

  test('has the title that it is given, and shows in the list of all groups', async () => {
    const { get, happen, alice, bob, charlie, team } = await startHappenings();
    const { body } = await happen({ kind: 'foreign group', person: charlie.id, title: ' Spam & Co ' });
    expect((await get('groups')).body).toEqual([
      {
        id: team.id,
        title: 'Team',
        type: 'supergroup',
        owner: alice.id,
        members: [bob.id, alice.id].sort(),
        botIsMember: true,
        migratedTo: null,
      },
      {
        id: body.chat,
        title: 'Spam & Co',
        type: 'group',
        owner: charlie.id,
        members: [charlie.id],
        botIsMember: true,
        migratedTo: null,
      },
    ]);
    expect((await happen({ kind: 'foreign group', person: charlie.id, title: ' ' })).status).toBe(400);
  });
});

describe('a group that becomes a supergroup', () => {
  test('has a new id, the old one is marked, and the page hears of both', async () => {
    const { telegram, api, post, happen, refusal, chats, alice, bob, charlie } = await startHappenings();
    const old = telegram.createGroup({ title: 'Basic', type: 'group', members: [alice, bob], administrators: [alice] });
    const card = await api.sendMessage(old.id, 'card', {
      reply_markup: new InlineKeyboard().text('Posted', 'posted:1'),
    });
    const until = await listen(telegram.url);
    await until(({ kind }) => kind === 'chats');
    const change = { kind: 'supergroup', person: bob.id, chat: old.id };
    const { body } = await happen(change);
    expect(body.sentence).toBe(
      `Bob has turned “Basic” into a supergroup: its id was ${old.id} and is ${body.chat} now`,
    );
    await until((event) => JSON.stringify(event).includes(`"migrate_from_chat_id":${old.id}`));
    expect((await chats(alice.id)).slice(-2)).toMatchObject([
      { id: old.id, type: 'group', migratedTo: body.chat },
      { id: body.chat, type: 'supergroup', title: 'Basic', migratedTo: null },
    ]);
    expect(kinds(telegram)).toEqual(['message', 'message']);
    expect(await refusalOf(api.sendMessage(old.id, 'x'))).toMatch(/^400 .*upgraded to a supergroup chat/);

    const tap = { person: bob.id, chat: old.id, messageId: card.message_id, data: 'posted:1', tap: 'old' };
    expect((await post('press', tap)).status).toBe(202);
    expect(telegram.lastUpdate().callback_query).toMatchObject({ data: 'posted:1', message: { chat: { id: old.id } } });
    expect((await post('send', { person: bob.id, chat: old.id, text: 'x' })).body).toEqual({
      error: '“Basic” has become a supergroup; write there',
    });

    expect(await refusal(change)).toBe('“Basic” has become a supergroup: go on there');
    expect(await refusal({ ...change, chat: body.chat })).toBe('“Basic” is a supergroup already');
    expect(await refusal({ ...change, chat: bob.id })).toBe('That happens in groups only: open one');
    expect(await refusal({ ...change, person: charlie.id, chat: body.chat })).toBe('Charlie is not in “Basic”');
    expect(telegram.groups().filter(({ title }) => title === 'Basic')).toHaveLength(2);
  });
});

test('an unknown kind of update and a message with unknown fields reach the bot, whatever it has asked for', async () => {
  const { telegram, api, get, happen, refusal, bob, charlie, team } = await startHappenings();
  await api.getUpdates({ allowed_updates: ['message'], timeout: 0 });
  const { body } = await happen({ kind: 'unknown update', person: bob.id });
  expect(body.sentence).toBe(
    'The bot is told two things: an update of the unknown kind “telepathy”, and “/help” of Bob with fields that nobody knows',
  );
  const aura = { colour: 'blue' };
  expect(telegram.pendingUpdates()).toMatchObject([
    { message: { text: '/help', aura, from: { id: bob.id, aura }, chat: { id: bob.id, aura } }, aura },
    { telepathy: { from: { id: bob.id } } },
  ]);
  // What stands in the chat is an ordinary message.
  const shown = (await get(`messages?person=${bob.id}&chat=${bob.id}`)).body;
  expect(shown).toMatchObject([{ message: { text: '/help' } }]);
  expect(JSON.stringify(shown)).not.toContain('aura');

  const inTeam = { kind: 'unknown update', person: bob.id, chat: team.id };
  expect((await happen({ ...inTeam, text: '/queue' })).body.sentence).toContain('“/queue” of Bob');
  expect((await happen({ ...inTeam, text: 'just talking' })).body.sentence).toContain('nothing else: in groups');
  const before = telegram.pendingUpdates().length;
  expect(await refusal({ ...inTeam, person: charlie.id })).toBe('Charlie is not a member of "Team"');
  expect(telegram.pendingUpdates()).toHaveLength(before);
});

describe('the bot', () => {
  test('is removed and added again by administrators, and only by them', async () => {
    const { telegram, api, happen, refusal, alice, bob, charlie, team } = await startHappenings();
    const inTeam = { chat: team.id };
    const none = (what: string) => `Only the administrators of “Team” can ${what}; Bob is none`;
    expect(await refusal({ kind: 'add bot', person: bob.id, ...inTeam })).toBe('The bot is in “Team” already');
    expect(await refusal({ kind: 'remove bot', person: bob.id, ...inTeam })).toBe(none('remove the bot'));
    expect(await refusal({ kind: 'remove bot', person: charlie.id, ...inTeam })).toBe('Charlie is not in “Team”');
    expect(telegram.pendingUpdates()).toEqual([]);
    const removed = await happen({ kind: 'remove bot', person: alice.id, ...inTeam });
    expect(removed.body).toEqual({ sentence: 'Alice has removed the bot from “Team”' });
    expect(await refusalOf(api.sendMessage(team.id, 'x'))).toBe(
      '403 Forbidden: bot was kicked from the supergroup chat',
    );
    expect(await refusal({ kind: 'remove bot', person: alice.id, ...inTeam })).toBe('The bot is not in “Team”');
    expect(await refusal({ kind: 'add bot', person: bob.id, ...inTeam })).toBe(
      none('add the bot again, because it was removed'),
    );
    expect((await happen({ kind: 'add bot', person: alice.id, ...inTeam })).body).toEqual({
      sentence: 'Alice has added the bot to “Team”',
    });
    await api.sendMessage(team.id, 'here again');
    expect(kinds(telegram).filter((kind) => kind === 'my_chat_member')).toHaveLength(2);
  });

  test('that has left by itself can be added by any member', async () => {
    const { api, happen, bob, team } = await startHappenings();
    await api.leaveChat(team.id);
    expect((await happen({ kind: 'add bot', person: bob.id, chat: team.id })).status).toBe(200);
    await api.sendMessage(team.id, 'here again');
  });

  test('is blocked and unblocked in private', async () => {
    const { api, post, happen, refusal, chats, bob } = await startHappenings();
    await post('send', { person: bob.id, chat: bob.id, text: '/start' });
    expect(await refusal({ kind: 'unblock bot', person: bob.id })).toBe('Bob has not blocked the bot');
    expect((await happen({ kind: 'block bot', person: bob.id })).body).toEqual({
      sentence: 'Bob has blocked the bot: it cannot write to Bob any more',
    });
    expect((await chats(bob.id))[0]).toMatchObject({ blocked: true });
    expect(await refusalOf(api.sendMessage(bob.id, 'x'))).toBe('403 Forbidden: bot was blocked by the user');
    expect((await post('send', { person: bob.id, chat: bob.id, text: 'x' })).body).toEqual({
      error: 'Bob has blocked the bot; unblock it first',
    });
    expect(await refusal({ kind: 'block bot', person: bob.id })).toBe('Bob has blocked the bot already');
    expect((await happen({ kind: 'unblock bot', person: bob.id })).body).toEqual({
      sentence: 'Bob has unblocked the bot',
    });
    await api.sendMessage(bob.id, 'hello again');
  });
});

test('people leave, and come back when the owner adds them', async () => {
  const { telegram, happen, refusal, chats, alice, bob, charlie, team } = await startHappenings();
  expect((await happen({ kind: 'leave', person: bob.id, chat: team.id })).body).toEqual({
    sentence: 'Bob has left “Team”',
  });
  expect((await chats(bob.id)).map(({ id }) => id)).toEqual([bob.id]);
  expect(telegram.messages(team).at(-1)).toMatchObject({ from: { id: bob.id }, left_chat_member: { id: bob.id } });
  expect(await refusal({ kind: 'leave', person: bob.id, chat: team.id })).toBe('Bob is not in “Team”');
  for (const person of [bob, charlie]) {
    const { sentence } = (await happen({ kind: 'join', person: person.id, chat: team.id })).body;
    expect(sentence).toBe(`${person.user.first_name} was added by Alice to “Team”`);
    expect(telegram.messages(team).at(-1)).toMatchObject({
      from: { id: alice.id },
      new_chat_members: [{ id: person.id }],
    });
  }
  expect(await refusal({ kind: 'join', person: bob.id, chat: team.id })).toBe('Bob is in “Team” already');
  const ownerless = telegram.createGroup({ title: 'Open', members: [alice] });
  expect((await happen({ kind: 'join', person: bob.id, chat: ownerless.id })).body.sentence).toBe(
    'Bob has joined “Open”',
  );
});

test('an administrator of a supergroup can write in its name', async () => {
  const { telegram, happen, refusal, alice, bob, team } = await startHappenings();
  const request = { kind: 'anonymous message', person: alice.id, chat: team.id };
  expect((await happen(request)).body).toEqual({ sentence: 'Alice has written “/next” in the name of “Team”' });
  expect(telegram.lastUpdate().message).toMatchObject({
    text: '/next',
    sender_chat: { id: team.id },
    from: { username: 'GroupAnonymousBot' },
  });
  expect((await happen({ ...request, text: '/queue' })).body.sentence).toContain('“/queue”');
  expect(await refusal({ ...request, person: bob.id })).toBe(
    'Only the administrators of “Team” can write anonymously; Bob is none',
  );
  const basic = telegram.createGroup({ title: 'Basic', type: 'group', members: [], administrators: [alice] });
  expect(await refusal({ ...request, chat: basic.id })).toBe(
    'Only the administrators of supergroups can hide behind the group',
  );
});

test.each([true, false])('the newest update of a person is delivered again (history kept: %s)', async (keepHistory) => {
  const { telegram, post, alice, bob, charlie, team } = await startPage({ keepHistory });
  await post('send', { person: bob.id, chat: team.id, text: '/queue' });
  await post('send', { person: alice.id, chat: team.id, text: '/help' });
  const [first] = telegram.pendingUpdates();
  expect((await post('happenings', { kind: 'redeliver', person: bob.id })).body).toEqual({
    sentence: 'The newest update of Bob (message “/queue”) goes to the bot once more, with its old number',
  });
  expect(telegram.pendingUpdates()).toHaveLength(3);
  expect(telegram.pendingUpdates().at(-1)).toEqual(first);
  expect(await post('happenings', { kind: 'redeliver', person: charlie.id })).toEqual({
    status: 400,
    body: { error: 'Charlie has done nothing yet that could be delivered again' },
  });
});

test('what cannot be understood is refused with a sentence, and other sites are', async () => {
  const { post, refusal, alice } = await startHappenings();
  expect(await refusal({ kind: 'earthquake', person: alice.id })).toContain('Invalid');
  expect(await refusal({ kind: 'leave', person: alice.id })).toContain('Choose a group for that');
  expect(await refusal({ kind: 'leave', person: alice.id, chat: -5 })).toBe('The simulator has no chat -5');
  expect(await refusal({ kind: 'redeliver', person: 7 })).toBe('The simulator has no person 7');
  expect((await post('happenings', {}, { origin: 'https://example.org' })).status).toBe(403);
});
