import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { prepareStatement } from '../db/prepared-statement.ts';

/** All reactions of a person to a message, as they are from `at` on. */
export type StandingReactions = {
  chatId: number;
  messageId: number;
  userId: string;
  /** Each in one word (reaction-words.ts); empty when the last one was taken off. */
  reactions: readonly string[];
  at: Date;
};

const param = sql.placeholder;

/**
 * Older news than what is known changes nothing, so an update that is delivered again after a newer one is harmless.
 * Telegram tells the time of a reaction in seconds.
 */
const REPLACE = sql`with card as (
  select q.chat_id, q.message_id, q.media_item_id::text as item_id from queue_items q
  where q.chat_id = ${param('chat')}::bigint and q.message_id = ${param('message')}::bigint
), taken_off as (
  update reactions r set withdrawn_at = ${param('at')}::timestamptz
  from card
  where r.chat_id = card.chat_id and r.message_id = card.message_id and r.user_id = ${param('user')}::uuid
    and r.withdrawn_at is null and r.created_at <= ${param('at')}::timestamptz and r.reaction <> all(${param('reactions')}::text[])
), put as (
  insert into reactions as r (user_id, item_id, chat_id, message_id, reaction, created_at)
  select ${param('user')}::uuid, card.item_id, card.chat_id, card.message_id, reaction, ${param('at')}::timestamptz
  from card, unnest(${param('reactions')}::text[]) as reaction
  on conflict (chat_id, message_id, user_id, reaction) do update
  set withdrawn_at = null, created_at = excluded.created_at
  where r.withdrawn_at <= excluded.created_at
)
select count(*) as cards from card`;

export type ReactionRepository = ReturnType<typeof createReactionRepository>;

/** Message reactions under cards. */
export function createReactionRepository({ db }: Database) {
  const replace = prepareStatement(db, REPLACE);

  return {
    /**
     * The person's reactions to a card are these now: those that are missing are withdrawn, new ones are there from `at`
     * on. Returns false, and stores nothing, when the message is no card.
     */
    async replace({ chatId, messageId, userId, reactions, at }: StandingReactions): Promise<boolean> {
      const values = { chat: chatId, message: messageId, user: userId, reactions, at };
      const [row] = await replace.run(values);
      return z.object({ cards: z.number() }).parse(row).cards > 0;
    },
  };
}
