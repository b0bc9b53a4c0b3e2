import { Api } from 'grammy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { alerts as alertTable, users } from '../../src/db/schema/index.ts';
import { bold, fmt, lines, link } from '../../src/telegram/text.ts';
import { servicesOver } from '../support/cards.ts';
import { HOSTILE } from '../support/hostile.ts';
import { startTeam, type Team, type TeamOptions } from '../support/team.ts';

const SECOND = 1000;
const MINUTE = 60_000;
const ADMINS_ID = -1009000000001;

let team: Team;
async function start(options: TeamOptions = {}): Promise<Team> {
  team = await startTeam(options);
  team.alice.send(team.alice.privateChat, '/start');
  await team.settle();
  forgetWhatWasSaid();
  return team;
}
afterEach(() => team.stop());

/** What the bot said before, by chat. */
let before = new Map<number, number>();
const said = (chat: { id: number }) =>
  team.telegram.messages(chat).flatMap(({ from, text }) => (from?.is_bot && text !== undefined ? [text] : []));
/** What the admins were told, without what was said before the test began. */
const told = (chat: { id: number } = team.alice.privateChat) => said(chat).slice(before.get(chat.id) ?? 0);
const forgetWhatWasSaid = () => {
  before = new Map([team.alice.privateChat, team.bob.privateChat].map((chat) => [chat.id, said(chat).length]));
};
const row = async () => (await team.test.db.select().from(alertTable))[0];
/** A process that has just started on the same database and talks to the same Telegram. */
function processOfItsOwn() {
  const api = new Api(team.telegram.token, { apiRoot: team.telegram.apiRoot });
  return servicesOver(team.test.open(), team.clock, api).alerts;
}

describe('the admins', () => {
  beforeEach(async () => {
    await start();
  });

  test('are told once when something becomes wrong, and once when it is over, across restarts', async () => {
    const { alerts } = team.services;
    expect(await alerts.raise({ key: 'kitchen', text: '🔴 The kitchen burns.', detail: { degrees: 400 } })).toBe(true);
    expect(await alerts.raise({ key: 'kitchen', text: '🔴 The kitchen burns still.' })).toBe(false);
    const restarted = processOfItsOwn();
    await restarted.tellWaiting();
    expect(await restarted.raise({ key: 'kitchen', text: '🔴 The kitchen burns.' })).toBe(false);
    expect(await restarted.isRaised({ key: 'kitchen' })).toBe(true);
    expect(await restarted.clear({ key: 'kitchen', text: '✅ The kitchen is out.' })).toBe(true);
    expect(await alerts.clear({ key: 'kitchen', text: '✅ The kitchen is out.' })).toBe(false);
    await alerts.tellWaiting();
    expect(told()).toEqual(['🔴 The kitchen burns.', '✅ The kitchen is out.']);
    expect(await row()).toMatchObject({ key: 'kitchen', detail: { degrees: 400 }, told: 'cleared', isMissed: false });
  });

  test('are told once of what two processes find out together', async () => {
    const processes = [team.services.alerts, processOfItsOwn(), processOfItsOwn()];
    await Promise.all(processes.map((alerts) => alerts.raise({ key: 'cellar', text: '🔴 The cellar is wet.' })));
    await Promise.all(processes.map((alerts) => alerts.tellWaiting()));
    await Promise.all(processes.map((alerts) => alerts.clear({ key: 'cellar', text: '✅ The cellar is dry.' })));
    await Promise.all(processes.map((alerts) => alerts.tellWaiting()));
    expect(told()).toEqual(['🔴 The cellar is wet.', '✅ The cellar is dry.']);
  });

  test('are told later, and once, what could not be told at the time', async () => {
    const { alerts } = team.services;
    team.telegram.arm('sendMessage', { error: { code: 502, description: 'Bad Gateway' } }, { times: 3 });
    await alerts.raise({ key: 'roof', text: '🔴 The roof leaks.' });
    await alerts.tellWaiting();
    await alerts.tellWaiting();
    expect(told()).toEqual([]);
    await alerts.tellWaiting();
    await alerts.tellWaiting();
    expect(told()).toEqual(['🔴 The roof leaks.']);
  });

  test('are told as a whole of what was over before anybody could be told', async () => {
    const { alerts } = team.services;
    team.telegram.arm('sendMessage', { error: { code: 502, description: 'Bad Gateway' } }, { times: 2 });
    await alerts.raise({ key: 'roof', text: '🔴 The roof leaks.' });
    team.letPass(25 * MINUTE);
    await alerts.clear({ key: 'roof', text: '✅ The roof is tight.' });
    team.letPass(MINUTE);
    await alerts.tellWaiting();
    await alerts.tellWaiting();
    expect(told()).toEqual([
      '🔴 The roof leaks.\n✅ The roof is tight.\nThat was from today 12:00 on, for 25 min. I could not tell you then.',
    ]);
  });

  test('hear nothing of an end that was none', async () => {
    const { alerts } = team.services;
    await alerts.raise({ key: 'roof', text: '🔴 The roof leaks.' });
    team.telegram.arm('sendMessage', { error: { code: 502, description: 'Bad Gateway' } });
    await alerts.clear({ key: 'roof', text: '✅ The roof is tight.' });
    await alerts.raise({ key: 'roof', text: '🔴 The roof leaks again.' });
    await alerts.tellWaiting();
    expect(told()).toEqual(['🔴 The roof leaks.']);
    expect(await alerts.isRaised({ key: 'roof' })).toBe(true);
  });

  test('hear it again with a label, after two minutes and once, when nobody knows whether it arrived', async () => {
    const { alerts } = team.services;
    team.telegram.arm('sendMessage', { cut: 'after' });
    await alerts.raise({ key: 'roof', text: '🔴 The roof leaks.' });
    team.letPass(115 * SECOND);
    await alerts.tellWaiting();
    expect(told()).toEqual(['🔴 The roof leaks.']);
    team.letPass(10 * SECOND);
    await alerts.tellWaiting();
    team.letPass(10 * MINUTE);
    await alerts.tellWaiting();
    expect(told()).toEqual([
      '🔴 The roof leaks.',
      '🔁 Said again, as nobody knows whether it arrived:\n🔴 The roof leaks.',
    ]);
  });

  test('wait as long as Telegram asks them to', async () => {
    const { alerts } = team.services;
    team.telegram.arm('sendMessage', {
      error: { code: 429, description: 'Too Many Requests', parameters: { retry_after: 40 } },
    });
    await alerts.raise({ key: 'roof', text: '🔴 The roof leaks.' });
    const before = team.telegram.calls('sendMessage').length;
    team.letPass(39 * SECOND);
    await alerts.tellWaiting();
    expect(team.telegram.calls('sendMessage')).toHaveLength(before);
    team.letPass(2 * SECOND);
    await alerts.tellWaiting();
    expect(told()).toEqual(['🔴 The roof leaks.']);
  });

  test('are told nothing in quiet hours, then in one message what is still so', async () => {
    const { alerts, clock } = team.services;
    const heldUntil = new Date(clock.now().getTime() + 60 * MINUTE);
    await alerts.raise({ key: 'a', text: '🔴 A is wrong.', heldUntil });
    await alerts.raise({ key: 'b', text: '🔴 B is wrong.', heldUntil });
    await alerts.raise({ key: 'c', text: '🔴 C is wrong.', heldUntil });
    await alerts.clear({ key: 'b', text: '✅ B is right.', heldUntil });
    team.letPass(59 * MINUTE);
    await alerts.tellWaiting();
    expect(told()).toEqual([]);
    team.letPass(MINUTE);
    await alerts.tellWaiting();
    await alerts.tellWaiting();
    expect(told()).toEqual(['🔔 Quiet hours are over:\n\n🔴 A is wrong.\n\n🔴 C is wrong.']);
  });

  test('get any words byte-identical with their entities, also from another process', async () => {
    const { alerts } = team.services;
    const another = processOfItsOwn();
    for (const name of HOSTILE) {
      team.telegram.arm('sendMessage', { error: { code: 502, description: 'Bad Gateway' } });
      const text = lines(bold(name), fmt`${name}: ${link(name, 'https://t.me/c/1/2')}`);
      await alerts.raise({ key: `name ${name}`, text });
      await another.tellWaiting();
      const message = team.telegram.messages(team.alice.privateChat).at(-1);
      expect(message?.text).toBe(text.text);
      expect(message?.entities?.filter(({ type }) => type === 'bold' || type === 'text_link')).toEqual(text.entities);
    }
  });

  test('keep an alert of a chat when its group becomes a supergroup', async () => {
    await team.services.alerts.raise({ key: 'plan', chatId: team.group.id, text: '🔴 No plan.' });
    await team.services.chats.migrate(team.group.id, -1009999999999);
    expect(await row()).toMatchObject({ key: 'plan:-1009999999999', chatId: -1009999999999 });
    expect(await team.services.alerts.clear({ key: 'plan', chatId: -1009999999999, text: '✅ A plan.' })).toBe(true);
    expect(told()).toEqual(['🔴 No plan.', '✅ A plan.']);
  });
});

describe('the chat for admins', () => {
  test('that throws the bot out is passed over from then on, said once elsewhere, and used again when the bot is back', async () => {
    const { telegram, alice, bob } = await start({ adminChatId: ADMINS_ID });
    const admins = telegram.createGroup({ title: 'Admins', id: ADMINS_ID, members: [alice, bob], addedBy: alice });
    await team.settle();
    const { alerts } = team.services;
    await alerts.raise({ key: 'one', text: '🔴 One.' });
    expect(told(admins)).toEqual(['🔴 One.']);
    telegram.removeBot(admins, alice);
    await team.settle();
    await alerts.raise({ key: 'two', text: '🔴 Two.' });
    await alerts.tellWaiting();
    const calls = telegram.calls('sendMessage').length;
    await alerts.raise({ key: 'three', text: '🔴 Three.' });
    await processOfItsOwn().tellWaiting();
    expect(telegram.calls('sendMessage')).toHaveLength(calls + 1);
    expect(told()).toEqual([
      '🔴 Two.',
      expect.stringMatching(/^🔕 I cannot write into the chat for admins any more \(sendMessage: 403 /),
      '🔴 Three.',
    ]);
    telegram.addBot(admins, bob);
    await team.settle();
    await alerts.tellWaiting();
    await alerts.clear({ key: 'two', text: '✅ Two is over.' });
    expect(told(admins)).toEqual([
      '🔴 One.',
      '✅ I can write into the chat for admins again: notices come here.',
      '✅ Two is over.',
    ]);
    expect(told()).toHaveLength(3);
    expect(await team.services.chats.byId(ADMINS_ID)).toBeUndefined();
  });

  test('that has become a supergroup gets what is told all the same', async () => {
    const { telegram, alice } = await start({ adminChatId: -9001 });
    const admins = telegram.createGroup({
      title: 'Admins',
      type: 'group',
      id: -9001,
      members: [alice],
      addedBy: alice,
    });
    await team.settle();
    const moved = telegram.migrate(admins);
    await team.services.alerts.raise({ key: 'one', text: '🔴 One.' });
    expect(told(moved)).toEqual(['🔴 One.']);
  });

  test('in which the bot is muted is passed over like one that it is not in', async () => {
    const { telegram, alice } = await start({ adminChatId: ADMINS_ID });
    telegram.createGroup({ title: 'Admins', id: ADMINS_ID, members: [alice], addedBy: alice });
    const description = 'Bad Request: not enough rights to send text messages to the chat';
    telegram.arm('sendMessage', { error: { code: 400, description } });
    await team.services.alerts.raise({ key: 'one', text: '🔴 One.' });
    expect(told()).toEqual(['🔴 One.']);
  });
});

test('an admin who has blocked the bot is passed over, which the others hear once, until they start it again', async () => {
  const { telegram, alice, bob } = await start({ adminIds: [101, 102] });
  bob.send(bob.privateChat, '/start');
  await team.settle();
  forgetWhatWasSaid();
  const { alerts } = team.services;
  telegram.arm(
    'sendMessage',
    { error: { code: 403, description: 'Forbidden: bot was blocked by the user' } },
    {
      where: ({ chat_id: chat }) => String(chat) === String(bob.id),
    },
  );
  await alerts.raise({ key: 'one', text: '🔴 One.' });
  await alerts.tellWaiting();
  await alerts.clear({ key: 'one', text: '✅ One is over.' });
  expect(told(bob.privateChat)).toEqual([]);
  expect(told()).toEqual([
    '🔴 One.',
    '🔕 I cannot write to Bob in private any more (sendMessage: 403 Forbidden: bot was blocked by the user).\nThey get no notices until they send me /start.',
    '✅ One is over.',
  ]);
  bob.send(bob.privateChat, '/start');
  await team.settle();
  forgetWhatWasSaid();
  await team.services.watchReach();
  await team.services.watchReach();
  expect(told(bob.privateChat)).toEqual(['✅ Bob gets notices in private again.']);
  expect(await team.test.db.select().from(users)).toMatchObject([{ hasStartedBot: true }, { hasStartedBot: true }]);
  expect(alice.id).toBe(101);
});

test('a team chat that throws the bot out is said once, and once when it is let in again', async () => {
  const { telegram, group, alice } = await start();
  await team.fill(1);
  forgetWhatWasSaid();
  team.clock.set(new Date('2026-11-20T13:00:00Z'));
  telegram.removeBot(group, alice);
  telegram.arm('sendPhoto', { error: { code: 403, description: 'Forbidden: bot was kicked' } });
  await team.test.db.execute('update chats set is_active = true');
  await team.services.delivery.deliverDue();
  await team.services.watchReach();
  expect(told()).toEqual([
    '🚪 I cannot write into Team any more (sendPhoto: 403 Forbidden: bot was kicked).\nNothing is sent there until I am let in again.',
  ]);
  telegram.addBot(group, alice);
  await team.settle();
  await team.services.watchReach();
  await team.services.watchReach();
  expect(told().slice(1)).toEqual(['✅ I can write into Team again.']);
});

test('T20: cards that do not get into a chat are said once at the fifth failure, and once when they get through', async () => {
  const { telegram } = await start();
  await team.fill(1);
  forgetWhatWasSaid();
  team.clock.set(new Date('2026-11-20T13:00:00Z'));
  telegram.arm('sendPhoto', { error: { code: 502, description: 'Bad Gateway' } }, { times: 7 });
  for (let attempt = 1; attempt <= 7; attempt += 1) {
    await team.services.delivery.deliverDue();
    expect(told()).toHaveLength(attempt < 5 ? 0 : 1);
    team.letPass(310 * SECOND);
  }
  expect(told()[0]).toMatch(/^📡 Cards do not get into Team: Telegram is in trouble \(sendPhoto: 502 Bad Gateway\)\./);
  await team.services.delivery.deliverDue();
  expect(told().slice(1)).toEqual(['✅ Cards get into Team again.']);
});

test('/status names to admins what is wrong, one line each, and to members nothing of it', async () => {
  const { alice, bob, group } = await start();
  await team.services.alerts.raise({ key: 'one', text: lines(bold('🔴 One is wrong.'), 'With more words.') });
  team.letPass(5 * MINUTE);
  bob.send(group, '/status');
  alice.send(alice.privateChat, '/status');
  await team.settle();
  expect(team.telegram.messages(group).at(-1)?.text).not.toContain('One');
  expect(team.telegram.messages(alice.privateChat).at(-1)?.text).toMatch(
    /\nDisk: 50 GB free \(50 %\)\n[\s\S]*\n\n🔔 1 to look after\n🔴 One is wrong\. \(since today 12:00\)$/,
  );
});
