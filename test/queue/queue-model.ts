import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { expect } from 'vitest';
import { z } from 'zod';
import type { Db } from '../../src/db/client.ts';
import type { OverdueChoice } from '../../src/queue/pause-repository.ts';
import { isChange, type TapAction } from '../../src/queue/tap-result.ts';
import type { Services } from '../../src/services.ts';
import { CARD_ACTIONS } from '../../src/telegram/callback-data.ts';
import { tapOn } from '../support/cards.ts';
import { createModel, type Model as DecisionModel } from './decision-model.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ACTIVE = ['pending', 'sending', 'delivered'];

/** One queue item as the rules have it; `card` is its number in the model of the decisions. */
type Item = { id: string; card: number; media: number; status: string; at: number; since: number; isReminded: boolean };

/** The queue of one chat once more, as naively as possible. Times of planned posts are the real ones, read after each step. */
export type QueueState = {
  now: number;
  items: Item[];
  mediaOf: number[];
  decisions: DecisionModel;
  pausedAt: number | undefined;
  /** Until then no overdue card is sent. */
  catchUpUntil: number;
  /** Media rested for no days at some time, so one may be planned again while a card of it can be undone. */
  isRestless: boolean;
};

/** The real queue: services of the process that runs now, and what a restart makes of them. */
export type RealQueue = {
  db: Db;
  services: Services;
  restart: () => Services;
  setClock: (now: Date) => void;
  chatId: number;
  people: readonly string[];
  media: readonly string[];
};

export function createQueueState(now: Date): QueueState {
  const mediaOf: number[] = [];
  return {
    now: now.getTime(),
    items: [],
    mediaOf,
    decisions: createModel(mediaOf),
    pausedAt: undefined,
    catchUpUntil: 0,
    isRestless: false,
  };
}

const byTime = (one: Item, other: Item) => one.at - other.at || (one.id < other.id ? -1 : 1);
const pending = (state: QueueState) => state.items.filter(({ status }) => status === 'pending').sort(byTime);
const isFree = (state: QueueState, media: number) =>
  !state.items.some((item) => item.media === media && ACTIVE.includes(item.status)) &&
  state.decisions.lockedUntil(media, state.now) === 0;
const freeMedia = (state: QueueState, real: RealQueue) => real.media.filter((_, index) => isFree(state, index));

function deliver(state: QueueState, item: Item): void {
  item.status = 'delivered';
  item.since = state.now;
}

const rowSchema = z.array(
  z.object({
    id: z.string(),
    media: z.string(),
    status: z.string(),
    at: z.coerce.date(),
    since: z.coerce.date().nullable(),
    isReminded: z.boolean(),
    decisions: z.number(),
  }),
);

/** Compares everything that can be seen after a step, and takes over new items and the times of the plan. */
async function agree(state: QueueState, real: RealQueue, expected: { added: number }): Promise<void> {
  const rows = rowSchema.parse(
    await real.db.execute(sql`
      select q.id, q.media_item_id as media, q.status, q.scheduled_for as at, q.waiting_since as since,
             q.reminded_at is not null as "isReminded",
             (select count(*)::int from decisions d where d.queue_item_id = q.id and d.undone_at is null) as decisions
      from queue_items q order by q.id`),
  );
  const before = pending(state).map(({ id }) => id);
  const added = rows.filter(({ id }) => !state.items.some((item) => item.id === id));
  expect(added).toHaveLength(expected.added);
  for (const row of added) {
    const media = real.media.indexOf(row.media);
    // What is added was free a moment ago.
    expect(isFree(state, media)).toBe(true);
    state.mediaOf.push(media);
    const times = { at: row.at.getTime(), since: row.since?.getTime() ?? 0 };
    state.items.push({
      id: row.id,
      card: state.mediaOf.length - 1,
      media,
      status: row.status,
      ...times,
      isReminded: false,
    });
  }
  for (const item of state.items) {
    const row = rows.find(({ id }) => id === item.id);
    expect(row).toMatchObject({ status: item.status, isReminded: item.isReminded });
    // One final decision for what is decided, none for everything else.
    expect(row?.decisions).toBe(ACTIVE.includes(item.status) || item.status === 'cancelled' ? 0 : 1);
    if (item.status === 'delivered') expect(row?.since?.getTime()).toBe(item.since);
    item.at = row?.at.getTime() ?? 0;
  }
  // Nobody has overtaken anybody, and no two posts have one time.
  const planned = pending(state);
  expect(planned.map(({ id }) => id).filter((id) => before.includes(id))).toEqual(
    before.filter((id) => planned.some((item) => item.id === id)),
  );
  expect(new Set(planned.map(({ at }) => at)).size).toBe(planned.length);
  // No medium twice in the plan, nor there and in the chat; in the chat twice only where an undo brought one back.
  const active = state.items.filter(({ status }) => ACTIVE.includes(status));
  const plannedMedia = planned.map(({ media }) => media);
  for (const item of active) {
    const others = state.isRestless && item.status !== 'pending' ? plannedMedia : active.map(({ media }) => media);
    expect(others.filter((media) => media === item.media)).toHaveLength(others === plannedMedia ? 0 : 1);
  }
  await agreeOnMedia(state, real);
}

const mediaSchema = z.array(
  z.object({ id: z.string(), times: z.number(), forever: z.boolean(), until: z.coerce.date().nullable() }),
);

/** Locks match decisions, counters match history. */
async function agreeOnMedia(state: QueueState, real: RealQueue): Promise<void> {
  const rows = mediaSchema.parse(
    await real.db.execute(sql`
      select m.id, m.times_posted as times, coalesce(bool_or(l.id is not null and l.locked_until is null), false) as forever,
             max(l.locked_until) as until
      from media_items m
      left join media_locks l on l.media_item_id = m.id and l.replaced_by is null
        and (l.locked_until is null or l.locked_until > ${new Date(state.now).toISOString()}::timestamptz)
      group by m.id`),
  );
  for (const [index, id] of real.media.entries()) {
    const row = rows.find((one) => one.id === id);
    expect(row?.times).toBe(state.decisions.timesPosted(index));
    const until = row?.forever ? Number.POSITIVE_INFINITY : (row?.until?.getTime() ?? 0);
    expect(until).toBe(state.decisions.lockedUntil(index, state.now));
  }
}

type Step = fc.AsyncCommand<QueueState, RealQueue>;

function step(name: string, run: (state: QueueState, real: RealQueue) => Promise<void>): Step {
  return { check: () => true, run, toString: () => name };
}

const at = (state: QueueState) => new Date(state.now);

const wait = (ms: number) =>
  step(`wait ${ms}`, async (state, real) => {
    state.now += ms;
    real.setClock(at(state));
  });

const add = (media: number) =>
  step(`add ${media}`, async (state, real) => {
    const mediaItemId = real.media[media];
    const chat = await real.services.chats.byId(real.chatId);
    if (!isFree(state, media) || !mediaItemId || !chat) return;
    const slot = await real.services.queue.enqueue({ chat, mediaItemId, userId: null, now: at(state) });
    expect(slot.getTime()).toBeGreaterThan(state.now);
    await agree(state, real, { added: 1 });
  });

const schedule = (days: number) =>
  step(`schedule ${days}`, async (state, real) => {
    const free = freeMedia(state, real).length;
    const { planned, empty } = await real.services.plan.extend(real.chatId, days, at(state));
    expect(planned).toBe(Math.min(planned + empty, free));
    await agree(state, real, { added: planned });
    // The same days again: nothing, and as many slots stay empty.
    expect(await real.services.plan.extend(real.chatId, days, at(state))).toMatchObject({ planned: 0, empty });
  });

const tick = step('deliver', async (state, real) => {
  const [item] = pending(state);
  const isOverdue = item !== undefined && item.at < state.now - MINUTE;
  const isHeld = state.pausedAt !== undefined || (isOverdue && state.now < state.catchUpUntil);
  const isSent = item !== undefined && item.at <= state.now && !isHeld;
  const results = await real.services.delivery.deliverDue();
  expect(results).toMatchObject(isSent ? [{ kind: 'sent', queueItemId: item.id }] : []);
  if (isSent) deliver(state, item);
  if (isSent && isOverdue) state.catchUpUntil = state.now + MINUTE;
  await agree(state, real, { added: 0 });
});

const next = step('next', async (state, real) => {
  const [item, ...later] = pending(state);
  const times = [item, ...later].map((one) => one?.at);
  const free = freeMedia(state, real).length;
  const result = await real.services.delivery.deliverNext(real.chatId);
  if (item) {
    expect(result).toMatchObject({ kind: 'sent', queueItemId: item.id });
    const wasDue = item.at <= state.now;
    deliver(state, item);
    await agree(state, real, { added: 0 });
    expect(pending(state).map((one) => one.at)).toEqual(wasDue ? times.slice(1) : times.slice(0, -1));
    return;
  }
  expect(result.kind).toBe(free > 0 ? 'sent' : 'empty');
  await agree(state, real, { added: free > 0 ? 1 : 0 });
});

/** Any card that was ever sent, also one that is settled or out of the queue. */
function sentItem(state: QueueState, which: number): Item | undefined {
  const sent = state.items.filter(({ status, since }) => since > 0 && status !== 'pending');
  return sent[which % Math.max(1, sent.length)];
}

const tap = (action: TapAction, which: number, by: number) =>
  step(`${action} ${which} by ${by}`, async (state, real) => {
    const item = sentItem(state, which);
    if (!item) return;
    const isOut = item.status === 'cancelled';
    const changes = !isOut && state.decisions.tap(action, item.card, by, state.now);
    const draft = tapOn(item.id, action, { userId: real.people[by] ?? '', now: at(state), chatId: real.chatId });
    const result = await real.services.decisions.tap(action, draft, { isAdmin: by === 0 });
    expect(isChange(result)).toBe(changes);
    const isTakenBack = action === 'undo' && changes && item.status !== 'delivered';
    // Planned again meanwhile: the card that is open again takes its place.
    for (const one of pending(state)) if (isTakenBack && one.media === item.media) one.status = 'cancelled';
    if (!isOut) item.status = state.decisions.status(item.card);
    await agree(state, real, { added: 0 });
  });

/** Planned again within the minute in which the decision can be undone: only where media need no rest. */
const planAgain = (which: number) =>
  step(`post ${which}, plan it again, undo`, async (state, real) => {
    await tap('posted', which, 0).run(state, real);
    const item = sentItem(state, which);
    if (item) await add(item.media).run(state, real);
    await tap('undo', which, 0).run(state, real);
  });

const pause = step('pause', async (state, real) => {
  const result = await real.services.pauses.pause(real.chatId, { by: null, now: at(state) });
  expect(result.kind).toBe(state.pausedAt === undefined ? 'paused' : 'already_paused');
  state.pausedAt ??= state.now;
  await agree(state, real, { added: 0 });
});

const resume = (overdue: OverdueChoice | undefined) =>
  step(`resume ${overdue ?? ''}`, async (state, real) => {
    const late = pending(state).filter((item) => item.at <= state.now);
    const result = await real.services.pauses.resume(real.chatId, {
      by: null,
      now: at(state),
      ...(overdue ? { overdue } : {}),
    });
    const { pausedAt } = state;
    if (pausedAt === undefined) expect(result.kind).toBe('not_paused');
    else if (late.length > 0 && !overdue) expect(result).toMatchObject({ kind: 'overdue', overdue: late.length });
    else {
      expect(result).toMatchObject({ kind: 'resumed', overdue: late.length });
      if (overdue === 'clear') for (const item of late) item.status = 'cancelled';
      for (const item of state.items.filter(({ status }) => status === 'delivered')) {
        item.since += state.now - Math.max(item.since, pausedAt);
      }
      state.pausedAt = undefined;
    }
    await agree(state, real, { added: 0 });
    const isSettled = pausedAt !== undefined && overdue === 'reschedule';
    if (isSettled) expect(pending(state).every((item) => item.at > state.now)).toBe(true);
  });

const reset = (isStale: boolean) =>
  step(isStale ? 'reset, confirmed for another plan' : 'reset', async (state, real) => {
    const planned = pending(state);
    const expected = planned.length + (isStale ? 1 : 0);
    const result = await real.services.resets.reset(real.chatId, { by: null, now: at(state), expected });
    expect(result).toEqual({ kind: isStale ? 'changed' : 'reset', pending: planned.length });
    if (!isStale) for (const item of planned) item.status = 'cancelled';
    await agree(state, real, { added: 0 });
  });

const lookAfter = step('look after waiting cards', async (state, real) => {
  await real.services.lookAfterWaiting();
  if (state.pausedAt === undefined) {
    const waiting = () => state.items.filter(({ status }) => status === 'delivered');
    for (const item of waiting()) if (state.now - item.since >= 48 * HOUR) item.status = 'cancelled';
    const [late] = waiting()
      .filter((item) => !item.isReminded && state.now - item.since >= 12 * HOUR)
      .sort((one, other) => one.since - other.since || (one.id < other.id ? -1 : 1));
    if (late) late.isReminded = true;
  }
  await agree(state, real, { added: 0 });
});

const reslot = (jitterMinutes: number, postsPerDay: number) =>
  step(`settings ${postsPerDay} a day, jitter ${jitterMinutes}`, async (state, real) => {
    await real.db.execute(
      sql`update chats set jitter_minutes = ${jitterMinutes}, posts_per_day = ${postsPerDay} where id = ${real.chatId}`,
    );
    real.services.chats.forget(real.chatId);
    const late = pending(state).filter((item) => item.at <= state.now);
    await real.services.plan.reslot(real.chatId, at(state));
    await agree(state, real, { added: 0 });
    expect(pending(state).filter((item) => item.at <= state.now)).toEqual(late);
  });

const rest = (posted: number, skipped: number) =>
  step(`rest ${posted} days after Posted, ${skipped} after Skip`, async (state, real) => {
    await real.db.execute(
      sql`update chats set repost_lock_days = ${posted}, skip_lock_days = ${skipped} where id = ${real.chatId}`,
    );
    real.services.chats.forget(real.chatId);
    state.decisions.rest({ posted, skipped });
    state.isRestless ||= posted === 0 || skipped === 0;
    await agree(state, real, { added: 0 });
  });

const restart = step('restart', async (state, real) => {
  real.services = real.restart();
  // How fast it caught up is forgotten: a new process begins with one card.
  state.catchUpUntil = 0;
  await agree(state, real, { added: 0 });
});

/** Every step there is, by `people` people with `media` media. */
export function queueSteps(people: number, media: number): fc.Arbitrary<Step>[] {
  const by = fc.nat(people - 1);
  const taps: readonly TapAction[] = [...CARD_ACTIONS, 'claim', 'posted', 'undo', 'confirm_reject'];
  const anyTap = fc
    .tuple(fc.constantFrom(...taps), fc.nat(6), by)
    .map(([action, which, who]) => tap(action, which, who));
  const anyWait = fc
    .oneof(
      { weight: 3, arbitrary: fc.integer({ min: 1, max: 59_999 }) },
      { weight: 3, arbitrary: fc.integer({ min: MINUTE, max: 8 * HOUR }) },
      { weight: 2, arbitrary: fc.constantFrom(12 * HOUR, DAY, 48 * HOUR, 31 * DAY) },
    )
    .map(wait);
  return [
    anyWait,
    anyWait,
    anyTap,
    anyTap,
    anyTap,
    fc.nat(media - 1).map(add),
    fc.nat(6).map(planAgain),
    fc.integer({ min: 1, max: 3 }).map(schedule),
    fc.constant(tick),
    fc.constant(tick),
    fc.constant(next),
    fc.constant(pause),
    fc.constantFrom(undefined, 'reschedule' as const, 'clear' as const, 'send' as const).map(resume),
    fc.boolean().map(reset),
    fc.constant(lookAfter),
    fc.constant(lookAfter),
    fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 8 })).map(([jitter, posts]) => reslot(jitter, posts)),
    fc.constantFrom([0, 0] as const, [0, 45] as const, [30, 45] as const).map(([posted, skip]) => rest(posted, skip)),
    fc.constant(restart),
  ];
}
