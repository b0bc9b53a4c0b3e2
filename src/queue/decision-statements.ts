import { type SQL, sql } from 'drizzle-orm';

/*
 * The statements of a tap, in SQL as they are sent; votes, claims and undoing stand in files of their own. All of them
 * lock the queue item first, so that no two can wait for each other, and end with the tap's own row: card, decision,
 * locks, counters and interaction commit together.
 */

/** A question "reject for ever?" is open this long (matrix T24). */
export const REJECT_PROMPT_HOURS = 24;
/** How long a decision can be taken back (DESIGN, rulings). */
export const UNDO_SECONDS = 60;
/** "On it" is believed this long; pressing it again prolongs it. */
export const CLAIM_MINUTES = 10;
/** The name under which "On it" is recorded. */
export const CLAIM = 'queue:claim';

export const param = sql.placeholder;

/**
 * Condition of every change by a tap: the card is in this chat, and this very tap has not been worked in before
 * (a redelivered tap must not decide again after an undo). Without a key it is no tap but one card of many.
 */
export const isThisTap = sql`q.id = ${param('item')}::uuid and q.chat_id = ${param('chat')}::bigint
  and not exists (select from user_interactions where delivery_key = ${param('key')}::text)`;

/** Cards that wait for a decision, over `queue_items q`. A tap on one whose sending was never confirmed counts. */
export const isWaiting = sql`q.status in ('sending', 'delivered')`;

/** A tap on a card whose send was never confirmed tells where the card is. */
export const knowMessage = sql`message_id = coalesce(q.message_id, ${param('cardMessage')}::bigint),
          sent_at = coalesce(q.sent_at, q.sending_since)`;

/** When the claim, or the question "reject for ever?", ends; null when there is none at `now`. */
export const claimEnd = sql`case when q.claimed_at > ${param('now')}::timestamptz - make_interval(mins => ${CLAIM_MINUTES})
            then q.claimed_at + make_interval(mins => ${CLAIM_MINUTES}) end`;
export const questionEnd = sql`case when q.reject_asked_at > ${param('now')}::timestamptz - make_interval(hours => ${REJECT_PROMPT_HOURS})
            then q.reject_asked_at + make_interval(hours => ${REJECT_PROMPT_HOURS}) end`;

/**
 * The chat asks for four eyes, and this is who added the item (over `queue_items q`, `chats c`, `media_items m`): whoever
 * sent the medium; of a medium that nobody sent (from a folder) whoever brought it into the queue. Asking for a card by
 * /next does not add it, or nobody could approve it where two work together.
 */
export function isOwnItem(userId: SQL): SQL {
  return sql`(c.is_four_eyes and coalesce(${userId} = coalesce(m.added_by, q.added_by), false))`;
}

/**
 * The tap's own row, from the card in the CTE `item` and its file in the CTE `file`; `facts` is more for its context.
 * The time in the answer counts up to here: milliseconds before this statement came from the bot, the rest are the
 * server's. One card of many has no key and no row of its own.
 */
export function recordTap({ outcome = 'done', facts }: { outcome?: 'done' | 'vote'; facts?: SQL } = {}): SQL {
  return sql`insert into user_interactions
    (user_id, interaction_type, interaction_name, context, telegram_chat_id, telegram_message_id, created_at, delivery_key)
  select ${param('user')}::uuid, 'callback', ${param('name')}::text,
         jsonb_build_object('queue_item_id', item.id, 'media_id', item.media_item_id, 'media_filename', file.file_name,
           'outcome', ${sql.raw(`'${outcome}'`)}, 'response_time_ms',
           round(${param('elapsed')}::numeric + extract(milliseconds from clock_timestamp() - statement_timestamp())))
           ${facts === undefined ? sql`` : sql`|| ${facts}`},
         ${param('chat')}::bigint, ${param('message')}::bigint, ${param('received')}::timestamptz, ${param('key')}::text
  from item, file
  where ${param('key')}::text is not null
  on conflict (delivery_key) where delivery_key is not null do nothing`;
}

/** What every statement says about the card that it changed. */
export const changedCard = sql`select item.id, item.version, file.file_name as "fileName" from item, file`;

/** The file of the card in the CTE `item`. */
export const fileOfItem = sql`select m.file_name, m.last_posted_at from media_items m join item on m.id = item.media_item_id`;

/**
 * From "On it" to the decision of the same person, in milliseconds; null when somebody else or nobody claimed the
 * card, or the claim was over. Pressing again moves `claimed_at` on, so the beginning is kept with the presses.
 */
const handlingMs = sql`case when item.claimed_by = ${param('user')}::uuid and ${param('source')}::text = 'tap'
           and item.claimed_at > ${param('now')}::timestamptz - make_interval(mins => ${CLAIM_MINUTES})
         then greatest(0, extract(epoch from ${param('now')}::timestamptz - coalesce((
             select (i.context->>'claimed_since')::timestamptz from user_interactions i
             where i.context->>'queue_item_id' = item.id::text and i.interaction_name = ${sql.raw(`'${CLAIM}'`)}
               and i.user_id = ${param('user')}::uuid and i.created_at = item.claimed_at
             limit 1), item.claimed_at)) * 1000) end`;

/**
 * Settles a delivered card: `status` is posted, skipped or rejected. Rejecting needs an open question; posting needs a
 * chat where one person is enough, or `isApproved`: the votes were counted in this transaction (approval-statements).
 */
export const DECIDE = sql`with item as (
  update queue_items q
  set status = ${param('status')}::text, version = q.version + 1, reject_asked_at = null, reject_asked_by = null,
      render_again_at = ${param('now')}::timestamptz + make_interval(secs => ${UNDO_SECONDS}), ${knowMessage}
  from chats c
  where ${isThisTap} and c.id = q.chat_id and ${isWaiting}
    and case ${param('status')}::text
          when 'posted' then ${param('isApproved')}::boolean or (c.approvals_needed = 1 and not c.is_four_eyes)
          when 'rejected' then q.reject_asked_at > ${param('now')}::timestamptz - make_interval(hours => ${REJECT_PROMPT_HOURS})
          else true end
  returning q.id, q.media_item_id, q.chat_id, q.version, q.sent_at, q.claimed_by, q.claimed_at, c.repost_lock_days, c.skip_lock_days
), file as (
  ${fileOfItem}
), decision as (
  insert into decisions (queue_item_id, chat_id, media_item_id, user_id, decision, decided_at, reason, source, handling_ms,
                         waited_ms, previous_last_posted_at)
  select item.id, item.chat_id, item.media_item_id, ${param('user')}::uuid, ${param('status')}::text, ${param('now')}::timestamptz,
         ${param('reason')}::text, ${param('source')}::text, ${handlingMs},
         greatest(0, extract(epoch from ${param('now')}::timestamptz - item.sent_at) * 1000), file.last_posted_at
  from item, file
  returning id, media_item_id
), counters as (
  update media_items m set times_posted = m.times_posted + 1, last_posted_at = ${param('now')}::timestamptz
  from item where m.id = item.media_item_id and ${param('status')}::text = 'posted'
), replaced as (
  update media_locks l set replaced_by = decision.id
  from decision
  where ${param('status')}::text = 'rejected' and l.media_item_id = decision.media_item_id
    and l.replaced_by is null and l.locked_until is not null
), locked as (
  insert into media_locks (media_item_id, reason, locked_at, locked_until, decision_id)
  select item.media_item_id, ${param('lock')}::text, ${param('now')}::timestamptz,
         case ${param('status')}::text
           when 'posted' then ${param('now')}::timestamptz + make_interval(days => item.repost_lock_days)
           when 'skipped' then ${param('now')}::timestamptz + make_interval(days => item.skip_lock_days) end,
         decision.id
  from item, decision
  on conflict (media_item_id) where locked_until is null and replaced_by is null do nothing
), recorded as (${recordTap({
  facts: sql`case when ${param('reason')}::text is null then '{}' else jsonb_build_object('reason', ${param('reason')}::text) end`,
})})
${changedCard}`;

/** Opens the question "reject for ever?", also in the place of one that is too old. */
export const ASK_REJECT = sql`with item as (
  update queue_items q
  set version = q.version + 1, reject_asked_at = ${param('now')}::timestamptz, reject_asked_by = ${param('user')}::uuid,
      render_again_at = least(${param('now')}::timestamptz + make_interval(hours => ${REJECT_PROMPT_HOURS}), ${claimEnd}),
      ${knowMessage}
  where ${isThisTap} and ${isWaiting}
    and (q.reject_asked_at is null
         or q.reject_asked_at <= ${param('now')}::timestamptz - make_interval(hours => ${REJECT_PROMPT_HOURS}))
  returning q.id, q.media_item_id, q.version
), file as (
  ${fileOfItem}
), recorded as (${recordTap()})
${changedCard}`;

/** Closes the question; the card is what it was before. */
export const CANCEL_REJECT = sql`with item as (
  update queue_items q
  set version = q.version + 1, reject_asked_at = null, reject_asked_by = null, render_again_at = ${claimEnd}
  where ${isThisTap} and ${isWaiting} and q.reject_asked_at is not null
  returning q.id, q.media_item_id, q.version
), file as (
  ${fileOfItem}
), recorded as (${recordTap()})
${changedCard}`;

/** Why a tap changed nothing: all that the answer may have to name. */
export const SITUATION = sql`select q.status, m.id as "mediaItemId", m.file_name as "fileName", d.decision, d.decided_at as "decidedAt", d.user_id as "deciderId",
           coalesce(q.reject_asked_at > ${param('now')}::timestamptz - make_interval(hours => ${REJECT_PROMPT_HOURS}), false)
             as "isRejectAsked",
           case when u.id is not null then jsonb_build_object('firstName', u.first_name, 'lastName', u.last_name,
             'username', u.username, 'telegramUserId', u.telegram_user_id) end as decider,
           ${claimEnd} as "claimedUntil", q.claimed_by as "claimerId",
           case when k.id is not null then jsonb_build_object('firstName', k.first_name, 'lastName', k.last_name,
             'username', k.username, 'telegramUserId', k.telegram_user_id) end as claimer,
           c.approvals_needed > 1 or c.is_four_eyes as "needsApproval", c.approvals_needed as "approvalsNeeded",
           ${isOwnItem(sql`${param('user')}::uuid`)} as "isOwnItem",
           (select count(*)::int from approvals a where a.queue_item_id = q.id and not ${isOwnItem(sql`a.user_id`)}) as approvals,
           exists (select from approvals a where a.queue_item_id = q.id and a.user_id = ${param('user')}::uuid) as "hasApproved",
           (select context->>'outcome' from user_interactions where delivery_key = ${param('key')}::text) as "recordedAs"
    from queue_items q
    join media_items m on m.id = q.media_item_id
    join chats c on c.id = q.chat_id
    left join decisions d on d.queue_item_id = q.id and d.undone_at is null
    left join users u on u.id = d.user_id
    left join users k on k.id = q.claimed_by
    where q.id = ${param('item')}::uuid and q.chat_id = ${param('chat')}::bigint`;
