import { randomUUID } from 'node:crypto';
import { type SQL, sql } from 'drizzle-orm';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { addCards, addChat, addMedia, servicesOver, TEAM_CHAT, tapOn } from '../support/cards.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase();
const { db } = database;
const { interactions, decisions, media, queue } = servicesOver(database.database);
afterAll(database.close);

let bob = '';
let card = '';
beforeEach(async () => {
  await db.execute(
    sql`truncate users, chats, media_items, queue_items, decisions, media_locks, user_interactions cascade`,
  );
  await addChat(db);
  const [user] = await rows(sql`insert into users (telegram_user_id, username, role, date_joined)
    values (102, 'bob', 'member', now()) returning id`);
  bob = String(user?.id);
  [card = ''] = await addCards(db, await addMedia(db, 1));
});

async function rows(statement: SQL): Promise<Record<string, unknown>[]> {
  return [...(await db.execute<Record<string, unknown>>(statement))];
}
const question = () => ({ now: new Date(Date.now() + 60_000), timeZone: 'UTC' });

test('a person with the named columns only is somebody the figures can name', async () => {
  expect(await rows(sql`select is_active, has_started_bot from users`)).toEqual([
    { is_active: true, has_started_bot: false },
  ]);
});

test('a decision with the named columns only counts, with chat, medium and waiting time looked up', async () => {
  await db.execute(sql`update queue_items set status = 'posted', sent_at = now() - interval '90 seconds'`);
  await db.execute(
    sql`insert into decisions (queue_item_id, user_id, decision, decided_at) values (${card}, ${bob}, 'posted', now())`,
  );
  const [row] = await rows(
    sql`select chat_id, media_item_id is not null as has_medium, round(waited_ms / 1000.0) as waited from decisions`,
  );
  expect(row).toEqual({ chat_id: TEAM_CHAT, has_medium: true, waited: '90' });
  expect(await interactions.getContentDecisions({ ...question(), chatIds: [TEAM_CHAT] })).toMatchObject({
    total_decisions: 1,
    posted: 1,
    posted_percentage: 100,
    median_seconds_to_decision: expect.closeTo(90, 0),
  });
});

test('a decision without its own time is decided now', async () => {
  await db.execute(sql`insert into decisions (queue_item_id, user_id, decision) values (${card}, ${bob}, 'skipped')`);
  expect(await interactions.getContentDecisions({ ...question(), userId: bob })).toMatchObject({ skipped: 1 });
});

test('a decision of another program stops a second one, and can name nobody', async () => {
  await db.execute(sql`insert into decisions (queue_item_id, decision) values (${card}, 'posted')`);
  await db.execute(sql`update queue_items set status = 'posted'`);
  const result = await decisions.tap('skip', tapOn(card, 'skip', { userId: bob }), { isAdmin: false });
  expect(result).toMatchObject({ kind: 'already_decided', decision: 'posted' });
});

test('interactions with the seed’s columns only count: outcome absent is done', async () => {
  const insert = (type: string, name: string, context: SQL) =>
    db.execute(sql`insert into user_interactions (user_id, interaction_type, interaction_name, context, telegram_chat_id)
      values (${bob}, ${type}, ${name}, ${context}, ${TEAM_CHAT})`);
  await insert('callback', 'posted', sql`${JSON.stringify({ queue_item_id: card })}::jsonb`);
  await insert('command', '/queue', sql`null`);
  await insert('command', '/queue', sql`'{}'::jsonb`);
  await insert('command', '/status', sql`'{"outcome": "denied"}'::jsonb`);
  await insert('callback', 'skip', sql`'{"undone_at": "2026-01-01T00:00:00Z"}'::jsonb`);
  expect(await interactions.getUserStats(bob, question())).toMatchObject({
    total_interactions: 3,
    posts_marked: 1,
    posts_skipped: 0,
    commands_used: { '/queue': 2 },
  });
});

test('an interaction of nobody is refused, unless it is the bot’s own', async () => {
  const insert = (type: string) =>
    db.execute(sql`insert into user_interactions (interaction_type, interaction_name) values (${type}, 'x')`);
  await expect(insert('command')).rejects.toThrow();
  await expect(insert('wave')).rejects.toThrow();
  await insert('bot_response');
});

test('a queue item with the named columns only is planned, for now when it does not say when', async () => {
  const [medium = ''] = await addMedia(db, 1);
  await db.execute(
    sql`insert into queue_items (id, chat_id, media_item_id) values (${randomUUID()}, ${TEAM_CHAT}, ${medium})`,
  );
  expect(await queue.summary(TEAM_CHAT)).toMatchObject({ pending: 1, waiting: 1 });
  const [row] = await rows(sql`select scheduled_for <= now() as is_due from queue_items where status = 'pending'`);
  expect(row).toEqual({ is_due: true });
});

test('a lock of another program holds a medium', async () => {
  const [medium = ''] = await addMedia(db, 1);
  await db.execute(sql`insert into media_locks (media_item_id, reason) values (${medium}, 'permanent_reject')`);
  expect(await media.lockedUntil(medium, new Date())).toBe('for ever');
});
