-- What the export for Personalize costs at least: the same lines in the same order, as COPY writes them.
copy (
  select coalesce(user_id::text, external_user_id) as "USER_ID", item_id as "ITEM_ID",
         floor(extract(epoch from occurred_at))::bigint as "TIMESTAMP", event_type as "EVENT_TYPE"
  from item_interactions where event_type in ('UPVOTE', 'CLICK', 'POSTED') order by occurred_at, id
) to stdout (format csv, header true)
