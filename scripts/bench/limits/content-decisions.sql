-- How decisions fell, written by hand, frozen: one pass over the window.
-- The limit of "decisions" (figures) in npm run bench.
select count(*)::int as total_decisions,
       count(*) filter (where decision = 'posted')::int as posted,
       count(*) filter (where decision = 'skipped')::int as skipped,
       count(*) filter (where decision = 'rejected')::int as rejected,
       coalesce(round(100.0 * count(*) filter (where decision = 'posted') / nullif(count(*), 0), 1), 0)::float8 as posted_percentage,
       coalesce(round(100.0 * count(*) filter (where decision = 'skipped') / nullif(count(*), 0), 1), 0)::float8 as skip_percentage,
       coalesce(round(100.0 * count(*) filter (where decision = 'rejected') / nullif(count(*), 0), 1), 0)::float8 as rejection_rate,
       percentile_cont(0.5) within group (order by waited_ms) / 1000 as median_seconds_to_decision,
       percentile_cont(0.9) within group (order by waited_ms) / 1000 as p90_seconds_to_decision
from decisions
where decided_at >= :since::timestamptz and decided_at < :until::timestamptz and undone_at is null;
