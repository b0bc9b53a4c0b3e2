CREATE TABLE "item_interactions" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"user_id" uuid,
	"external_user_id" text,
	"item_id" text,
	"event_type" text NOT NULL,
	"event_value" double precision,
	"occurred_at" timestamp with time zone DEFAULT now() NOT NULL,
	"source" text DEFAULT 'other' NOT NULL,
	"source_id" uuid,
	"impression" text[],
	"recommendation_id" text,
	"synced_at" timestamp with time zone,
	"unique_on" date GENERATED ALWAYS AS (case when event_type in ('BOOKMARK', 'DOWNVOTE', 'FLAG', 'HIDE', 'NEGATIVE_REACTION', 'NOT_INTERESTED', 'REACTION', 'REJECT', 'UPVOTE') then null else (occurred_at at time zone 'UTC')::date end) STORED,
	CONSTRAINT "item_interactions_event_type_check" CHECK ("item_interactions"."event_type" = upper("item_interactions"."event_type"))
);
--> statement-breakpoint
CREATE TABLE "personal_tombstones" (
	"hash" text PRIMARY KEY NOT NULL,
	"forgotten_at" timestamp with time zone NOT NULL,
	"was_removed" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE "pseudonym_key" (
	"only_row" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"key" uuid DEFAULT gen_random_uuid() NOT NULL,
	CONSTRAINT "pseudonym_key_only_row_check" CHECK ("pseudonym_key"."only_row")
);
--> statement-breakpoint
CREATE TABLE "reactions" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"user_id" uuid,
	"item_id" text,
	"chat_id" bigint NOT NULL,
	"message_id" bigint NOT NULL,
	"reaction" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"withdrawn_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "upvotes" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"user_id" uuid,
	"external_user_id" text,
	"item_id" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"withdrawn_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "forgotten_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "item_interactions" ADD CONSTRAINT "item_interactions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reactions" ADD CONSTRAINT "reactions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reactions" ADD CONSTRAINT "reactions_chat_id_chats_id_fk" FOREIGN KEY ("chat_id") REFERENCES "public"."chats"("id") ON DELETE no action ON UPDATE cascade;--> statement-breakpoint
ALTER TABLE "upvotes" ADD CONSTRAINT "upvotes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "item_interactions_occurred_at_idx" ON "item_interactions" USING btree ("occurred_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "reactions_message_user_reaction_key" ON "reactions" USING btree ("chat_id","message_id","user_id","reaction");--> statement-breakpoint
CREATE INDEX "reactions_created_at_idx" ON "reactions" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "reactions_withdrawn_at_idx" ON "reactions" USING btree ("withdrawn_at") WHERE "reactions"."withdrawn_at" is not null;--> statement-breakpoint
CREATE INDEX "reactions_user_id_idx" ON "reactions" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "upvotes_user_id_item_id_key" ON "upvotes" USING btree ("user_id","item_id");--> statement-breakpoint
CREATE UNIQUE INDEX "upvotes_external_user_id_item_id_key" ON "upvotes" USING btree ("external_user_id","item_id") WHERE "upvotes"."user_id" is null;--> statement-breakpoint
CREATE INDEX "upvotes_item_id_idx" ON "upvotes" USING btree ("item_id") WHERE "upvotes"."withdrawn_at" is null;--> statement-breakpoint
CREATE INDEX "upvotes_created_at_idx" ON "upvotes" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "upvotes_withdrawn_at_idx" ON "upvotes" USING btree ("withdrawn_at") WHERE "upvotes"."withdrawn_at" is not null;--> statement-breakpoint
CREATE INDEX "queue_items_message_id_idx" ON "queue_items" USING btree ("chat_id","message_id") WHERE "queue_items"."message_id" is not null;--> statement-breakpoint
CREATE INDEX "users_forgotten_idx" ON "users" USING btree ("id") WHERE "users"."forgotten_at" is not null;--> statement-breakpoint
-- Once per person, item and type, or once more per UTC day (unique_on); nulls count as equal, and with user_id the
-- external id means nothing. The first column also finds the rows of a person. By hand: drizzle-kit knows no NULLS NOT DISTINCT here.
CREATE UNIQUE INDEX "item_interactions_person_item_type_key" ON "item_interactions" USING btree
  ("user_id", (CASE WHEN "user_id" IS NULL THEN "external_user_id" END), "item_id", "event_type", "unique_on") NULLS NOT DISTINCT;--> statement-breakpoint
-- The import and everything that gets ids from other systems ask for people by external id; leading zeros of numeric ids do not matter.
CREATE INDEX "users_external_key_idx" ON "users" USING btree (regexp_replace("external_id", '^0+([0-9]+)$', '\1')) WHERE "external_id" IS NOT NULL;--> statement-breakpoint
-- The secret of this installation's pseudonyms (interaction exports).
INSERT INTO "pseudonym_key" DEFAULT VALUES;
