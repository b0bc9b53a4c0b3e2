import { asc, eq, ne } from 'drizzle-orm';
import type { Db } from '../../src/db/client.ts';
import { decisions, mediaItems, queueItems, userInteractions, users } from '../../src/db/schema/index.ts';

/** What people did, oldest first, as the table has it. */
export async function interactionRows(db: Db) {
  const rows = await db
    .select({ row: userInteractions, by: users.firstName })
    .from(userInteractions)
    .leftJoin(users, eq(users.id, userInteractions.userId))
    .where(ne(userInteractions.interactionType, 'bot_response'))
    .orderBy(asc(userInteractions.id));
  return rows.map(({ row, by }) => ({ ...row, by, context: contextOf(row.context) }));
}

/** The same in few words: `Bob posted done`. */
export async function interactionLines(db: Db): Promise<string[]> {
  return (await interactionRows(db)).map(({ by, interactionName, context }) =>
    [by, interactionName, context.outcome].join(' '),
  );
}

export function contextOf(context: unknown): Record<string, unknown> {
  return typeof context === 'object' && context !== null ? { ...context } : {};
}

/** The only queue item of a database. Throws when there is none. */
export async function onlyCard(db: Db) {
  const [row] = await db.select().from(queueItems).orderBy(asc(queueItems.id));
  if (!row) throw new Error('there is no queue item');
  return row;
}

/** The only media item of a database. Throws when there is none. */
export async function onlyMedium(db: Db) {
  const [row] = await db.select().from(mediaItems).orderBy(asc(mediaItems.id));
  if (!row) throw new Error('there is no media item');
  return row;
}

/** Every decision, undone ones too, oldest first. */
export function decisionRows(db: Db) {
  return db.select().from(decisions).orderBy(asc(decisions.id));
}
