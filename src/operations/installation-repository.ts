import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { installation } from '../db/schema/index.ts';
import { PersonError } from '../lib/errors.ts';

type Claim = { id: number; isSimulator: boolean };

/** Ties a database that nobody has claimed to this bot. Only for a bot that Telegram knows: a mistyped token has an id too. */
export async function claimInstallation({ db }: Database, bot: Claim): Promise<void> {
  await db.insert(installation).values({ botId: bot.id, isSimulator: bot.isSimulator }).onConflictDoNothing();
}

/**
 * Checks at every start whose database this is. Demo data must never come to lie beside real ones, and file ids and
 * message ids of one bot mean nothing to another. Throws PersonError when it belongs to another kind or another bot.
 */
export async function requireOwnInstallation({ db }: Database, bot: Claim): Promise<void> {
  const [row] = await db.select().from(installation);
  if (!row || (row.isSimulator === bot.isSimulator && (bot.isSimulator || row.botId === bot.id))) return;
  if (row.isSimulator !== bot.isSimulator) {
    throw new PersonError(
      row.isSimulator
        ? 'This database holds the simulator’s demo data. Use another one for a real bot (DATABASE_URL or DATA_DIR).'
        : 'This database holds a real team’s data. The simulator never writes there: unset DATABASE_URL or SIMULATOR.',
    );
  }
  throw new PersonError(
    `This database belongs to another bot (id ${row.botId}); its cards and files mean nothing to the bot of this BOT_TOKEN (id ${bot.id}). ` +
      'Use that bot’s token, or another database.',
  );
}

const beforeRow = z.array(z.object({ before: z.coerce.date().nullable() }));

/**
 * Says that the bot runs. Returns when it last said so; undefined when it never did, or the database belongs to no bot
 * yet. Each silence is returned to one caller only.
 */
export async function sayAlive({ db }: Database, now: Date): Promise<Date | undefined> {
  const rows: unknown = await db.execute(sql`
    with known as (select alive_at from installation for update)
    update installation set alive_at = ${now.toISOString()}::timestamptz from known
    returning known.alive_at as before`);
  return beforeRow.parse(rows)[0]?.before ?? undefined;
}
