import type { Writable } from 'node:stream';
import { z } from 'zod';
import { literal, type Snapshot, withinRange } from '../db/snapshot.ts';
import type { DateRange } from '../lib/date-range.ts';
import { MAX_IMPRESSION_CHARACTERS, type PersonalizeFormat, type ReadinessFigures } from './personalize-rules.ts';

/** Which item interactions: of these types, in this span. */
export type Selection = { range: DateRange; types: readonly string[] };

/** Rows of a selection that are not exported, by reason. Each row has one reason, the first that applies. */
export type Excluded = { noUser: number; noItem: number; illegalId: number; examples: readonly string[] };

/** As `LEGAL_ID` (personalize-rules.ts), faster than its positive form: one class that must not occur, and a length. */
const isLegal = (column: string) =>
  `(${column} <> '' and length(${column}) <= 256 and ${column} !~ '[^A-Za-z0-9_.:-]')`;

/** The key of an external id (`externalKey`, item-interaction-mappers.ts), also for rows of other programs. */
const keyOf = (column: string) => `regexp_replace(nullif(${column}, ''), '^0+([0-9]+)$', '\\1')`;

/** People who are known under their external id; of `7` and `007` the shorter one counts, as in the import. */
const LINKED = `(
    select distinct on (key) key, id
    from (select ${keyOf('external_id')} as key, external_id, id from users where external_id is not null) as known
    where key is not null order by key, length(external_id)
  ) as linked on i.user_id is null and linked.key = ${keyOf('i.external_user_id')}`;

const FROM = `item_interactions i left join ${LINKED}`;

/** The id of a person for Personalize: `users.id` when they are linked, else the external id (DESIGN, rulings). */
const USER_ID = `coalesce(i.user_id::text, linked.id::text, ${keyOf('i.external_user_id')})`;

const IS_EXPORTABLE = `(i.user_id is not null or linked.id is not null or ${isLegal(keyOf('i.external_user_id'))})
    and ${isLegal('i.item_id')}`;

/** Legal ids in their order, each once, cut at whole ids. */
const IMPRESSION = `case when i.impression is not null then (
    select string_agg(id, '|' order by place) from (
      select id, place, sum(length(id) + 1) over (order by place) - 1 as reach
      from (select id, min(place) as place from unnest(i.impression) with ordinality as shown(id, place)
            where ${isLegal('id')} group by id) as once
    ) as fitting where reach <= ${MAX_IMPRESSION_CHARACTERS}
  ) end`;

const COLUMNS: Readonly<Record<PersonalizeFormat, string>> = {
  personalize: `${USER_ID} as "USER_ID", i.item_id as "ITEM_ID",
    floor(extract(epoch from i.occurred_at))::bigint as "TIMESTAMP", i.event_type as "EVENT_TYPE"`,
  'personalize-full': `${USER_ID} as "USER_ID", i.item_id as "ITEM_ID",
    floor(extract(epoch from i.occurred_at))::bigint as "TIMESTAMP", i.event_type as "EVENT_TYPE",
    i.event_value as "EVENT_VALUE", ${IMPRESSION} as "IMPRESSION",
    case when ${isLegal('i.recommendation_id')} and length(i.recommendation_id) <= 40 then i.recommendation_id end as "RECOMMENDATION_ID"`,
};

/** The event types that occur in a span. */
export async function occurringTypes(snapshot: Snapshot, range: DateRange): Promise<string[]> {
  const rows = await snapshot.rows(
    `select i.event_type as type from item_interactions i where ${withinRange('i.occurred_at', range)} group by 1 order by 1`,
  );
  return z
    .array(z.object({ type: z.string() }))
    .parse(rows)
    .map(({ type }) => type);
}

export async function countSelected(snapshot: Snapshot, selection: Selection): Promise<number> {
  const [row] = count.parse(
    await snapshot.rows(`select count(*)::float8 as rows from item_interactions i where ${selected(selection)}`),
  );
  return row.rows;
}

/**
 * Writes the selection as CSV, ordered by time, then id, and returns how many rows. Two rows that say the same (person,
 * item, second, type: possible when a person was linked later) are both written; the same data give the same bytes (P11).
 */
export function copyInteractions(
  snapshot: Snapshot,
  selection: Selection,
  format: PersonalizeFormat,
  destination: Writable,
  onLines: ((lines: number) => void) | undefined,
): Promise<number> {
  const query = `select ${COLUMNS[format]} from ${FROM}
    where ${selected(selection)} and ${IS_EXPORTABLE} order by i.occurred_at, i.id`;
  return snapshot.copyCsv(query, destination, { header: true, ...(onLines ? { onLines } : {}) });
}

/** Why rows of the selection are not in the file. Reads all of them, so ask only when rows are missing there. */
export async function countExcluded(snapshot: Snapshot, selection: Selection): Promise<Excluded> {
  const rows = await snapshot.rows(
    `select reason, count(*)::float8 as rows, (array_agg(left(item_id, 60) order by occurred_at, id))[1:5] as examples
     from (
       select i.id, i.occurred_at, i.item_id,
              case when ${USER_ID} is null then 'noUser' when nullif(i.item_id, '') is null then 'noItem' else 'illegalId' end as reason
       from ${FROM} where ${selected(selection)} and not coalesce(${IS_EXPORTABLE}, false)
     ) as excluded group by reason`,
  );
  const found = new Map(excludedRows.parse(rows).map((row) => [row.reason, row]));
  return {
    noUser: found.get('noUser')?.rows ?? 0,
    noItem: found.get('noItem')?.rows ?? 0,
    illegalId: found.get('illegalId')?.rows ?? 0,
    examples: (found.get('illegalId')?.examples ?? []).flatMap((id) => id ?? []),
  };
}

/** Marks what `copyInteractions` wrote. Rows that were marked before keep their time. Returns how many are marked now. */
export function markSynced(snapshot: Snapshot, selection: Selection, at: Date): Promise<number> {
  const isLinked = `${keyOf('i.external_user_id')} in (
    select ${keyOf('external_id')} from users where nullif(external_id, '') is not null)`;
  return snapshot.change(
    `update item_interactions i set synced_at = $1
     where ${selected(selection)} and i.synced_at is null and ${isLegal('i.item_id')}
       and (i.user_id is not null or ${isLegal(keyOf('i.external_user_id'))} or ${isLinked})`,
    [at],
  );
}

/** What AWS's minimum is about, of the rows that are exported. */
export async function readinessFigures(snapshot: Snapshot, selection: Selection): Promise<ReadinessFigures> {
  const [row] = readinessRow.parse(
    await snapshot.rows(
      `select coalesce(sum(rows), 0)::float8 as interactions, count(*)::float8 as users,
              (count(*) filter (where rows >= 2))::float8 as "usersWithTwo",
              (select count(*) from (select 1 from ${FROM} where ${selected(selection)} and ${IS_EXPORTABLE} group by i.event_type) as types)::float8 as types
       from (select count(*) as rows from ${FROM} where ${selected(selection)} and ${IS_EXPORTABLE} group by ${USER_ID}) as person`,
    ),
  );
  return row;
}

const count = z.tuple([z.object({ rows: z.number() })]);
const excludedRows = z.array(
  z.object({
    reason: z.enum(['noUser', 'noItem', 'illegalId']),
    rows: z.number(),
    examples: z.array(z.string().nullable()),
  }),
);
const readinessRow = z.tuple([
  z.object({ interactions: z.number(), users: z.number(), usersWithTwo: z.number(), types: z.number() }),
]);

function selected({ range, types }: Selection): string {
  return `${withinRange('i.occurred_at', range)} and i.event_type in (${types.map(literal).join(', ') || 'null'})`;
}
