-- The same decision as a transaction of single statements, as most people would write it; each prepared and sent
-- with the plain driver. For information: what the round trips cost.
begin;
update queue_items
set status = :decision::text, version = version + 1, reject_asked_at = null, reject_asked_by = null,
    render_again_at = :now::timestamptz + interval '60 seconds'
where id = :item::uuid and chat_id = :chat::bigint and status = 'delivered';
insert into decisions (queue_item_id, chat_id, media_item_id, user_id, decision, decided_at, waited_ms, previous_last_posted_at)
select q.id, q.chat_id, q.media_item_id, :user::uuid, :decision::text, :now::timestamptz,
       extract(epoch from :now::timestamptz - q.sent_at) * 1000, m.last_posted_at
from queue_items q join media_items m on m.id = q.media_item_id where q.id = :item::uuid;
update media_items set times_posted = times_posted + 1, last_posted_at = :now::timestamptz
where id = (select media_item_id from queue_items where id = :item::uuid) and :decision = 'posted';
insert into media_locks (media_item_id, reason, locked_at, locked_until, decision_id)
select media_item_id, :reason::text, :now::timestamptz, :locked_until::timestamptz, id
from decisions where queue_item_id = :item::uuid and undone_at is null;
insert into user_interactions
  (user_id, interaction_type, interaction_name, context, telegram_chat_id, telegram_message_id, created_at, delivery_key)
select :user::uuid, 'callback', :name::text,
       jsonb_build_object('queue_item_id', q.id, 'media_id', m.id, 'media_filename', m.file_name,
                          'outcome', 'done', 'response_time_ms', :elapsed::int),
       q.chat_id, :message::bigint, :now::timestamptz, :key::text
from queue_items q join media_items m on m.id = q.media_item_id where q.id = :item::uuid;
commit;
