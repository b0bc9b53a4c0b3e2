-- The figures (/stats, /team, decisions) read one covering index each, so that their cost depends on the window asked for
-- and not on the length of the history. drizzle-kit knows no INCLUDE, hence by hand.
CREATE INDEX "idx_user_interactions_user_id" ON "user_interactions" USING btree ("user_id", "created_at")
  INCLUDE ("interaction_type", "interaction_name", "telegram_chat_id", "counts");--> statement-breakpoint
CREATE INDEX "idx_user_interactions_created_at" ON "user_interactions" USING btree ("created_at")
  INCLUDE ("user_id", "interaction_type", "interaction_name", "telegram_chat_id", "counts");--> statement-breakpoint
CREATE INDEX "idx_decisions_decided_at" ON "decisions" USING btree ("decided_at")
  INCLUDE ("chat_id", "user_id", "decision", "waited_ms") WHERE "undone_at" IS NULL;--> statement-breakpoint
-- Rows that other programs write name the queue item only; what we repeat in `decisions` is looked up for them.
CREATE FUNCTION "fill_decision_from_queue_item"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT q.chat_id, q.media_item_id, coalesce(NEW.waited_ms, extract(epoch FROM NEW.decided_at - q.sent_at) * 1000)
    INTO NEW.chat_id, NEW.media_item_id, NEW.waited_ms
    FROM queue_items q WHERE q.id = NEW.queue_item_id;
  RETURN NEW;
END
$$;--> statement-breakpoint
CREATE TRIGGER "fill_decision_from_queue_item" BEFORE INSERT ON "decisions"
  FOR EACH ROW WHEN (NEW.chat_id IS NULL OR NEW.media_item_id IS NULL) EXECUTE FUNCTION "fill_decision_from_queue_item"();
