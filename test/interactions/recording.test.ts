import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { picture } from '../support/picture.ts';
import { interactionLines, interactionRows, onlyCard, onlyMedium } from '../support/rows.ts';
import { NOON, startTeam, type Team } from '../support/team.ts';

let team: Team;
beforeEach(async () => {
  team = await startTeam();
});
afterEach(() => team.stop());

const took = { response_time_ms: expect.any(Number) };

test('every command is a row with the seed’s context, its outcome and its time', async () => {
  const { alice, group } = team;
  await team.fill(2);
  team.clock.advance(5_400_000);
  const commands = ['/start', '/help', '/queue', '/status', '/stats', '/stats 7', '/team', '/next', '/nonsense'];
  for (const command of commands) alice.send(group, command);
  await team.settle();
  const rows = (await interactionRows(team.test.db)).slice(2);
  expect(
    rows.map(({ interactionType, interactionName, context }) => ({ interactionType, interactionName, context })),
  ).toEqual(
    [
      ['/start', {}],
      ['/help', {}],
      ['/queue', { items_shown: 2, total_queue: 2 }],
      ['/status', { queue_size: 2, media_count: 2, uptime_hours: 1.5 }],
      ['/stats', { days: 30 }],
      ['/stats', { days: 7 }],
      ['/team', { days: 30 }],
      ['/next', { success: true, queue_item_id: expect.any(String), media_filename: expect.any(String) }],
      ['/nonsense', { outcome: 'noop' }],
    ].map(([interactionName, context]) => ({
      interactionType: 'command',
      interactionName,
      context: { outcome: 'done', ...took, ...Object(context) },
    })),
  );
  for (const row of rows) {
    expect(row).toMatchObject({ by: 'Alice', telegramChatId: group.id, createdAt: team.clock.now() });
    expect(row.telegramMessageId).toBeGreaterThan(0);
  }
});

test('every tap on a card is a row with the card, the medium and its name, done or not', async () => {
  const { bob, dana, group } = team;
  await team.fill(1);
  const card = await team.nextCard();
  const { id } = await onlyCard(team.test.db);
  for (const action of ['reject', 'cancel_reject', 'cancel_reject', 'reject', 'confirm_reject', 'undo', 'skip']) {
    await bob.tap(group, `${action}:${id}`, { messageId: card.message_id });
  }
  await dana.tap(group, `posted:${id}`, { messageId: card.message_id });
  await dana.tap(group, `undo:${id}`, { messageId: card.message_id });
  await team.settle();
  const medium = await onlyMedium(team.test.db);
  const taps = (await interactionRows(team.test.db)).slice(1);
  expect(taps.map(({ by, interactionName, context }) => [by, interactionName, context.outcome].join(' '))).toEqual([
    'Bob reject done',
    'Bob cancel_reject done',
    'Bob cancel_reject noop',
    'Bob reject done',
    'Bob confirm_reject done',
    'Bob undo done',
    'Bob skip done',
    'Dana posted noop',
    'Dana undo denied',
  ]);
  for (const tap of taps) {
    expect(tap).toMatchObject({
      interactionType: 'callback',
      telegramChatId: group.id,
      telegramMessageId: card.message_id,
      context: { queue_item_id: id, media_id: medium.id, media_filename: medium.fileName, ...took },
    });
  }
  expect(taps[4]?.context.undone_at).toBeDefined();
});

test('messages are rows when they are meant for the bot, and talk in the group is none', async () => {
  const { bob, group, telegram } = team;
  bob.send(group, 'good morning everybody');
  bob.sendMedia(group, { kind: 'photo', bytes: picture(70_001) });
  bob.send(group, '/queue@some_other_bot');
  bob.send(group, `@${telegram.bot.username} hello`);
  bob.send(bob.privateChat, 'hello');
  bob.send(group, `/help@${telegram.bot.username}`);
  await team.settle();
  const rows = await interactionRows(team.test.db);
  expect(
    rows.map(({ interactionType: type, interactionName: name, telegramChatId }) => [type, name, telegramChatId]),
  ).toEqual([
    ['message', 'text', group.id],
    ['message', 'text', bob.id],
    ['command', '/help', group.id],
  ]);
  expect(JSON.stringify(rows)).not.toContain('hello');
});

test('refused commands are rows too', async () => {
  const { bob, charlie, group } = team;
  bob.send(group, '/team');
  charlie.send(charlie.privateChat, '/stats');
  await team.settle();
  expect(await interactionLines(team.test.db)).toEqual(['Bob /team denied', 'Charlie /stats denied']);
});

test('a command that is delivered again is one row', async () => {
  const { bob, group, telegram } = team;
  bob.send(group, '/help');
  await team.settle();
  telegram.redeliver(telegram.lastUpdate(({ message }) => message?.text === '/help'));
  await team.settle();
  telegram.redeliver(
    telegram.lastUpdate(({ message }) => message?.text === '/help'),
    { newUpdateId: true },
  );
  await team.settle();
  expect(await interactionLines(team.test.db)).toEqual(['Bob /help done']);
});

test.each(['/', '/ queue', `/${'a'.repeat(200)}`, '/queue@some_other_bot'])(
  'in private %s is no command, and is answered and recorded like any text',
  async (text) => {
    const { bob, telegram } = team;
    bob.send(bob.privateChat, text);
    await telegram.waitForMessage(bob.privateChat, (message) => message.text?.startsWith('I did not') ?? false);
    await team.settle();
    expect(await interactionLines(team.test.db)).toEqual(['Bob text noop']);
  },
);

test('a record that cannot be written never breaks the reply', async () => {
  const { bob, group, telegram, test: database } = team;
  await database.db.execute(sql`alter table user_interactions rename to user_interactions_away`);
  bob.send(group, '/help');
  await telegram.waitForMessage(group, ({ text }) => text?.startsWith('What you can send me') ?? false);
  bob.send(group, '/queue');
  await telegram.waitForMessage(group, ({ text }) => text?.includes('Nothing is planned') ?? false);
  await team.settle();
  await database.db.execute(sql`alter table user_interactions_away rename to user_interactions`);
  expect(telegram.messages(group).filter(({ from }) => from?.is_bot)).toHaveLength(2);
  expect(await interactionLines(database.db)).toEqual([]);
});

test('a decision and its record are one: without the record there is no decision', async () => {
  const { bob, test: database } = team;
  await team.fill(1);
  const card = await team.nextCard();
  await database.db.execute(sql`alter table user_interactions rename to user_interactions_away`);
  expect(await bob.press(card, 'Posted')).toMatchObject({ text: expect.stringContaining('Sorry') });
  await team.settle();
  await database.db.execute(sql`alter table user_interactions_away rename to user_interactions`);
  expect(await onlyCard(database.db)).toMatchObject({ status: 'delivered' });
  expect(await bob.press(card, 'Posted')).toMatchObject({ text: expect.stringContaining('Posted') });
});

test('what the bot says is recorded in batches, belongs to nobody and is in nobody’s figures', async () => {
  const { bob, group, services, test: database } = team;
  await team.fill(1);
  const card = await team.nextCard();
  await bob.press(card, 'Posted');
  // The card is brought up to date behind the answer, so the order would be a matter of chance.
  await team.settle();
  bob.send(group, '/help');
  await team.settle();
  const rows = () =>
    database.db.execute(sql`select interaction_name as name, user_id, telegram_chat_id as chat, telegram_message_id as message,
      context, counts from user_interactions where interaction_type = 'bot_response' order by id`);
  expect([...(await rows())]).toEqual([]);
  await services.botResponses.flush();
  expect([...(await rows())]).toMatchObject([
    { name: 'text_reply', chat: team.alice.id, user_id: null, counts: false },
    {
      name: 'media_notification',
      chat: group.id,
      message: card.message_id,
      context: {
        method: 'sendPhoto',
        buttons: ['✅ Posted', '⏭️ Skip', '🚫 Reject', '🙋 On it', '👍', 'ℹ️'],
        queue_item_id: (await onlyCard(database.db)).id,
        characters: card.caption?.length,
      },
    },
    { name: 'caption_update', message: card.message_id, context: { buttons: ['↩️ Undo', '👍'] } },
    { name: 'text_reply', chat: group.id },
  ]);
  await services.botResponses.flush();
  expect(await rows()).toHaveLength(4);
  const activity = await services.interactions.getTeamActivity({ now: NOON, timeZone: 'UTC' });
  expect(activity).toMatchObject({
    total_interactions: 3,
    active_users: 2,
    interactions_by_type: { command: 1, callback: 1, message: 1 },
  });
});

test('what could not be written of the bot’s own messages is written later', async () => {
  const { bob, group, services, test: database } = team;
  bob.send(group, '/help');
  await team.settle();
  await database.db.execute(sql`alter table user_interactions rename to user_interactions_away`);
  await services.botResponses.flush();
  await database.db.execute(sql`alter table user_interactions_away rename to user_interactions`);
  await services.botResponses.flush();
  const [row] = await database.db.execute(
    sql`select count(*)::int as n from user_interactions where interaction_type = 'bot_response'`,
  );
  expect(row).toEqual({ n: 1 });
});
