import { eq } from 'drizzle-orm';
import type { Message } from 'grammy/types';
import { afterEach, expect, test, vi } from 'vitest';
import { conversationStates, users } from '../../src/db/schema/index.ts';
import { OutsideError } from '../../src/lib/errors.ts';
import { buttonsOf, dataOf } from '../support/buttons.ts';
import { HOSTILE } from '../support/hostile.ts';
import { interactionLines, interactionRows } from '../support/rows.ts';
import { answer, auditLines, openSettings, press, settingsRow, textsAfter } from '../support/settings.ts';
import { NOON, startTeam, type Team, type TeamOptions } from '../support/team.ts';

let team: Team;
afterEach(() => team.stop());

async function start(options: TeamOptions = {}) {
  team = await startTeam(options);
  return team;
}

/** Alice is asked for the posts per day in the group; the menu, and the message that asks her. */
async function askedInGroup(): Promise<{ menu: Message; prompt: Message }> {
  const menu = await openSettings(team, team.group);
  await press(team, menu, 'Posts per day');
  const prompt = team.telegram.messages(team.group).at(-1);
  if (!prompt || prompt.message_id === menu.message_id) throw new Error('nobody was asked');
  return { menu, prompt };
}

const states = () => team.test.db.select().from(conversationStates);
const postsPerDay = async () => (await settingsRow(team)).postsPerDay;
const lastLine = async () => (await interactionLines(team.test.db)).at(-1);

test('in private the menu turns into the question, and the answer into the menu', async () => {
  const { alice } = await start();
  const menu = await openSettings(team, alice.privateChat);
  expect(await press(team, menu, 'Posts per day')).toBe(
    [
      '✏️ Posts per day',
      'Now: 3',
      'A whole number from 1 to 50.',
      '',
      'Send me the new value. /cancel ends the question.',
    ].join('\n'),
  );
  expect(buttonsOf(team.now(menu))).toEqual([['✖ Cancel']]);
  alice.send(alice.privateChat, '5');
  await team.settle();
  expect(team.now(menu).text).toMatch(/^✅ Posts per day: 3 → 5\n[\s\S]*⚙️ Settings · Team/);
  // The answer itself is tidied away.
  expect(textsAfter(team, menu)).toEqual([]);
  expect(await postsPerDay()).toBe(5);
  expect(await auditLines(team)).toEqual(['setting_changed {"posts_per_day":3} {"posts_per_day":5}']);
  expect(await states()).toEqual([]);
  expect((await interactionRows(team.test.db)).at(-1)).toMatchObject({
    interactionType: 'message',
    interactionName: 'settings_answer',
    by: 'Alice',
    context: { setting: 'posts_per_day', about_chat_id: team.group.id, outcome: 'done' },
  });
});

test('in the group one person is asked for a reply, which works although the bot sees nothing else', async () => {
  const { alice, telegram, group } = await start({ isBotAdministrator: false });
  const { menu, prompt } = await askedInGroup();
  expect(prompt.text).toContain('Alice, reply to this message with the new value. /cancel ends the question.');
  expect(prompt.entities).toContainEqual(
    expect.objectContaining({ type: 'text_mention', user: expect.objectContaining({ id: alice.id }) }),
  );
  expect(telegram.calls('sendMessage').at(-1)?.payload.reply_markup).toMatchObject({
    force_reply: true,
    selective: true,
  });
  expect(team.now(menu).text).toContain('Alice is asked below.');
  alice.send(group, '7', { replyTo: prompt });
  await team.settle();
  expect(await postsPerDay()).toBe(7);
  expect(telegram.message(group, prompt.message_id)).toBeUndefined();
  // The bot may not delete Alice's message here, so it says below it what came of it.
  const [typed, said] = textsAfter(team, menu);
  expect(typed).toBe('7');
  expect(said).toMatch(/^✅ Posts per day: 3 → 7/);
  expect(await lastLine()).toBe('Alice settings_answer done');
  expect(team.services.counters.read()).toEqual({});
});

test('as an administrator the bot takes only the reply for an answer, and tidies it away', async () => {
  const { alice, bob, group } = await start();
  const { menu, prompt } = await askedInGroup();
  bob.send(group, '9', { replyTo: prompt });
  alice.send(group, '8');
  alice.send(group, '10', { replyTo: menu });
  await team.settle();
  expect(await postsPerDay()).toBe(3);
  alice.send(group, '6', { replyTo: prompt });
  await team.settle();
  expect(await postsPerDay()).toBe(6);
  expect(textsAfter(team, menu)).toEqual(['9', '8', '10']);
  expect((await interactionLines(team.test.db)).filter((line) => line.includes('settings_answer'))).toHaveLength(1);
});

test('what will not do is said in words with the range, and asked again', async () => {
  const { alice, group, telegram } = await start();
  const menu = await openSettings(team, alice.privateChat);
  await press(team, menu, 'Posts per day');
  for (const typed of ['many', '51', '0', ...HOSTILE, 'x'.repeat(4096)]) {
    alice.send(alice.privateChat, typed);
    await team.settle();
    expect(team.now(menu).text, typed).toMatch(/^⚠️ “[\s\S]*Send a whole number from 1 to 50\.\n\n✏️ Posts per day/);
    expect(await lastLine()).toBe('Alice settings_answer noop');
  }
  expect(await auditLines(team)).toEqual([]);
  alice.send(alice.privateChat, '50');
  await team.settle();
  expect(await postsPerDay()).toBe(50);

  const asked = await askedInGroup();
  alice.send(group, 'many', { replyTo: asked.prompt });
  await team.settle();
  const second = telegram.messages(group).at(-1);
  if (!second) throw new Error('nothing was asked again');
  expect(second.text).toMatch(/^⚠️ “many” is no whole number[\s\S]*Alice, reply to this message/);
  expect(telegram.message(group, asked.prompt.message_id)).toBeUndefined();
  alice.send(group, '2', { replyTo: second });
  await team.settle();
  expect(await postsPerDay()).toBe(2);
});

test('what is so already changes nothing and says so', async () => {
  const { alice } = await start();
  const menu = await openSettings(team, alice.privateChat);
  expect(await answer(team, menu, 'Posts per day', '3')).toContain('Posts per day is 3 already: nothing is changed.');
  expect(await auditLines(team)).toEqual([]);
  expect(await states()).toEqual([]);
  expect(await lastLine()).toBe('Alice settings_answer noop');
});

test('/cancel and the button Cancel end the question and change nothing', async () => {
  const { alice, group, telegram } = await start();
  const menu = await openSettings(team, alice.privateChat);
  expect(await answer(team, menu, 'Posts per day', '/cancel')).toContain('Cancelled: nothing was changed.');
  expect(await lastLine()).toBe('Alice /cancel done');
  await press(team, menu, 'Posts per day');
  expect(await alice.press(menu, 'Cancel')).toEqual({ text: 'Nothing was changed.' });
  await team.settle();
  expect(team.now(menu).text).toContain('⚙️ Settings · Team');
  const asked = await askedInGroup();
  alice.send(group, '/cancel');
  await team.settle();
  expect(telegram.message(group, asked.prompt.message_id)).toBeUndefined();
  expect(team.now(asked.menu).text).toContain('Cancelled: nothing was changed.');
  expect(await states()).toEqual([]);
  for (const chat of [alice.privateChat, group]) alice.send(chat, chat === group ? '9' : '/cancel');
  await team.settle();
  expect(telegram.messages(alice.privateChat).at(-1)?.text).toBe('There is nothing to cancel.');
  expect(await postsPerDay()).toBe(3);
});

test('somebody else cannot cancel, answer or be kept from their own question', async () => {
  const { alice, bob, group, telegram, services, test: database } = await start();
  await database.db.insert(users).values({ telegramUserId: bob.id, role: 'admin', dateJoined: NOON });
  services.people.forget(bob.id);
  const { menu, prompt } = await askedInGroup();
  expect(await bob.press(menu, 'Cancel')).toMatchObject({ text: expect.stringContaining('Somebody else was asked') });
  const bobs = await openSettings(team, group, bob);
  await press(team, bobs, 'Posts per day', bob);
  const bobsPrompt = telegram.messages(group).at(-1) as Message;
  expect(await states()).toHaveLength(2);
  bob.send(group, '11', { replyTo: prompt });
  await team.settle();
  expect(await postsPerDay()).toBe(3);
  bob.send(group, '12', { replyTo: bobsPrompt });
  alice.send(group, '13', { replyTo: prompt });
  await team.settle();
  expect(await auditLines(team)).toEqual([
    'setting_changed {"posts_per_day":3} {"posts_per_day":12}',
    'setting_changed {"posts_per_day":12} {"posts_per_day":13}',
  ]);
});

test('what is typed in another chat is no answer', async () => {
  const { alice, group } = await start();
  const menu = await openSettings(team, alice.privateChat);
  await press(team, menu, 'Posts per day');
  alice.send(group, '9');
  alice.send(group, '@storyline_bot 9');
  await team.settle();
  expect(await postsPerDay()).toBe(3);
  alice.send(alice.privateChat, '9');
  await team.settle();
  expect(await postsPerDay()).toBe(9);
});

test('another command ends the question and is carried out', async () => {
  const { alice, group, telegram } = await start();
  const menu = await openSettings(team, alice.privateChat);
  await press(team, menu, 'Posts per day');
  const sent = alice.send(alice.privateChat, '/queue');
  const reply = await telegram.waitForMessage(alice.privateChat, ({ message_id: id }) => id > sent.message_id);
  expect(reply.text).toContain('Nothing is planned');
  expect(team.now(menu).text).toContain('⚙️ Settings · Team');
  alice.send(alice.privateChat, '9');
  await team.settle();
  expect(telegram.messages(alice.privateChat).at(-1)?.text).toContain('I did not understand that');
  expect(await postsPerDay()).toBe(3);

  const asked = await askedInGroup();
  // A command for another bot of the group ends nothing.
  alice.send(group, '/weather');
  alice.send(group, '/queue@other_bot');
  await team.settle();
  expect(await states()).toHaveLength(1);
  alice.send(group, '/status');
  await team.settle();
  expect(telegram.message(group, asked.prompt.message_id)).toBeUndefined();
  expect(await states()).toEqual([]);
});

test('a button of the menu ends the question, and so does a new one', async () => {
  const { alice, telegram, group } = await start();
  const first = await askedInGroup();
  const second = await openSettings(team, group);
  await press(team, second, 'Time zone');
  expect(await states()).toHaveLength(1);
  expect(telegram.message(group, first.prompt.message_id)).toBeUndefined();
  expect(team.now(first.menu).text).toContain('⚙️ Settings');
  const prompt = telegram.messages(group).at(-1) as Message;
  expect(prompt.text).toContain('Time zone');
  alice.send(group, 'UTC', { replyTo: prompt });
  await team.settle();
  expect(await settingsRow(team)).toMatchObject({ timeZone: 'UTC', postsPerDay: 3 });
});

test('media that come meanwhile enter the library, and the question stays open', async () => {
  const { alice } = await start();
  const menu = await openSettings(team, alice.privateChat);
  await press(team, menu, 'Posts per day');
  await team.fill(1);
  alice.send(alice.privateChat, '4');
  await team.settle();
  expect(await postsPerDay()).toBe(4);
});

test('a question survives a restart of the bot, in private and in the group', async () => {
  const { alice, group } = await start();
  const menu = await openSettings(team, alice.privateChat);
  await press(team, menu, 'Window');
  const asked = await askedInGroup();
  await team.stopBot();
  alice.send(alice.privateChat, '8-20');
  alice.send(group, '11', { replyTo: asked.prompt });
  team.startBot();
  await team.settle();
  expect(await settingsRow(team)).toMatchObject({ windowStart: '08:00:00', windowEnd: '20:00:00', postsPerDay: 11 });
  expect(team.now(menu).text).toContain('✅ Window: 14:00-02:00 → 08:00-20:00');
  expect(await states()).toEqual([]);
});

test('after three hours without an answer the question is forgotten, whatever else was said meanwhile', async () => {
  const { alice, group } = await start();
  const { prompt } = await askedInGroup();
  const menu = await openSettings(team, alice.privateChat);
  await press(team, menu, 'Posts per day');
  team.clock.advance(3 * 3_600_000 - 1000);
  await team.fill(1);
  alice.send(group, '5', { replyTo: prompt });
  await team.settle();
  expect(await postsPerDay()).toBe(5);
  team.clock.advance(2000);
  alice.send(alice.privateChat, '9');
  await team.settle();
  expect(await postsPerDay()).toBe(5);
  expect(team.telegram.messages(alice.privateChat).at(-1)?.text).toContain('I did not understand that');
  // Its Cancel button still leads back to the menu, and the next question sweeps it away.
  expect(await press(team, menu, 'Cancel')).toContain('⚙️ Settings · Team');
  await askedInGroup();
  expect(await states()).toHaveLength(1);
});

test('an answer that is delivered again changes nothing twice and is not called nonsense', async () => {
  const { alice, telegram } = await start();
  const menu = await openSettings(team, alice.privateChat);
  await answer(team, menu, 'Posts per day', '5');
  const update = telegram.lastUpdate();
  await answer(team, menu, 'Posts per day', '6');
  const before = telegram.messages(alice.privateChat).length;
  telegram.redeliver(update);
  telegram.redeliver(update, { newUpdateId: true });
  await team.settle();
  expect(await postsPerDay()).toBe(6);
  expect(telegram.messages(alice.privateChat)).toHaveLength(before);
  // Also while the next question is open.
  await press(team, menu, 'Posts per day');
  telegram.redeliver(update);
  await team.settle();
  expect(await postsPerDay()).toBe(6);
  expect(team.now(menu).text).toContain('Posts per day is 6; that was done already.');
  expect((await interactionLines(team.test.db)).filter((line) => line.includes('settings_answer'))).toHaveLength(2);
});

test('when Telegram fails after the change, the change holds and the person may go on', async () => {
  const { alice, telegram } = await start();
  const menu = await openSettings(team, alice.privateChat);
  await press(team, menu, 'Posts per day');
  telegram.arm('editMessageText', { error: { code: 500, description: 'Internal Server Error' } });
  alice.send(alice.privateChat, '5');
  await team.settle();
  expect(telegram.messages(alice.privateChat).at(-1)?.text).toContain('Telegram did not do its part just now');
  expect(await postsPerDay()).toBe(5);
  expect(await lastLine()).toBe('Alice settings_answer done');
  // Delivered again, as after a crash between commit and answer, it is recognised; so is a second try of the person.
  telegram.redeliver(telegram.lastUpdate());
  await team.settle();
  expect(team.now(menu).text).toContain('Posts per day is 5 already');
  expect(await answer(team, menu, 'Posts per day', '5')).toContain('Posts per day is 5 already');
  expect(await auditLines(team)).toHaveLength(1);
});

test('when the database fails behind the change, the answer comes again, finds it done and closes the question', async () => {
  const { alice, services } = await start();
  const menu = await openSettings(team, alice.privateChat);
  await press(team, menu, 'Posts per day');
  const cut = new OutsideError('postgres', 'connection was closed by the server', { retryable: true });
  vi.spyOn(services.conversations, 'remove').mockRejectedValueOnce(cut);
  alice.send(alice.privateChat, '5');
  await team.telegram.waitFor(() => team.now(menu).text?.includes('Posts per day is 5 already'));
  await team.settle();
  expect(await states()).toEqual([]);
  expect(await auditLines(team)).toHaveLength(1);
  expect((await interactionLines(team.test.db)).filter((line) => line.includes('answer'))).toEqual([
    'Alice settings_answer done',
  ]);
  expect(services.counters.read()).toEqual({});
});

test('the chat’s row held elsewhere makes a sentence, and the question stays open', async () => {
  const { alice, telegram, test: database } = await start();
  const menu = await openSettings(team, alice.privateChat);
  await press(team, menu, 'Posts per day');
  await database.db.transaction(async (tx) => {
    await tx.execute('select from chats for update');
    alice.send(alice.privateChat, '5');
    await telegram.waitForMessage(alice.privateChat, ({ text }) => text === 'Busy just now: please try again.');
  });
  alice.send(alice.privateChat, '5');
  await team.settle();
  expect(await postsPerDay()).toBe(5);
});

test('who is no admin any more when answering is refused, and the question is over', async () => {
  const { alice, group, services, test: database } = await start({ adminIds: [] });
  await database.db.insert(users).values({ telegramUserId: alice.id, role: 'admin', dateJoined: NOON });
  const { prompt } = await askedInGroup();
  await database.db.update(users).set({ role: 'member' }).where(eq(users.telegramUserId, alice.id));
  services.people.forget(alice.id);
  alice.send(group, '9', { replyTo: prompt });
  await team.settle();
  expect(await postsPerDay()).toBe(3);
  expect(team.telegram.messages(group).at(-1)?.text).toContain('This is for admins');
  expect(await lastLine()).toBe('Alice settings_answer denied');
  expect(await states()).toEqual([]);
});

test('a tap on a card leaves the question open, and costs no look at open questions', async () => {
  const { alice, bob, group } = await start();
  await team.fill(1);
  const { prompt } = await askedInGroup();
  const card = await team.nextCard();
  const find = vi.spyOn(team.services.conversations, 'find');
  await bob.press(card, 'Posted');
  await team.settle();
  await alice.press(card, 'Undo');
  await team.settle();
  expect(find).not.toHaveBeenCalled();
  expect(await states()).toHaveLength(1);
  alice.send(group, '4', { replyTo: prompt });
  await team.settle();
  expect(await postsPerDay()).toBe(4);
});

test('a city alone gets zones as buttons', async () => {
  const { alice } = await start({ timeZone: 'UTC' });
  const menu = await openSettings(team, alice.privateChat);
  expect(await answer(team, menu, 'Time zone', 'berlin')).toMatch(/^⚠️ I know no time zone “berlin”\./);
  expect(buttonsOf(team.now(menu))).toEqual([['Europe/Berlin'], ['✖ Cancel']]);
  expect(dataOf(team.now(menu), 'Berlin')).toBe(`settings:zone:${team.group.id}.Europe/Berlin`);
  expect(await press(team, menu, 'Berlin')).toMatch(
    /^✅ Time zone: UTC → Europe\/Berlin\nIt is 12:00 there now\.\nNothing is planned yet/,
  );
  expect(await settingsRow(team)).toMatchObject({ timeZone: 'Europe/Berlin' });
  expect(await states()).toEqual([]);
});
