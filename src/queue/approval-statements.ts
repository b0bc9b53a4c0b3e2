import { sql } from 'drizzle-orm';
import {
  claimEnd,
  fileOfItem,
  isOwnItem,
  isThisTap,
  isWaiting,
  knowMessage,
  param,
  questionEnd,
  recordTap,
} from './decision-statements.ts';

/*
 * Votes where a chat wants more than one person to approve a post, or somebody else than who added it. A statement sees
 * the votes that were there when it began, not those that were committed while it waited for the card: two people at once
 * would each count one vote and nobody would decide. So the card is locked by a statement of its own first, and the next
 * one, in the same transaction, sees them all. Chats where one is enough never come here.
 */

export const LOCK_CARD = sql`select from queue_items q
  where q.id = ${param('item')}::uuid and q.chat_id = ${param('chat')}::bigint for update`;

/**
 * One vote, in a transaction that holds the card. `isEnough`: with this vote (or with those there already, when the chat
 * has come to want fewer) it may be posted; then nothing is recorded here, the decision does it. A vote that does not
 * decide is recorded as `vote`. No row: the card does not wait, or the voter added it.
 */
export const VOTE = sql`with ballot as (
  select q.id, q.media_item_id, c.approvals_needed as needed, m.file_name, votes.others + 1 as votes, votes.has_own,
         votes.others + 1 >= c.approvals_needed as is_enough
  from queue_items q
  join chats c on c.id = q.chat_id
  join media_items m on m.id = q.media_item_id
  cross join lateral (
    select count(*) filter (where a.user_id <> ${param('user')}::uuid and not ${isOwnItem(sql`a.user_id`)})::int as others,
           coalesce(bool_or(a.user_id = ${param('user')}::uuid), false) as has_own
    from approvals a where a.queue_item_id = q.id
  ) votes
  where ${isThisTap} and ${isWaiting} and not ${isOwnItem(sql`${param('user')}::uuid`)}
), vote as (
  insert into approvals (queue_item_id, user_id, voted_at)
  select ballot.id, ${param('user')}::uuid, ${param('now')}::timestamptz from ballot
  on conflict do nothing
), item as (
  update queue_items q
  set version = q.version + 1, ${knowMessage},
      -- Whoever approves has posted it: they are on it no longer.
      claimed_by = nullif(q.claimed_by, ${param('user')}::uuid),
      claimed_at = case when q.claimed_by is distinct from ${param('user')}::uuid then q.claimed_at end,
      render_again_at = least(case when q.claimed_by is distinct from ${param('user')}::uuid then ${claimEnd} end, ${questionEnd})
  from ballot
  where q.id = ballot.id and not ballot.is_enough and not ballot.has_own
  returning q.id, q.media_item_id, q.version
), file as (
  ${fileOfItem}
), recorded as (${recordTap({ outcome: 'vote' })})
select ballot.votes, ballot.needed, ballot.has_own as "hasOwn", ballot.is_enough as "isEnough" from ballot`;

/** Takes the own vote back from a card that is not decided yet, in a transaction that holds the card. */
export const UNVOTE = sql`with taken as (
  delete from approvals a using queue_items q
  where ${isThisTap} and ${isWaiting} and a.queue_item_id = q.id and a.user_id = ${param('user')}::uuid
  returning a.queue_item_id
), item as (
  update queue_items q set version = q.version + 1
  from taken where q.id = taken.queue_item_id
  returning q.id, q.media_item_id, q.version
), file as (
  ${fileOfItem}
), recorded as (${recordTap()})
select item.id, item.version, file.file_name as "fileName" from item, file`;
