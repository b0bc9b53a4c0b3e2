-- Marking all exported rows with one statement.
update item_interactions set synced_at = now() where event_type in ('UPVOTE', 'CLICK', 'POSTED') and synced_at is null
