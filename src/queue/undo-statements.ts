import { sql } from 'drizzle-orm';
import { changedCard, claimEnd, fileOfItem, isThisTap, param, recordTap, UNDO_SECONDS } from './decision-statements.ts';

/** Takes a decision back: card, counters, locks and figures are as if it had not been made; the row itself stays. */
export const UNDO = sql`with item as (
  update queue_items q
  set status = 'delivered', version = q.version + 1, reject_asked_at = null, reject_asked_by = null, render_again_at = ${claimEnd}
  from decisions d
  where ${isThisTap} and d.queue_item_id = q.id and d.undone_at is null
    and q.status in ('posted', 'skipped', 'rejected')
    and d.decided_at > ${param('now')}::timestamptz - make_interval(secs => ${UNDO_SECONDS})
    and (d.user_id = ${param('user')}::uuid or ${param('isAdmin')}::boolean)
  returning q.id, q.media_item_id, q.version, d.id as decision_id, d.decision, d.decided_at, d.user_id as decider_id,
            d.previous_last_posted_at
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
), replanned as (
  -- Where media rest for no days, this one may be in the plan again. It is open now, so that post goes, and the others keep
  -- their times. What is being sent or already in the chat stays: people see that card, and taking it from them is more
  -- of a surprise than having the medium twice.
  update queue_items p set status = 'cancelled', failure = 'its earlier card was taken back'
  from item
  where p.chat_id = ${param('chat')}::bigint and p.media_item_id = item.media_item_id and p.status = 'pending' and p.id <> item.id
), unvoted as (
  -- The vote that made the decision goes with it; those that were there before it stay, as they were before it.
  delete from approvals a using item
  where item.decision = 'posted' and a.queue_item_id = item.id and a.user_id = item.decider_id
), discounted as (
  update user_interactions i
  set context = i.context || jsonb_build_object('undone_at', ${param('now')}::timestamptz)
  from item
  where i.context->>'queue_item_id' = item.id::text and i.counts
    and i.interaction_name in ('posted', 'skip', 'confirm_reject')
), recorded as (${recordTap()})
${changedCard}`;
