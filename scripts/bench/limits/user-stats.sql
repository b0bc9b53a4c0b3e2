-- One person's figures written by hand, frozen: one pass over the person's rows, grouped by what is shown.
-- The limit of "/stats" in npm run bench.
with mine as (
  select interaction_type, interaction_name, extract(hour from created_at at time zone :zone)::int as hour, count(*) as n
  from user_interactions
  where user_id = :user::uuid and created_at >= :since::timestamptz and created_at < :until::timestamptz and counts
  group by 1, 2, 3
)
select coalesce(sum(n), 0)::int as total_interactions,
       coalesce(sum(n) filter (where interaction_type = 'callback' and interaction_name = 'posted'), 0)::int as posts_marked,
       coalesce(sum(n) filter (where interaction_type = 'callback' and interaction_name = 'skip'), 0)::int as posts_skipped,
       coalesce(sum(n) filter (where interaction_type = 'callback' and interaction_name = 'confirm_reject'), 0)::int as posts_rejected,
       (select coalesce(jsonb_object_agg(interaction_name, n), '{}')
        from (select interaction_name, sum(n) as n from mine where interaction_type = 'command' group by 1) as command) as commands_used,
       (select hour from mine group by hour order by sum(n) desc, hour limit 1) as most_active_hour
from mine;
