-- The team's figures written by hand, frozen: one pass over the window, grouped by what is shown.
-- The limit of "/team" in npm run bench.
with activity as (
  select user_id, interaction_type, interaction_name, (created_at at time zone :zone)::date as day, count(*) as n
  from user_interactions
  where created_at >= :since::timestamptz and created_at < :until::timestamptz and counts
  group by 1, 2, 3, 4
)
select coalesce(sum(n), 0)::int as total_interactions,
       count(distinct user_id)::int as active_users,
       (select coalesce(jsonb_object_agg(user_id, n), '{}') from (select user_id, sum(n) as n from activity group by 1) as u) as interactions_by_user,
       (select coalesce(jsonb_object_agg(interaction_type, n), '{}')
        from (select interaction_type, sum(n) as n from activity group by 1) as t) as interactions_by_type,
       (select coalesce(jsonb_object_agg(interaction_name, n), '{}')
        from (select interaction_name, sum(n) as n from activity group by 1) as i) as interactions_by_name,
       (select jsonb_agg(jsonb_build_object('date', d::date, 'count', coalesce(n, 0)) order by d)
        from generate_series((:since::timestamptz at time zone :zone)::date::timestamp,
                             (:until::timestamptz at time zone :zone)::date::timestamp, '1 day') as d
        left join (select day, sum(n) as n from activity group by 1) as a on a.day = d::date) as daily_activity
from activity;
