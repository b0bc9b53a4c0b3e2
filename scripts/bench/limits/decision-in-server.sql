-- The same decision in a loop inside the server, committed one by one: what the server alone needs, without driver,
-- socket and JavaScript. For information: no client can be faster than this.
create or replace procedure bench_decide(items uuid[], decisions_made text[], chat bigint, person uuid) language plpgsql as $$
declare
  item_id uuid;
  decision_name text;
  shown text;
begin
  for i in 1 .. array_length(items, 1) loop
    item_id := items[i];
    decision_name := decisions_made[i];
    with item as (
      update queue_items
      set status = decision_name, version = version + 1, reject_asked_at = null, reject_asked_by = null,
          render_again_at = clock_timestamp() + interval '60 seconds'
      where id = item_id and chat_id = chat and status = 'delivered'
      returning id, media_item_id, sent_at
    ), media as (
      select m.id, m.file_name, m.last_posted_at, item.sent_at from item join media_items m on m.id = item.media_item_id
    ), decision as (
      insert into decisions (queue_item_id, chat_id, media_item_id, user_id, decision, decided_at, waited_ms, previous_last_posted_at)
      select item_id, chat, id, person, decision_name, clock_timestamp(),
             extract(epoch from clock_timestamp() - sent_at) * 1000, last_posted_at
      from media
      returning id, media_item_id
    ), counters as (
      update media_items m set times_posted = times_posted + 1, last_posted_at = clock_timestamp()
      from item where m.id = item.media_item_id and decision_name = 'posted'
    ), locked as (
      insert into media_locks (media_item_id, reason, locked_at, locked_until, decision_id)
      select media_item_id, case decision_name when 'posted' then 'recent_post' else 'skip' end, clock_timestamp(),
             clock_timestamp() + interval '30 days', id
      from decision
    ), recorded as (
      insert into user_interactions
        (user_id, interaction_type, interaction_name, context, telegram_chat_id, telegram_message_id, created_at, delivery_key)
      select person, 'callback', case decision_name when 'posted' then 'posted' else 'skip' end,
             jsonb_build_object('queue_item_id', item_id, 'media_id', id, 'media_filename', file_name,
                                'outcome', 'done', 'response_time_ms', 1),
             chat, 1, clock_timestamp(), 'floor:' || item_id
      from media
    )
    select media.file_name into shown from media;
    commit;
  end loop;
end
$$;
