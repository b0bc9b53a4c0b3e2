import { sql } from 'drizzle-orm';

/*
 * The statements of a tap, in SQL as they are sent. All of them lock the queue item first, so that no two can wait for
 * each other, and end with the tap's own row: card, decision, locks, counters and interaction commit together.
 */

/** A question "reject for ever?" is open this long (matrix T24). */
export const REJECT_PROMPT_HOURS = 24;
/** How long a decision can be taken back (DESIGN, rulings). */
export const UNDO_SECONDS = 60;

const param = sql.placeholder;

/**
 * Condition of every change by a tap: the card is in this chat, and this very tap has not been worked in before
 * (a redelivered tap must not decide again after an undo).
 */
const isThisTap = sql`q.id = ${param('item')}::uuid and q.chat_id = ${param('chat')}::bigint
  and not exists (select from user_interactions where delivery_key = ${param('key')}::text)`;

/** A tap on a card whose send was never confirmed tells where the card is. */
const knowMessage = sql`message_id = coalesce(q.message_id, ${param('cardMessage')}::bigint),
          sent_at = coalesce(q.sent_at, q.sending_since)`;

/**
 * The tap's own row, from the card in the CTE `item` and its file in the CTE `file`. The time in the answer counts up
 * to here: milliseconds before this statement came from the bot, the rest are the server's.
 */
const recordTap = sql`insert into user_interactions
    (user_id, interaction_type, interaction_name, context, telegram_chat_id, telegram_message_id, created_at, delivery_key)
  select ${param('user')}::uuid, 'callback', ${param('name')}::text,
         jsonb_build_object('queue_item_id', item.id, 'media_id', item.media_item_id, 'media_filename', file.file_name,
           'outcome', 'done', 'response_time_ms',
           round(${param('elapsed')}::numeric + extract(milliseconds from clock_timestamp() - statement_timestamp()))),
         ${param('chat')}::bigint, ${param('message')}::bigint, ${param('received')}::timestamptz, ${param('key')}::text
  from item, file
  on conflict (delivery_key) where delivery_key is not null do nothing`;

/** What every statement says about the card that it changed. */
const changedCard = sql`select item.id, item.version, file.file_name as "fileName" from item, file`;

/** The file of the card in the CTE `item`. */
const fileOfItem = sql`select m.file_name, m.last_posted_at from media_items m join item on m.id = item.media_item_id`;

/** Settles a delivered card: `status` is posted, skipped or rejected; rejecting needs an open question. */
export const DECIDE = sql`with item as (
  update queue_items q
  set status = ${param('status')}::text, version = q.version + 1, reject_asked_at = null, reject_asked_by = null,
      render_again_at = ${param('now')}::timestamptz + make_interval(secs => ${UNDO_SECONDS}), ${knowMessage}
  from chats c
  where ${isThisTap} and c.id = q.chat_id and q.status in ('sending', 'delivered')
    and (${param('status')}::text <> 'rejected'
         or q.reject_asked_at > ${param('now')}::timestamptz - make_interval(hours => ${REJECT_PROMPT_HOURS}))
  returning q.id, q.media_item_id, q.chat_id, q.version, q.sent_at, c.repost_lock_days, c.skip_lock_days
), file as (
  ${fileOfItem}
), decision as (
  insert into decisions (queue_item_id, chat_id, media_item_id, user_id, decision, decided_at, waited_ms, previous_last_posted_at)
  select item.id, item.chat_id, item.media_item_id, ${param('user')}::uuid, ${param('status')}::text, ${param('now')}::timestamptz,
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
  select item.media_item_id, ${param('reason')}::text, ${param('now')}::timestamptz,
         case ${param('status')}::text
           when 'posted' then ${param('now')}::timestamptz + make_interval(days => item.repost_lock_days)
           when 'skipped' then ${param('now')}::timestamptz + make_interval(days => item.skip_lock_days) end,
         decision.id
  from item, decision
  on conflict (media_item_id) where locked_until is null and replaced_by is null do nothing
), recorded as (${recordTap})
${changedCard}`;

/** Opens the question "reject for ever?", also in the place of one that is too old. */
export const ASK_REJECT = sql`with item as (
  update queue_items q
  set version = q.version + 1, reject_asked_at = ${param('now')}::timestamptz, reject_asked_by = ${param('user')}::uuid,
      render_again_at = ${param('now')}::timestamptz + make_interval(hours => ${REJECT_PROMPT_HOURS}), ${knowMessage}
  where ${isThisTap} and q.status in ('sending', 'delivered')
    and (q.reject_asked_at is null
         or q.reject_asked_at <= ${param('now')}::timestamptz - make_interval(hours => ${REJECT_PROMPT_HOURS}))
  returning q.id, q.media_item_id, q.version
), file as (
  ${fileOfItem}
), recorded as (${recordTap})
${changedCard}`;

/** Closes the question; the card is what it was before. */
export const CANCEL_REJECT = sql`with item as (
  update queue_items q
  set version = q.version + 1, reject_asked_at = null, reject_asked_by = null, render_again_at = null
  where ${isThisTap} and q.status in ('sending', 'delivered') and q.reject_asked_at is not null
  returning q.id, q.media_item_id, q.version
), file as (
  ${fileOfItem}
), recorded as (${recordTap})
${changedCard}`;

/** Takes a decision back: card, counters, locks and figures are as if it had not been made; the row itself stays. */
export const UNDO = sql`with item as (
  update queue_items q
  set status = 'delivered', version = q.version + 1, reject_asked_at = null, reject_asked_by = null, render_again_at = null
  from decisions d
  where ${isThisTap} and d.queue_item_id = q.id and d.undone_at is null
    and q.status in ('posted', 'skipped', 'rejected')
    and d.decided_at > ${param('now')}::timestamptz - make_interval(secs => ${UNDO_SECONDS})
    and (d.user_id = ${param('user')}::uuid or ${param('isAdmin')}::boolean)
  returning q.id, q.media_item_id, q.version, d.id as decision_id, d.decision, d.decided_at, d.previous_last_posted_at
), file as (
  ${fileOfItem}
), undone as (
  update decisions d set undone_at = ${param('now')}::timestamptz, undone_by = ${param('user')}::uuid
  from item where d.id = item.decision_id
), counters as (
  update media_items m
  set times_posted = greatest(m.times_posted - 1, 0),
      last_posted_at = case when m.last_posted_at = item.decided_at then item.previous_last_posted_at else m.last_posted_at end
  from item where m.id = item.media_item_id and item.decision = 'posted'
), relinked as (
  -- A later post of the same medium in another card must not bring this one's time back when it is undone too.
  update decisions d set previous_last_posted_at = item.previous_last_posted_at
  from item
  where item.decision = 'posted' and d.decided_at > item.decided_at and d.undone_at is null
    and d.media_item_id = item.media_item_id and d.previous_last_posted_at = item.decided_at
), heir as (
  -- The same media rejected in another card too: the permanent lock stays, on that decision.
  select d.id from decisions d, item
  where item.decision = 'rejected' and d.media_item_id = item.media_item_id and d.decision = 'rejected'
    and d.undone_at is null and d.id <> item.decision_id
  order by d.decided_at limit 1
), inherited as (
  update media_locks l set decision_id = heir.id from heir, item where l.decision_id = item.decision_id
), unlocked as (
  delete from media_locks l using item where l.decision_id = item.decision_id and not exists (select from heir)
), restored as (
  update media_locks l set replaced_by = (select id from heir) from item where l.replaced_by = item.decision_id
), discounted as (
  update user_interactions i
  set context = i.context || jsonb_build_object('undone_at', ${param('now')}::timestamptz)
  from item
  where i.context->>'queue_item_id' = item.id::text and i.counts
    and i.interaction_name in ('posted', 'skip', 'confirm_reject')
), recorded as (${recordTap})
${changedCard}`;

/** Why a tap changed nothing. */
export const SITUATION = sql`select q.status, m.id as "mediaItemId", m.file_name as "fileName", d.decision, d.decided_at as "decidedAt", d.user_id as "deciderId",
           coalesce(q.reject_asked_at > ${param('now')}::timestamptz - make_interval(hours => ${REJECT_PROMPT_HOURS}), false)
             as "isRejectAsked",
           u.first_name as "deciderFirstName", u.last_name as "deciderLastName", u.username as "deciderUsername",
           u.telegram_user_id as "deciderTelegramId",
           exists (select from user_interactions
                   where delivery_key = ${param('key')}::text and context->>'outcome' = 'done') as "isReplay"
    from queue_items q
    join media_items m on m.id = q.media_item_id
    left join decisions d on d.queue_item_id = q.id and d.undone_at is null
    left join users u on u.id = d.user_id
    where q.id = ${param('item')}::uuid and q.chat_id = ${param('chat')}::bigint`;
