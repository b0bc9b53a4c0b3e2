import { type SQL, sql } from 'drizzle-orm';
import { tombstoneHash } from '../db/forgotten.ts';
import { PERSONAL_TABLES, type PersonalTable } from './personal-data.ts';

/*
 * Forgetting a person, in SQL. `id` is theirs; `former` is the row of `users` that stands where the team's work needs
 * somebody ("Former member 7f3a").
 */

type Ids = { id: string; former: string };

/** Tasks of ours, which name the person until they are done and are deleted then. */
export const FORGET_TASK = 'forget-person';
export const FINISH_FORGETTING_TASK = 'finish-forgetting';
/** These name nobody. */
export const RENAME_CARDS_TASK = 'rename-former-members-cards';
export const EMPTY_BUCKET_TASK = 'empty-exports-in-bucket';

/** A tap on a card: the team's figures and the audit of a decision are made of these. */
const isCardTap = sql`(t.interaction_type = 'callback' and t.context->>'queue_item_id' is not null)`;

function deleteOwn({ table, isTheirs }: PersonalTable, { id }: Ids): SQL {
  return sql`delete from ${sql.identifier(table)} t using users p where p.id = ${id} and (${sql.raw(isTheirs)})`;
}

/** Open cards count their upvotes, which are about to go. */
export function recountStatement({ id }: Ids): SQL {
  return sql`update queue_items q set version = q.version + 1
    where q.message_id is not null and q.status in ('sending', 'delivered') and q.media_item_id::text in (
      select item_id from upvotes where user_id = ${id} and withdrawn_at is null)`;
}

/** What goes: rows of `deleted` tables but for the person's own row, which everything else still points to. */
export function deleteStatements(ids: Ids): SQL[] {
  const tables = PERSONAL_TABLES.filter(({ table, whenForgotten }) => whenForgotten === 'deleted' && table !== 'users');
  return [
    // In a private chat the chat's id is the person's number, also in what the bot said there.
    sql`delete from user_interactions t using users p where p.id = ${ids.id} and t.telegram_chat_id = p.telegram_user_id`,
    sql`delete from user_interactions t where t.user_id = ${ids.id} and not ${isCardTap}`,
    ...tables.map((table) => deleteOwn(table, ids)),
  ];
}

/** What stays without them: each column that points to the person points to the former member. */
export function keepStatements({ id, former }: Ids): SQL[] {
  const kept = PERSONAL_TABLES.filter(({ whenForgotten }) => whenForgotten === 'kept');
  return [
    // Telegram's id of a tap holds the number of the person in its upper half, so the key goes too.
    sql`update user_interactions set user_id = ${former}, delivery_key = null where user_id = ${id}`,
    ...kept.flatMap(({ table, references }) =>
      references.map((column) => {
        const [target, name] = [sql.identifier(table), sql.identifier(column)];
        return sql`update ${target} set ${name} = ${former} where ${name} = ${id}`;
      }),
    ),
  ];
}

/** Where the person is named inside of other people's rows: ids in JSON, and names on buttons that the bot showed. */
export function scrubStatements({ id, former }: Ids): SQL[] {
  const named = `%${id}%`;
  const scrub = (column: SQL) => sql`replace(${column}::text, ${id}, ${former})::jsonb`;
  return [
    sql`update user_interactions set context = ${scrub(sql`context`)} where context::text like ${named}`,
    sql`update audit_log set before = ${scrub(sql`before`)}, after = ${scrub(sql`after`)}
        where before::text like ${named} or after::text like ${named}`,
    // Labels are cut, hence the first letters only.
    sql`update user_interactions t set context = t.context - 'buttons'
        from users p
        where p.id = ${id} and t.interaction_type = 'bot_response' and jsonb_typeof(t.context->'buttons') = 'array'
          and exists (
            select from jsonb_array_elements_text(t.context->'buttons') as label,
                        unnest(array[p.first_name, p.last_name, p.username]) as name
            where name <> '' and position(left(name, 15) in label) > 0)`,
  ];
}

/** What they left open: a card that they were on is anybody's again, and their invitations let nobody in. */
export function closeStatements({ former }: Ids): SQL[] {
  return [
    sql`update queue_items set claimed_by = null, claimed_at = null, version = version + 1
        where claimed_by = ${former} and status in ('sending', 'delivered')`,
    sql`update invitations set expires_at = created_at where created_by = ${former} and used_at is null`,
  ];
}

/**
 * Durable jobs that name the person (their uploads on the way) are not done any more. One that runs at this moment fails
 * for want of the person, or has done its work; that its row is gone then is nothing to graphile-worker.
 */
export function deleteJobsStatement({ id, telegramUserId }: { id: string; telegramUserId: number | null }): SQL {
  // In a private chat the chat's id is the person's number; keys are made of the message that caused the job.
  const isTheirChat = sql`j.payload::text ~ ${`"[a-zA-Z]*[iI]d": ?${telegramUserId}[,}]`} or j.key like ${`%:msg:${telegramUserId}:%`}`;
  return sql`delete from graphile_worker._private_jobs j using graphile_worker._private_tasks k
    where k.id = j.task_id and k.identifier not in (${FORGET_TASK}, ${FINISH_FORGETTING_TASK})
      and (j.payload::text like ${`%${id}%`} ${telegramUserId === null ? sql`` : sql`or ${isTheirChat}`})`;
}

/** What stays of them: hashes. Forgotten twice (they had come back), the later day counts, and a removal stays one. */
export function tombstoneStatement({ id }: Ids, now: Date): SQL {
  return sql`insert into personal_tombstones (hash, forgotten_at, was_removed)
    select hash, ${now.toISOString()}::timestamptz, not is_active
    from users, lateral (values
      (${tombstoneHash('telegram', sql`telegram_user_id::text`)}),
      (${tombstoneHash('person', sql`id::text`)}),
      (${tombstoneHash('person', sql`regexp_replace(external_id, '^0+([0-9]+)$', '\\1')`)}),
      (${tombstoneHash('email', sql`email`)})
    ) as identifiers (hash)
    where id = ${id} and hash is not null
    on conflict (hash) do update
      set forgotten_at = excluded.forgotten_at, was_removed = personal_tombstones.was_removed or excluded.was_removed`;
}

/**
 * The next cards, newest first, whose message names the former member: they are looked at again, so that it says so.
 * Returns their ids.
 */
export function renameCardsStatement(options: { former: string; before: string | null; limit: number }): SQL {
  const { former, before, limit } = options;
  return sql`update queue_items set version = version + 1
    where id in (
      select q.id from queue_items q
      where q.message_id is not null and (${before}::uuid is null or q.id < ${before}::uuid)
        and (q.claimed_by = ${former} or q.reject_asked_by = ${former}
             or q.id in (select queue_item_id from decisions where user_id = ${former} and undone_at is null)
             or q.id in (select queue_item_id from approvals where user_id = ${former}))
      order by q.id desc limit ${limit})
    returning id`;
}
