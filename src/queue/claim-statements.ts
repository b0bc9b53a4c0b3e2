import { sql } from 'drizzle-orm';
import {
  CLAIM,
  CLAIM_MINUTES,
  changedCard,
  fileOfItem,
  isThisTap,
  isWaiting,
  knowMessage,
  param,
  questionEnd,
  recordTap,
} from './decision-statements.ts';

const isHeld = sql`q.claimed_at > ${param('now')}::timestamptz - make_interval(mins => ${CLAIM_MINUTES})`;

/**
 * "On it": the card is the person's for ten minutes from now, unless somebody else has it. The first press of an
 * unbroken row of presses is kept in the context (`claimed_since`): handling time counts from there.
 */
export const CLAIM_CARD = sql`with item as (
  update queue_items q
  set version = q.version + 1, claimed_by = ${param('user')}::uuid, claimed_at = ${param('now')}::timestamptz,
      render_again_at = least(${param('now')}::timestamptz + make_interval(mins => ${CLAIM_MINUTES}), ${questionEnd}),
      ${knowMessage}
  where ${isThisTap} and ${isWaiting}
    and (q.claimed_by is null or q.claimed_by = ${param('user')}::uuid or not ${isHeld})
  returning q.id, q.media_item_id, q.version
), file as (
  ${fileOfItem}
), recorded as (${recordTap({
  facts: sql`jsonb_build_object('claimed_since', coalesce(
    (select (i.context->>'claimed_since')::timestamptz from user_interactions i
     where i.context->>'queue_item_id' = item.id::text and i.interaction_name = ${sql.raw(`'${CLAIM}'`)}
       and i.user_id = ${param('user')}::uuid and i.counts
       and i.created_at > ${param('now')}::timestamptz - make_interval(mins => ${CLAIM_MINUTES})
     order by i.created_at desc limit 1), ${param('now')}::timestamptz))`,
})})
${changedCard}`;
