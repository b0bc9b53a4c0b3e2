import type { Writable } from 'node:stream';
import type { Snapshot } from '../db/snapshot.ts';

/** AWS: a categorical value has at most 1000 characters; line breaks and quotes have no place in it. */
const MAX_CATEGORICAL = 1000;
const word = (column: string) =>
  `nullif(left(btrim(regexp_replace(${column}, '[[:cntrl:][:space:]"|]+', ' ', 'g')), ${MAX_CATEGORICAL}), '')`;

/** Several values of one categorical column: with bars between, cut at whole ones. */
const words = (column: string) => `(
    select string_agg(value, '|' order by place) from (
      select value, place, sum(length(value) + 1) over (order by place) - 1 as reach
      from (select ${word('tag')} as value, place from unnest(${column}) with ordinality as given(tag, place)) as clean
      where value is not null
    ) as fitting where reach <= ${MAX_CATEGORICAL})`;

/**
 * The Items dataset: every medium that was ever in the library, since interactions with those that left it stay. KIND is
 * photo, video, animation or document.
 */
export function copyItems(snapshot: Snapshot, destination: Writable): Promise<number> {
  return snapshot.copyCsv(
    `select id as "ITEM_ID", floor(extract(epoch from created_at))::bigint as "CREATION_TIMESTAMP",
            ${word('category')} as "CATEGORY", ${words('tags')} as "TAGS", kind as "KIND"
     from media_items order by created_at, id`,
    destination,
    { header: true },
  );
}

/**
 * The Users dataset: whoever was let in or has item interactions, with the id under which their interactions go out, and
 * without names, e-mail or Telegram's ids. AWS wants at least one column of metadata.
 */
export function copyUsers(snapshot: Snapshot, destination: Writable): Promise<number> {
  return snapshot.copyCsv(
    `select id as "USER_ID", role as "ROLE", ${word('language_code')} as "LANGUAGE"
     from users
     where date_joined is not null or exists (select from item_interactions i where i.user_id = users.id)
     order by created_at, id`,
    destination,
    { header: true },
  );
}
