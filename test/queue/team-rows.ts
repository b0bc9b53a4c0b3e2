import { sql } from 'drizzle-orm';
import type { Message } from 'grammy/types';
import { expect } from 'vitest';
import { z } from 'zod';
import type { Db } from '../../src/db/client.ts';
import { cardView } from '../../src/queue/card-messages.ts';
import type { CardRepository } from '../../src/queue/card-repository.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { buttonsOf } from '../support/buttons.ts';
import type { TeamModel } from './team-model.ts';

/** How an interaction must stand in its table, by its delivery key. */
export type Recorded = { name: string; outcome: string; by: number };

const ms = z.coerce.number().nullable();
const rowsSchema = z.object({
  chats: z.array(z.object({ id: z.number(), isPaused: z.boolean() })),
  items: z.array(
    z.object({
      id: z.string(),
      chatId: z.number(),
      media: z.string(),
      status: z.string(),
      at: z.number(),
      messageId: z.number().nullable(),
      claimedBy: z.number().nullable(),
      claimedAt: ms,
      askedAt: ms,
    }),
  ),
  decisions: z.array(
    z.object({
      item: z.string(),
      chatId: z.number(),
      by: z.number(),
      decision: z.string(),
      reason: z.string().nullable(),
      at: z.number(),
      undoneAt: ms,
    }),
  ),
  media: z.array(z.object({ id: z.string(), times: z.number(), last: ms, until: ms, isForEver: z.boolean() })),
  votes: z.array(z.object({ item: z.string(), by: z.number() })),
  interactions: z.array(
    z.object({ key: z.string(), name: z.string(), outcome: z.string(), by: z.number(), at: z.number() }),
  ),
});
export type TeamRows = z.infer<typeof rowsSchema>;

const millis = (column: string) => sql.raw(`round(extract(epoch from ${column}) * 1000)`);

/** All that a model is compared with, in one question. Times are milliseconds; `now` says which locks are in force. */
export async function readTeamRows(db: Db, now: Date): Promise<TeamRows> {
  const at = sql`${now.toISOString()}::timestamptz`;
  const [row] = await db.execute(sql`select jsonb_build_object(
    'chats', (select jsonb_agg(jsonb_build_object('id', c.id, 'isPaused', c.is_paused)) from chats c where c.is_active),
    'items', (select coalesce(jsonb_agg(jsonb_build_object('id', q.id, 'chatId', q.chat_id, 'media', q.media_item_id,
        'status', q.status, 'at', ${millis('q.scheduled_for')}, 'messageId', q.message_id, 'claimedBy', k.telegram_user_id,
        'claimedAt', ${millis('q.claimed_at')}, 'askedAt', ${millis('q.reject_asked_at')}) order by q.id), '[]')
      from queue_items q left join users k on k.id = q.claimed_by),
    'decisions', (select coalesce(jsonb_agg(jsonb_build_object('item', d.queue_item_id, 'chatId', d.chat_id,
        'by', u.telegram_user_id, 'decision', d.decision, 'reason', d.reason, 'at', ${millis('d.decided_at')},
        'undoneAt', ${millis('d.undone_at')}) order by d.id), '[]')
      from decisions d join users u on u.id = d.user_id),
    'media', (select coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'times', m.times_posted,
        'last', ${millis('m.last_posted_at')}, 'until', l.until, 'isForEver', l.for_ever) order by m.id), '[]')
      from media_items m cross join lateral (
        select ${millis('max(k.locked_until)')} as until, coalesce(bool_or(k.locked_until is null), false) as for_ever
        from media_locks k where k.media_item_id = m.id and k.replaced_by is null
          and (k.locked_until is null or k.locked_until > ${at})) l),
    'votes', (select coalesce(jsonb_agg(jsonb_build_object('item', a.queue_item_id, 'by', u.telegram_user_id)), '[]')
      from approvals a join users u on u.id = a.user_id),
    'interactions', (select coalesce(jsonb_agg(jsonb_build_object('key', i.delivery_key, 'name', i.interaction_name,
        'outcome', coalesce(i.context->>'outcome', 'done'), 'by', u.telegram_user_id, 'at', ${millis('i.created_at')})), '[]')
      from user_interactions i join users u on u.id = i.user_id where i.interaction_type <> 'bot_response')
    ) as rows`);
  return rowsSchema.parse(row?.rows);
}

/** What a comparison needs beside the rows. */
export type Sides = {
  model: TeamModel;
  /** Telegram's ids of the people, in the model's order. */
  people: readonly number[];
  chatId: number;
  /** The model's media, in its order. */
  media: readonly string[];
  recorded: ReadonlyMap<string, Recorded>;
  now: number;
  /** How far the model's times are ahead of the database's. */
  aheadMs: number;
  /** Interactions of a fault that may be there or not. */
  isLenient?: (key: string) => boolean;
};

/** Compares rows with the model: whatever differs fails with both sides. */
export function expectRows(rows: TeamRows, sides: Sides): void {
  const { model, people, chatId, media, recorded, now, aheadMs } = sides;
  const person = (telegramId: number | null) => (telegramId === null ? undefined : people.indexOf(telegramId));
  expect(rows.chats).toEqual([{ id: chatId, isPaused: model.pausedAt() !== undefined }]);

  expect(
    rows.items.map(({ id, status, chatId: chat, media: medium, ...row }) => {
      const item = model.items.find((one) => one.id === id);
      const isClaimed = row.claimedAt !== null && now - (row.claimedAt + aheadMs) < 600_000;
      const isAsked = row.askedAt !== null && now - (row.askedAt + aheadMs) < 86_400_000;
      return {
        id,
        status,
        chat,
        media: media.indexOf(medium),
        shown: row.messageId ?? undefined,
        claim: isClaimed && item?.status === 'delivered' ? person(row.claimedBy) : undefined,
        isAsked,
        votes: rows.votes
          .filter((vote) => vote.item === id)
          .map(({ by }) => person(by))
          .toSorted(),
      };
    }),
  ).toEqual(
    model.items
      .toSorted((one, other) => (one.id < other.id ? -1 : 1))
      .map((item) => ({
        id: item.id,
        status: item.status,
        chat: chatId,
        media: item.media,
        shown: item.isEditable ? item.shownIn?.messageId : undefined,
        claim: item.status === 'delivered' ? model.claimOf(item, now)?.by : undefined,
        isAsked: model.isAsked(item, now),
        votes: [...item.votes].toSorted(),
      })),
  );

  expect(
    rows.decisions.map(({ item, chatId: chat, by, decision, reason, at, undoneAt }) => ({
      item,
      chat,
      by: person(by),
      decision,
      reason: reason ?? undefined,
      at: at + aheadMs,
      isUndone: undoneAt !== null,
    })),
  ).toEqual(
    model.decided.map(({ item, by, decision, reason, at, undoneAt }) => ({
      item: item.id,
      chat: chatId,
      by,
      decision,
      reason,
      at,
      isUndone: undoneAt !== undefined,
    })),
  );

  expect(
    media.map((id) => {
      const row = rows.media.find((one) => one.id === id);
      const last = row?.last ?? null;
      const until = row?.isForEver ? Number.POSITIVE_INFINITY : (row?.until ?? null);
      return {
        times: row?.times,
        last: last === null ? 0 : last + aheadMs,
        until: until === null ? 0 : until + aheadMs,
      };
    }),
  ).toEqual(
    media.map((_, index) => ({
      times: model.timesPosted(index),
      last: model.lastPostedAt(index),
      until: model.lockedUntil(index, now),
    })),
  );

  const found = rows.interactions.filter(({ key }) => !sides.isLenient?.(key));
  expect(
    Object.fromEntries(found.map(({ key, name, outcome, by }) => [key, { name, outcome, by: person(by) }])),
  ).toEqual(Object.fromEntries(recorded));
  // Two rows of one key would have hidden each other.
  expect(new Set(rows.interactions.map(({ key }) => key)).size).toBe(rows.interactions.length);
}

/** `Fri 20 Nov 14:02` */
const CARD_TIME = /([A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2})(?: \d{4})? (\d\d:\d\d)/g;

/** Compares what stands in the chat with the rows, and both with the model, after a sweep. */
export async function expectCards(
  sides: Sides & { cards: Pick<CardRepository, 'find'>; telegram: Simulator },
): Promise<void> {
  const { model, cards, telegram, chatId, now, aheadMs } = sides;
  for (const item of model.sent()) {
    if (!item.isEditable || !item.shownIn) continue;
    const message = telegram.message({ id: chatId }, item.shownIn.messageId);
    const card = await cards.find(item.id);
    if (!message || !card) throw new Error(`the card of ${item.id} is gone`);
    const view = cardView(card, new Date(now - aheadMs));
    // A card that was drawn last year says no year. Where time is let pass by making rows older, the times on cards that
    // were drawn before are not theirs any more.
    const inWords = (caption: string) =>
      aheadMs === 0 ? caption.replace(CARD_TIME, '$1 $2') : caption.replace(CARD_TIME, '');
    expect({ caption: inWords(message.caption ?? ''), buttons: buttonsOf(message) }).toEqual({
      caption: inWords(view.caption.caption),
      buttons: view.keyboard.inline_keyboard.map((row) => row.map(({ text }) => text)).filter((row) => row.length > 0),
    });
    expectCard(message, model.card(item, now));
  }
}

function expectCard(message: Message, { lines, buttons }: { lines: string[]; buttons: string[] }): void {
  for (const line of lines) expect(message.caption).toContain(line);
  expect(buttonsOf(message).flat()).toEqual(buttons);
}
