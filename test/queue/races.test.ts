import { sql } from 'drizzle-orm';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { decisions } from '../../src/db/schema/index.ts';
import type { TapResult } from '../../src/queue/tap-result.ts';
import type { Services } from '../../src/services.ts';
import type { CardAction } from '../../src/telegram/callback-data.ts';
import { addCards, addChat, addMedia, addPerson, servicesOver, tapOn } from '../support/cards.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase();
const { db } = database;
/** Four processes, as far as the database can tell, with sixteen connections. */
const processes = Array.from({ length: 4 }, () => servicesOver(database.open({ max: 4 })));
const [alice, bob, dana] = [
  await addPerson(db, 'Alice', 'admin'),
  await addPerson(db, 'Bob'),
  await addPerson(db, 'Dana'),
];
await addChat(db);
afterAll(database.close);
beforeEach(async () => {
  await db.execute(sql`truncate media_items, queue_items, decisions, media_locks, user_interactions cascade`);
  await wanting(1);
});

/** How many people must press Posted in the chat. */
function wanting(people: number) {
  return db.execute(sql`update chats set approvals_needed = ${people}`);
}

/** What the handler does with a tap: decide, then record what the decision has not recorded. "Busy" is tapped again. */
async function tap(services: Services, card: string, action: CardAction, userId: string): Promise<TapResult> {
  const one = tapOn(card, action, { userId });
  let result = await services.decisions.tap(action, one, { isAdmin: userId === alice });
  while (result.kind === 'busy') result = await services.decisions.tap(action, one, { isAdmin: userId === alice });
  if (one.interaction.isRecorded) return result;
  one.interaction.outcome = 'noop';
  await services.interactions.log(one.interaction);
  return result;
}

/** One row with as many numbers. */
async function count(statement: ReturnType<typeof sql>): Promise<Record<string, number>> {
  const [row] = await db.execute<Record<string, number>>(statement);
  return { ...row };
}

const [first, second] = processes as [Services, Services];

test('T01: Posted and Skip within a millisecond make one decision, and the loser learns who was first', async () => {
  const cards = await addCards(db, await addMedia(db, 50));
  let bobWon = 0;
  for (const card of cards) {
    const [posted, skipped] = await Promise.all([tap(first, card, 'posted', bob), tap(second, card, 'skip', dana)]);
    const [winner, loser] = posted.kind === 'changed' ? [posted, skipped] : [skipped, posted];
    expect(winner).toMatchObject({ kind: 'changed', isReplay: false });
    const isBobs = winner === posted;
    expect(loser).toMatchObject({
      kind: 'already_decided',
      decision: isBobs ? 'posted' : 'skipped',
      by: isBobs ? 'Bob' : 'Dana',
      isMine: false,
    });
    bobWon += isBobs ? 1 : 0;
  }
  expect(await db.$count(decisions)).toBe(50);
  const outcomes = sql`select count(*) filter (where context->>'outcome' = 'done')::int as done,
    count(*) filter (where context->>'outcome' = 'noop')::int as noop from user_interactions`;
  expect(await count(outcomes)).toEqual({ done: 50, noop: 50 });
  const posted = sql`select sum(times_posted)::int as posted from media_items`;
  expect(await count(posted)).toEqual({ posted: bobWon });
});

test('the same tap worked in by two processes at once is one decision and one row', async () => {
  const [card = ''] = await addCards(db, await addMedia(db, 1));
  const again = () => tapOn(card, 'posted', { userId: bob, key: '1:cb:42' });
  const results = await Promise.all(
    processes.map((services) => services.decisions.tap('posted', again(), { isAdmin: false })),
  );
  expect(results.filter((result) => result.kind === 'changed' && !result.isReplay)).toHaveLength(1);
  expect(results.filter((result) => result.kind === 'changed' && result.isReplay)).toHaveLength(3);
  const rows = sql`select (select count(*)::int from decisions) as decisions, (select count(*)::int from user_interactions) as rows`;
  expect(await count(rows)).toEqual({ decisions: 1, rows: 1 });
});

test('two people who undo at once undo once', async () => {
  const [card = ''] = await addCards(db, await addMedia(db, 1));
  await tap(first, card, 'posted', bob);
  const results = await Promise.all([tap(first, card, 'undo', bob), tap(second, card, 'undo', alice)]);
  expect(results.map(({ kind }) => kind).sort()).toEqual(['changed', 'too_late_to_undo']);
  const media = sql`select times_posted, (select count(*)::int from media_locks) as locks from media_items`;
  expect(await count(media)).toEqual({ times_posted: 0, locks: 0 });
});

test('a card that somebody else holds for longer answers "busy", changes nothing, and works a moment later', async () => {
  const [card = ''] = await addCards(db, await addMedia(db, 1));
  const busy = await db.transaction(async (tx) => {
    await tx.execute(sql`select from queue_items where id = ${card} for update`);
    return first.decisions.tap('posted', tapOn(card, 'posted', { userId: bob }), { isAdmin: false });
  });
  expect(busy).toEqual({ kind: 'busy' });
  expect(await db.$count(decisions)).toBe(0);
  expect((await tap(first, card, 'posted', bob)).kind).toBe('changed');
});

test('200 cards under 50 parallel taps each leave 200 decisions and 10,000 rows', { timeout: 120_000 }, async () => {
  const cards = await addCards(db, await addMedia(db, 200));
  const actions: CardAction[] = ['posted', 'skip', 'confirm_reject', 'posted', 'skip'];
  const people = [alice, bob, dana];
  // A third of the cards have the question open, so that rejecting takes part in the race.
  await db.execute(
    sql`update queue_items set reject_asked_at = sent_at, reject_asked_by = ${bob} where message_id % 3 = 0`,
  );
  for (let begin = 0; begin < cards.length; begin += 5) {
    const batch = cards.slice(begin, begin + 5);
    await Promise.all(
      Array.from({ length: 50 * batch.length }, (_, index) => {
        const action = actions[Math.floor(index / batch.length) % actions.length] ?? 'posted';
        const services = processes[index % processes.length] ?? first;
        return tap(services, batch[index % batch.length] ?? '', action, people[index % people.length] ?? bob);
      }),
    );
  }
  const totals = sql`select
    (select count(*)::int from decisions) as decisions,
    (select count(distinct queue_item_id)::int from decisions where undone_at is null) as decided,
    (select count(*)::int from user_interactions) as rows,
    (select count(*)::int from user_interactions where context->>'outcome' = 'done') as done,
    (select count(*)::int from user_interactions where context->>'outcome' = 'noop') as noop`;
  expect(await count(totals)).toEqual({ decisions: 200, decided: 200, rows: 10_000, done: 200, noop: 9_800 });

  const disagreements = sql`select
    (select count(*)::int from queue_items q join decisions d on d.queue_item_id = q.id where d.decision <> q.status) as status,
    (select count(*)::int from decisions d join media_items m on m.id = d.media_item_id
     where m.times_posted <> (d.decision = 'posted')::int or (m.last_posted_at is not null) <> (d.decision = 'posted')) as counters,
    (select count(*)::int from decisions d where (select count(*) from media_locks l where l.decision_id = d.id
       and l.reason = case d.decision when 'posted' then 'recent_post' when 'skipped' then 'skip' else 'permanent_reject' end) <> 1) as locks,
    (select (count(*) - 200)::int from media_locks) as more_locks,
    (select count(*)::int from decisions d join user_interactions i on i.context->>'queue_item_id' = d.queue_item_id::text
     where i.counts and i.user_id <> d.user_id) as figures`;
  expect(await count(disagreements)).toEqual({ status: 0, counters: 0, locks: 0, more_locks: 0, figures: 0 });
});

test('twelve people approve at once where three are needed: one decision, three approvals, nobody is lost', {
  timeout: 60_000,
}, async () => {
  await wanting(3);
  const team = await Promise.all(Array.from({ length: 12 }, (_, index) => addPerson(db, `Person ${index}`)));
  const cards = await addCards(db, await addMedia(db, 25));
  for (const card of cards) {
    const results = await Promise.all(
      team.map((person, index) => tap(processes[index % processes.length] ?? first, card, 'posted', person)),
    );
    const kinds = results.map(({ kind }) => kind).sort();
    expect(kinds).toEqual([...Array(9).fill('already_decided'), 'changed', 'voted', 'voted']);
    expect(results.flatMap((result) => (result.kind === 'voted' ? [result.votes] : [])).sort()).toEqual([1, 2]);
  }
  const totals = sql`select (select count(*)::int from decisions) as decisions,
    (select count(*)::int from approvals) as approvals,
    (select count(*)::int from approvals a join decisions d on d.queue_item_id = a.queue_item_id and d.user_id = a.user_id) as deciders,
    (select count(*)::int from user_interactions where counts) as done,
    (select count(*)::int from user_interactions where context->>'outcome' = 'vote') as votes,
    (select sum(times_posted)::int from media_items) as posted`;
  expect(await count(totals)).toEqual({ decisions: 25, approvals: 75, deciders: 25, done: 25, votes: 50, posted: 25 });
});

test('approvals, skips and approvals taken back in parallel leave one decision at most, and no vote of nobody', {
  timeout: 60_000,
}, async () => {
  await wanting(2);
  const cards = await addCards(db, await addMedia(db, 40));
  const steps: [CardAction, string][] = [
    ['posted', alice],
    ['posted', bob],
    ['undo', bob],
    ['posted', bob],
    ['posted', dana],
    ['skip', dana],
  ];
  for (const card of cards) {
    await Promise.all(
      steps.map(([action, person], index) => tap(processes[index % processes.length] ?? first, card, action, person)),
    );
  }
  const disagreements = sql`select
    (select count(*)::int from queue_items q where (select count(*) from decisions d where d.queue_item_id = q.id and d.undone_at is null) > 1) as twice,
    (select count(*)::int from queue_items q left join decisions d on d.queue_item_id = q.id and d.undone_at is null
     where q.status <> coalesce(d.decision, 'delivered')) as status,
    (select count(*)::int from decisions d where d.decision = 'posted' and d.undone_at is null
       and (select count(*) from approvals a where a.queue_item_id = d.queue_item_id) < 2) as unapproved,
    (select count(*)::int from media_items m where m.times_posted <>
       (select count(*) from decisions d where d.media_item_id = m.id and d.decision = 'posted' and d.undone_at is null)) as counters`;
  expect(await count(disagreements)).toEqual({ twice: 0, status: 0, unapproved: 0, counters: 0 });
});

test('two people who claim a card at once: one is on it, the other learns who', async () => {
  const cards = await addCards(db, await addMedia(db, 20));
  for (const card of cards) {
    const claims = await Promise.all([
      first.decisions.tap('claim', tapOn(card, 'claim', { userId: bob }), { isAdmin: false }),
      second.decisions.tap('claim', tapOn(card, 'claim', { userId: dana }), { isAdmin: false }),
    ]);
    expect(claims.map(({ kind }) => kind).sort()).toEqual(['claimed', 'claimed_by_other']);
  }
});
