CREATE TABLE "chat_members" (
	"chat_id" bigint NOT NULL,
	"user_id" uuid NOT NULL,
	"is_member" boolean NOT NULL,
	"checked_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "chat_members_chat_id_user_id_pk" PRIMARY KEY("chat_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "chats" (
	"id" bigint PRIMARY KEY NOT NULL,
	"title" text DEFAULT '' NOT NULL,
	"type" text DEFAULT 'supergroup' NOT NULL,
	"is_active" boolean DEFAULT true NOT NULL,
	"time_zone" text DEFAULT 'UTC' NOT NULL,
	"posts_per_day" smallint DEFAULT 3 NOT NULL,
	"window_start" time DEFAULT '14:00' NOT NULL,
	"window_end" time DEFAULT '02:00' NOT NULL,
	"repost_lock_days" integer DEFAULT 30 NOT NULL,
	"skip_lock_days" integer DEFAULT 45 NOT NULL,
	"migrated_from" bigint,
	"added_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "chats_posts_per_day_check" CHECK ("chats"."posts_per_day" between 1 and 50),
	CONSTRAINT "chats_lock_days_check" CHECK ("chats"."repost_lock_days" >= 0 and "chats"."skip_lock_days" >= 0)
);
--> statement-breakpoint
CREATE TABLE "decisions" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"queue_item_id" uuid NOT NULL,
	"chat_id" bigint NOT NULL,
	"media_item_id" uuid NOT NULL,
	"user_id" uuid,
	"decision" text NOT NULL,
	"decided_at" timestamp with time zone DEFAULT now() NOT NULL,
	"reason" text,
	"waited_ms" bigint,
	"previous_last_posted_at" timestamp with time zone,
	"undone_at" timestamp with time zone,
	"undone_by" uuid,
	CONSTRAINT "decisions_decision_check" CHECK ("decisions"."decision" in ('posted', 'skipped', 'rejected'))
);
--> statement-breakpoint
CREATE TABLE "installation" (
	"only_row" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"bot_id" bigint NOT NULL,
	"is_simulator" boolean NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "installation_only_row_check" CHECK ("installation"."only_row")
);
--> statement-breakpoint
CREATE TABLE "invitations" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"code_hash" text NOT NULL,
	"role" text NOT NULL,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	"used_at" timestamp with time zone,
	"used_by" uuid,
	CONSTRAINT "invitations_code_hash_unique" UNIQUE("code_hash")
);
--> statement-breakpoint
CREATE TABLE "media_items" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"kind" text DEFAULT 'photo' NOT NULL,
	"telegram_file_id" text,
	"telegram_file_unique_id" text,
	"path" text,
	"file_name" text DEFAULT '' NOT NULL,
	"sha256" text,
	"mime_type" text,
	"file_size" bigint,
	"category" text,
	"title" text,
	"caption" text,
	"caption_entities" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"link" text,
	"tags" text[] DEFAULT '{}' NOT NULL,
	"times_posted" integer DEFAULT 0 NOT NULL,
	"last_posted_at" timestamp with time zone,
	"is_active" boolean DEFAULT true NOT NULL,
	"added_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "media_items_kind_check" CHECK ("media_items"."kind" in ('photo', 'video', 'animation', 'document'))
);
--> statement-breakpoint
CREATE TABLE "media_locks" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"media_item_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"locked_at" timestamp with time zone DEFAULT now() NOT NULL,
	"locked_until" timestamp with time zone,
	"decision_id" uuid,
	"replaced_by" uuid,
	CONSTRAINT "media_locks_reason_check" CHECK ("media_locks"."reason" in ('recent_post', 'skip', 'permanent_reject'))
);
--> statement-breakpoint
CREATE TABLE "queue_items" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"chat_id" bigint NOT NULL,
	"media_item_id" uuid NOT NULL,
	"scheduled_for" timestamp with time zone DEFAULT now() NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"sending_since" timestamp with time zone,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"failure" text,
	"is_repeat" boolean DEFAULT false NOT NULL,
	"message_id" bigint,
	"sent_at" timestamp with time zone,
	"reject_asked_at" timestamp with time zone,
	"reject_asked_by" uuid,
	"version" integer DEFAULT 1 NOT NULL,
	"rendered_version" integer DEFAULT 1 NOT NULL,
	"render_again_at" timestamp with time zone,
	"added_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "queue_items_status_check" CHECK ("queue_items"."status" in ('pending', 'sending', 'delivered', 'posted', 'skipped', 'rejected', 'failed', 'cancelled'))
);
--> statement-breakpoint
CREATE TABLE "user_interactions" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"user_id" uuid,
	"interaction_type" varchar(50) NOT NULL,
	"interaction_name" varchar(100) NOT NULL,
	"context" jsonb DEFAULT '{}'::jsonb,
	"telegram_chat_id" bigint,
	"telegram_message_id" bigint,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"delivery_key" text,
	"counts" boolean GENERATED ALWAYS AS (interaction_type <> 'bot_response' and coalesce(context->>'outcome', 'done') = 'done' and not coalesce(context, '{}') ? 'undone_at') STORED,
	CONSTRAINT "check_interaction_type" CHECK ("user_interactions"."interaction_type" in ('command', 'callback', 'message', 'bot_response')),
	CONSTRAINT "check_interaction_user" CHECK ("user_interactions"."user_id" is not null or "user_interactions"."interaction_type" = 'bot_response')
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"telegram_user_id" bigint,
	"username" text,
	"first_name" text,
	"last_name" text,
	"language_code" text,
	"email" text,
	"role" text DEFAULT 'guest' NOT NULL,
	"is_active" boolean DEFAULT true NOT NULL,
	"has_started_bot" boolean DEFAULT false NOT NULL,
	"external_id" text,
	"date_joined" timestamp with time zone,
	"last_seen_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "users_telegram_user_id_unique" UNIQUE("telegram_user_id"),
	CONSTRAINT "users_external_id_unique" UNIQUE("external_id"),
	CONSTRAINT "users_role_check" CHECK ("users"."role" in ('admin', 'member', 'guest'))
);
--> statement-breakpoint
ALTER TABLE "chat_members" ADD CONSTRAINT "chat_members_chat_id_chats_id_fk" FOREIGN KEY ("chat_id") REFERENCES "public"."chats"("id") ON DELETE cascade ON UPDATE cascade;--> statement-breakpoint
ALTER TABLE "chat_members" ADD CONSTRAINT "chat_members_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "chats" ADD CONSTRAINT "chats_added_by_users_id_fk" FOREIGN KEY ("added_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_queue_item_id_queue_items_id_fk" FOREIGN KEY ("queue_item_id") REFERENCES "public"."queue_items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_media_item_id_media_items_id_fk" FOREIGN KEY ("media_item_id") REFERENCES "public"."media_items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_undone_by_users_id_fk" FOREIGN KEY ("undone_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_used_by_users_id_fk" FOREIGN KEY ("used_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "media_items" ADD CONSTRAINT "media_items_added_by_users_id_fk" FOREIGN KEY ("added_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "media_locks" ADD CONSTRAINT "media_locks_media_item_id_media_items_id_fk" FOREIGN KEY ("media_item_id") REFERENCES "public"."media_items"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "media_locks" ADD CONSTRAINT "media_locks_decision_id_decisions_id_fk" FOREIGN KEY ("decision_id") REFERENCES "public"."decisions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "media_locks" ADD CONSTRAINT "media_locks_replaced_by_decisions_id_fk" FOREIGN KEY ("replaced_by") REFERENCES "public"."decisions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "queue_items" ADD CONSTRAINT "queue_items_chat_id_chats_id_fk" FOREIGN KEY ("chat_id") REFERENCES "public"."chats"("id") ON DELETE no action ON UPDATE cascade;--> statement-breakpoint
ALTER TABLE "queue_items" ADD CONSTRAINT "queue_items_media_item_id_media_items_id_fk" FOREIGN KEY ("media_item_id") REFERENCES "public"."media_items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "queue_items" ADD CONSTRAINT "queue_items_reject_asked_by_users_id_fk" FOREIGN KEY ("reject_asked_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "queue_items" ADD CONSTRAINT "queue_items_added_by_users_id_fk" FOREIGN KEY ("added_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_interactions" ADD CONSTRAINT "user_interactions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "chat_members_user_id_idx" ON "chat_members" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "decisions_media_item_id_idx" ON "decisions" USING btree ("media_item_id") WHERE "decisions"."undone_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "decisions_one_final_key" ON "decisions" USING btree ("queue_item_id") WHERE "decisions"."undone_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "media_items_sha256_key" ON "media_items" USING btree ("sha256") WHERE "media_items"."is_active";--> statement-breakpoint
CREATE UNIQUE INDEX "media_items_file_unique_id_key" ON "media_items" USING btree ("telegram_file_unique_id") WHERE "media_items"."is_active";--> statement-breakpoint
CREATE INDEX "media_items_next_idx" ON "media_items" USING btree ("last_posted_at" NULLS FIRST,"times_posted") WHERE "media_items"."is_active";--> statement-breakpoint
CREATE UNIQUE INDEX "media_locks_one_permanent_key" ON "media_locks" USING btree ("media_item_id") WHERE "media_locks"."locked_until" is null and "media_locks"."replaced_by" is null;--> statement-breakpoint
CREATE INDEX "media_locks_media_item_id_idx" ON "media_locks" USING btree ("media_item_id");--> statement-breakpoint
CREATE INDEX "media_locks_decision_id_idx" ON "media_locks" USING btree ("decision_id");--> statement-breakpoint
CREATE INDEX "queue_items_pending_idx" ON "queue_items" USING btree ("chat_id","scheduled_for") WHERE "queue_items"."status" = 'pending';--> statement-breakpoint
CREATE INDEX "queue_items_waiting_idx" ON "queue_items" USING btree ("chat_id","sent_at") WHERE "queue_items"."status" in ('sending', 'delivered');--> statement-breakpoint
CREATE INDEX "queue_items_media_item_id_idx" ON "queue_items" USING btree ("media_item_id");--> statement-breakpoint
CREATE INDEX "queue_items_behind_idx" ON "queue_items" USING btree ("chat_id") WHERE "queue_items"."message_id" is not null and ("queue_items"."rendered_version" <> "queue_items"."version" or "queue_items"."render_again_at" is not null);--> statement-breakpoint
CREATE INDEX "idx_user_interactions_type" ON "user_interactions" USING btree ("interaction_type");--> statement-breakpoint
CREATE INDEX "idx_user_interactions_name" ON "user_interactions" USING btree ("interaction_name");--> statement-breakpoint
CREATE INDEX "idx_user_interactions_queue_item" ON "user_interactions" USING btree ((context->>'queue_item_id')) WHERE (context->>'queue_item_id') is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "user_interactions_delivery_key" ON "user_interactions" USING btree ("delivery_key") WHERE "user_interactions"."delivery_key" is not null;