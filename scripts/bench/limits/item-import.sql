-- All upvotes into item_interactions by hand, frozen: one statement. The limit of the import in npm run bench.
insert into item_interactions
  (user_id, external_user_id, item_id, event_type, event_value, occurred_at, source, source_id)
select user_id, external_user_id, item_id, 'UPVOTE', 2, created_at, 'upvotes', id
from upvotes
where withdrawn_at is null and item_id is not null and (user_id is not null or external_user_id is not null)
on conflict do nothing
