-- A decision written by hand, frozen: what the service's "posted" and "skip" leave behind, in one prepared statement.
-- The limit of "decisions" in npm run bench. It knows less than the service has to: no redelivered taps, no rejection,
-- no lock days of the chat (they come as a value), no card whose send was never confirmed.
with item as (
  update queue_items
  set status = :decision::text, version = version + 1, reject_asked_at = null, reject_asked_by = null,
      render_again_at = :now::timestamptz + interval '60 seconds'
  where id = :item::uuid and chat_id = :chat::bigint and status = 'delivered'
  returning id, media_item_id, sent_at
), media as (
  select m.id, m.file_name, m.last_posted_at, item.sent_at from item join media_items m on m.id = item.media_item_id
), decision as (
  insert into decisions (queue_item_id, chat_id, media_item_id, user_id, decision, decided_at, waited_ms, previous_last_posted_at)
  select :item::uuid, :chat::bigint, id, :user::uuid, :decision::text, :now::timestamptz,
         extract(epoch from :now::timestamptz - sent_at) * 1000, last_posted_at
  from media
  returning id, media_item_id
), counters as (
  update media_items m set times_posted = times_posted + 1, last_posted_at = :now::timestamptz
  from item where m.id = item.media_item_id and :decision = 'posted'
), locked as (
  insert into media_locks (media_item_id, reason, locked_at, locked_until, decision_id)
  select media_item_id, :reason::text, :now::timestamptz, :locked_until::timestamptz, id from decision
), recorded as (
  insert into user_interactions
    (user_id, interaction_type, interaction_name, context, telegram_chat_id, telegram_message_id, created_at, delivery_key)
  select :user::uuid, 'callback', :name::text,
         jsonb_build_object('queue_item_id', :item::uuid, 'media_id', id, 'media_filename', file_name,
                            'outcome', 'done', 'response_time_ms', :elapsed::int),
         :chat::bigint, :message::bigint, :now::timestamptz, :key::text
  from media
)
select file_name from media;
