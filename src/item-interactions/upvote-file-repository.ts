import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { isForgotten } from '../db/forgotten.ts';
import { prepareStatement } from '../db/prepared-statement.ts';
import { linkedUserOf } from './import-statements.ts';
import { externalKey } from './item-interaction-mappers.ts';
import type { FiledUpvote } from './upvote-file.ts';

export type UpvoteFileRepository = ReturnType<typeof createUpvoteFileRepository>;

const isUuid = sql`r.person ~* '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$'`;

/** Upvotes that come in many at once. */
export function createUpvoteFileRepository({ db }: Database) {
  const loadStatement = prepareStatement(
    db,
    sql`
      with created as (
        insert into upvotes (user_id, external_user_id, item_id, created_at)
        select known.id, case when known.id is null then r.key end, r.item_id, r.created_at::timestamptz
        from unnest(${sql.placeholder('persons')}::text[], ${sql.placeholder('keys')}::text[],
                    ${sql.placeholder('items')}::text[], ${sql.placeholder('times')}::text[])
             as r (person, key, item_id, created_at)
        left join lateral (
          select coalesce((select u.id from users u where u.id = case when ${isUuid} then r.person::uuid end),
                          ${linkedUserOf(sql`r.key`)}) as id
        ) as known on true
        -- An old file does not bring back who was forgotten.
        where known.id is not null or not ${isForgotten('person', sql`r.key`)}
        on conflict do nothing
        returning 1
      )
      select count(*) as created from created`,
  );

  return {
    /**
     * Adds upvotes and says how many were new; those of people who were forgotten are left out. Who likes that item already, or took it back later, is left as it is.
     * All of them or none.
     */
    async load(upvotes: readonly FiledUpvote[]): Promise<number> {
      const [row] = await loadStatement.run({
        persons: upvotes.map(({ person }) => person),
        keys: upvotes.map(({ person }) => externalKey(person)),
        items: upvotes.map(({ itemId }) => itemId),
        times: upvotes.map(({ createdAt }) => createdAt.toISOString()),
      });
      return z.object({ created: z.number() }).parse(row).created;
    },
  };
}
