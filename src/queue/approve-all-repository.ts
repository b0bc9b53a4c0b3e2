import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database, Transaction } from '../db/client.ts';
import { prepareStatement } from '../db/prepared-statement.ts';
import { userInteractions } from '../db/schema/index.ts';
import type { InteractionDraft } from '../telegram/bot-context.ts';
import { UNVOTE } from './approval-statements.ts';
import { REJECT_PROMPT_HOURS } from './decision-statements.ts';
import { UNDO } from './undo-statements.ts';
import { createVerdictRepository, type TapValues, type Verdict } from './verdict-repository.ts';

const summaryRow = z.object({
  /** Most cards first. */
  categories: z.array(z.object({ category: z.string().nullable(), count: z.number() })),
  /** Cards with an open question "reject for ever?": somebody doubts them, so they are left alone. */
  asked: z.number(),
  approvalsNeeded: z.number(),
});
/** What would be marked as posted. */
export type ApproveAllSummary = z.infer<typeof summaryRow>;

/** What approving all at once came to: the cards it posted, those that got a vote only, and those it could not approve. */
export type ApproveAllResult = { posted: string[]; voted: string[]; own: number };

/** Who approves what, and when. */
export type ApproveAll = { chatId: number; userId: string; now: Date; interaction: InteractionDraft };

const ids = z.array(z.object({ id: z.string() }));
const POSTED: Verdict = { decision: 'posted', lock: 'recent_post', source: 'approve_all' };

export type ApproveAllRepository = ReturnType<typeof createApproveAllRepository>;

/**
 * All delivered cards of a chat at once: each is settled by the statements of a single tap, so that locks, counters,
 * votes and undoing are the same, and all of them in one transaction. Cards are taken in the order of their media, so that
 * two chats which share media cannot wait for each other. A card costs one or two statements; as cards are discarded
 * when nobody decides, there are seldom more than a few dozen.
 */
export function createApproveAllRepository({ db }: Database) {
  const verdicts = createVerdictRepository(db);
  const undoStatement = prepareStatement(db, UNDO);
  const unvoteStatement = prepareStatement(db, UNVOTE);

  /** One card of many: it has no delivery key and leaves no interaction of its own. */
  function values(item: string, { chatId, userId, now }: Omit<ApproveAll, 'interaction'>): TapValues {
    const none = { key: null, name: null, message: null, cardMessage: null, received: null, elapsed: null };
    return { item, chat: chatId, user: userId, now, ...none };
  }

  /** Records the interaction in the same transaction; false when this very tap was worked in before. */
  async function record(
    tx: Transaction,
    { interaction }: ApproveAll,
    facts: Record<string, unknown>,
  ): Promise<boolean> {
    const rows = await tx
      .insert(userInteractions)
      .values({
        userId: interaction.userId,
        interactionType: interaction.type,
        interactionName: interaction.name,
        telegramChatId: interaction.chatId,
        telegramMessageId: interaction.messageId,
        createdAt: interaction.createdAt,
        deliveryKey: interaction.deliveryKey,
        context: {
          ...interaction.context,
          ...facts,
          outcome: 'done',
          response_time_ms: Math.round(interaction.elapsedMs()),
        },
      })
      .onConflictDoNothing()
      .returning({ id: userInteractions.id });
    return rows.length > 0;
  }

  /** A redelivered tap must not do it again after an undo. */
  async function isReplay(tx: Transaction, { interaction }: ApproveAll): Promise<boolean> {
    const known = await tx.$count(userInteractions, sql`delivery_key = ${interaction.deliveryKey}`);
    return known > 0;
  }

  return {
    /** What `approve` would settle now, by category. */
    async summary(chatId: number, now: Date): Promise<ApproveAllSummary> {
      const rows: unknown = await db.execute(sql`
        with waiting as (
          select m.category, coalesce(q.reject_asked_at > ${openSince(now)}, false) as asked
          from queue_items q join media_items m on m.id = q.media_item_id
          where q.chat_id = ${chatId} and q.status = 'delivered'
        ), grouped as (
          select category, count(*)::int as count from waiting where not asked group by category
        )
        select coalesce((select jsonb_agg(to_jsonb(grouped) order by count desc, category) from grouped), '[]') as categories,
               (select count(*)::int from waiting where asked) as asked,
               (select approvals_needed from chats where id = ${chatId}) as "approvalsNeeded"`);
      return summaryRow.parse(z.array(z.unknown()).parse(rows)[0]);
    },

    /**
     * Posts every card that was there at `until` (when the person read the question) and is still undecided; where more
     * people are wanted it adds this person's vote to each. Undefined: this very tap was worked in before.
     */
    async approve(who: ApproveAll, until: Date): Promise<ApproveAllResult | undefined> {
      return db.transaction(async (tx) => {
        const rows: unknown = await tx.execute(sql`
          select q.id from queue_items q
          where q.chat_id = ${who.chatId} and q.status = 'delivered' and q.sent_at <= ${until.toISOString()}::timestamptz
            and coalesce(q.reject_asked_at <= ${openSince(who.now)}, true)
          order by q.media_item_id, q.id for update`);
        if (await isReplay(tx, who)) return undefined;
        const result: ApproveAllResult = { posted: [], voted: [], own: 0 };
        for (const { id } of ids.parse(rows)) {
          const one = values(id, who);
          const settled = (await verdicts.decide(one, POSTED, tx)) ?? (await verdicts.vote(one, POSTED, tx));
          if (!settled) result.own += 1;
          else if (!('kind' in settled) || settled.kind === 'decided') result.posted.push(id);
          else if (settled.kind === 'counted') result.voted.push(id);
        }
        const { posted, voted } = result;
        await record(tx, who, { posted: posted.length, voted: voted.length });
        return result;
      });
    },

    /**
     * Takes back what was approved at `approvedAt`, decisions and votes: what was undone one by one meanwhile is left
     * alone. Returns the cards that are open again or lost a vote; undefined when this very tap was worked in before.
     */
    async undo(who: ApproveAll, approvedAt: Date): Promise<string[] | undefined> {
      const at = sql`${approvedAt.toISOString()}::timestamptz`;
      return db.transaction(async (tx) => {
        const rows: unknown = await tx.execute(sql`
          select q.id, (select a.user_id from approvals a where a.queue_item_id = q.id and a.voted_at = ${at} limit 1) as voter
          from queue_items q
          where q.chat_id = ${who.chatId} and q.id in (
            select d.queue_item_id from decisions d
            where d.decided_at = ${at} and d.source = 'approve_all' and d.undone_at is null
            union all
            select w.id from queue_items w join approvals a on a.queue_item_id = w.id and a.voted_at = ${at}
            where w.chat_id = ${who.chatId} and w.status = 'delivered')
          order by q.media_item_id, q.id for update of q`);
        if (await isReplay(tx, who)) return undefined;
        const changed: string[] = [];
        for (const { id, voter } of z.array(z.object({ id: z.string(), voter: z.string().nullable() })).parse(rows)) {
          const one = { ...values(id, who), isAdmin: true };
          const undone = await undoStatement.run(one, tx);
          // A card that got a vote only: that vote goes, whoever presses.
          const unvoted = undone.length === 0 && voter ? await unvoteStatement.run({ ...one, user: voter }, tx) : [];
          if (undone.length > 0 || unvoted.length > 0) changed.push(id);
        }
        await record(tx, who, { undone: changed.length });
        return changed;
      });
    },
  };
}

/** Questions asked before this are closed. */
function openSince(now: Date) {
  return sql`${now.toISOString()}::timestamptz - make_interval(hours => ${REJECT_PROMPT_HOURS})`;
}
