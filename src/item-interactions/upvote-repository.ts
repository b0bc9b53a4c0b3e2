import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { prepareStatement } from '../db/prepared-statement.ts';
import type { InteractionDraft } from '../telegram/bot-context.ts';

/** A tap on 👍 under a card of this chat. */
export type UpvoteTap = {
  queueItemId: string;
  chatId: number;
  userId: string;
  now: Date;
  interaction: InteractionDraft;
};

/** How the person stands to the medium now, and how many others like it. */
export type Upvoted = { isUpvoted: boolean; others: number };

const param = sql.placeholder;

const upvotedRows = z.array(z.object({ isUpvoted: z.boolean(), others: z.number() }));

/** How many others like the medium of the CTE or table with this alias. */
const others = (alias: string) => sql`(select count(*) from upvotes u
  where u.item_id = ${sql.raw(alias)}.media_item_id::text and u.withdrawn_at is null
    and u.user_id is distinct from ${param('user')}::uuid)`;

/**
 * Turns the person's upvote over, counts up the cards that show it, and records the tap: one statement. The record comes
 * first, because its key is unique: of two processes that get the same tap at the same time one records nothing, and so
 * turns nothing over. Besides the card that was tapped, cards of the same medium that still wait are brought up to date;
 * of decided ones the bot would have to say the decision again where somebody deleted them.
 */
const TURN_OVER = sql`with tapped as (
  select q.id, q.media_item_id, m.file_name
  from queue_items q join media_items m on m.id = q.media_item_id
  where q.id = ${param('item')}::uuid and q.chat_id = ${param('chat')}::bigint and q.status not in ('pending', 'failed')
    and not exists (select from user_interactions where delivery_key = ${param('key')}::text)
), recorded as (
  insert into user_interactions
    (user_id, interaction_type, interaction_name, context, telegram_chat_id, telegram_message_id, created_at, delivery_key)
  select ${param('user')}::uuid, 'callback', ${param('name')}::text,
         jsonb_build_object('queue_item_id', tapped.id, 'media_id', tapped.media_item_id, 'media_filename', tapped.file_name,
           'outcome', 'done', 'response_time_ms',
           round(${param('elapsed')}::numeric + extract(milliseconds from clock_timestamp() - statement_timestamp()))),
         ${param('chat')}::bigint, ${param('message')}::bigint, ${param('received')}::timestamptz, ${param('key')}::text
  from tapped
  on conflict (delivery_key) where delivery_key is not null do nothing
  returning 1
), turned as (
  insert into upvotes as u (user_id, item_id, created_at)
  select ${param('user')}::uuid, tapped.media_item_id::text, ${param('now')}::timestamptz from tapped, recorded
  on conflict (user_id, item_id) do update
  set withdrawn_at = case when u.withdrawn_at is null then excluded.created_at end,
      created_at = case when u.withdrawn_at is null then u.created_at else excluded.created_at end
  returning u.withdrawn_at is null as is_upvoted
), shown as (
  -- In the order of their ids, so that no two taps wait for each other.
  select q.id from queue_items q, tapped, turned
  where q.media_item_id = tapped.media_item_id and (q.id = tapped.id or q.status = 'delivered')
  order by q.id
  for no key update of q
), counted as (
  update queue_items q set version = q.version + 1 from shown where q.id = shown.id
)
select turned.is_upvoted as "isUpvoted", ${others('tapped')} as others from tapped, turned`;

/** What a tap that was worked in before came to. */
const STANDING = sql`select coalesce(own.withdrawn_at is null and own.id is not null, false) as "isUpvoted", ${others('q')} as others
  from queue_items q
  left join upvotes own on own.item_id = q.media_item_id::text and own.user_id = ${param('user')}::uuid
  where q.id = ${param('item')}::uuid and q.chat_id = ${param('chat')}::bigint
    and exists (select from user_interactions where delivery_key = ${param('key')}::text)`;

export type UpvoteRepository = ReturnType<typeof createUpvoteRepository>;

/** Who likes which item, one tap at a time; many at once are taken in by upvote-file-repository.ts. */
export function createUpvoteRepository({ db }: Database) {
  const turnOver = prepareStatement(db, TURN_OVER);
  const standing = prepareStatement(db, STANDING);

  return {
    /**
     * The person likes the medium of this card, or does not any more: one row per person and medium, whatever arrives
     * at the same time. Upvote, cards and the record of the tap commit together; a tap that was worked in before changes
     * nothing. Undefined: there is no such card in this chat, or it was never sent.
     */
    async turnOver({ queueItemId, chatId, userId, now, interaction }: UpvoteTap): Promise<Upvoted | undefined> {
      const tap = { item: queueItemId, chat: chatId, user: userId, key: interaction.deliveryKey };
      const turned = await turnOver.run({
        ...tap,
        now,
        name: interaction.name,
        message: interaction.messageId,
        received: interaction.createdAt,
        elapsed: interaction.elapsedMs(),
      });
      return upvotedRows.parse(turned.length > 0 ? turned : await standing.run(tap))[0];
    },
  };
}
