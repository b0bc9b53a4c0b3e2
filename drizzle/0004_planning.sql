CREATE TABLE "approvals" (
	"queue_item_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"voted_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "approvals_queue_item_id_user_id_pk" PRIMARY KEY("queue_item_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "category_mix" (
	"id" uuid PRIMARY KEY DEFAULT uuidv7() NOT NULL,
	"chat_id" bigint NOT NULL,
	"category" text NOT NULL,
	"ratio" numeric(5, 4) NOT NULL,
	"valid_from" timestamp with time zone DEFAULT now() NOT NULL,
	"valid_to" timestamp with time zone,
	"changed_by" uuid,
	CONSTRAINT "category_mix_ratio_check" CHECK ("category_mix"."ratio" > 0 and "category_mix"."ratio" <= 1)
);
--> statement-breakpoint
CREATE TABLE "conversation_states" (
	"key" text PRIMARY KEY NOT NULL,
	"state" jsonb NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "is_paused" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "paused_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "jitter_minutes" smallint DEFAULT 30 NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "plan_days" smallint DEFAULT 7 NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "caption_style" text DEFAULT 'enhanced' NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "is_verbose" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "remind_after_hours" smallint DEFAULT 12 NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "discard_after_hours" smallint DEFAULT 48 NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "approvals_needed" smallint DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "is_four_eyes" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "reject_reasons" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "report_time" time DEFAULT '09:00' NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "is_open_to_guests" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "pool_state" text DEFAULT 'ok' NOT NULL;--> statement-breakpoint
ALTER TABLE "decisions" ADD COLUMN "source" text DEFAULT 'tap' NOT NULL;--> statement-breakpoint
ALTER TABLE "decisions" ADD COLUMN "handling_ms" bigint;--> statement-breakpoint
ALTER TABLE "installation" ADD COLUMN "alive_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "queue_items" ADD COLUMN "waiting_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "queue_items" ADD COLUMN "reminded_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "queue_items" ADD COLUMN "claimed_by" uuid;--> statement-breakpoint
ALTER TABLE "queue_items" ADD COLUMN "claimed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_queue_item_id_queue_items_id_fk" FOREIGN KEY ("queue_item_id") REFERENCES "public"."queue_items"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "category_mix" ADD CONSTRAINT "category_mix_chat_id_chats_id_fk" FOREIGN KEY ("chat_id") REFERENCES "public"."chats"("id") ON DELETE no action ON UPDATE cascade;--> statement-breakpoint
ALTER TABLE "category_mix" ADD CONSTRAINT "category_mix_changed_by_users_id_fk" FOREIGN KEY ("changed_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "category_mix_present_key" ON "category_mix" USING btree ("chat_id","category") WHERE "category_mix"."valid_to" is null;--> statement-breakpoint
ALTER TABLE "queue_items" ADD CONSTRAINT "queue_items_claimed_by_users_id_fk" FOREIGN KEY ("claimed_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "chats" ADD CONSTRAINT "chats_jitter_minutes_check" CHECK ("chats"."jitter_minutes" between 0 and 30);--> statement-breakpoint
ALTER TABLE "chats" ADD CONSTRAINT "chats_plan_days_check" CHECK ("chats"."plan_days" between 1 and 30);--> statement-breakpoint
ALTER TABLE "chats" ADD CONSTRAINT "chats_caption_style_check" CHECK ("chats"."caption_style" in ('enhanced', 'simple'));--> statement-breakpoint
ALTER TABLE "chats" ADD CONSTRAINT "chats_pool_state_check" CHECK ("chats"."pool_state" in ('ok', 'warning', 'alarm'));--> statement-breakpoint
ALTER TABLE "chats" ADD CONSTRAINT "chats_approvals_needed_check" CHECK ("chats"."approvals_needed" between 1 and 10);--> statement-breakpoint
ALTER TABLE "chats" ADD CONSTRAINT "chats_reject_reasons_check" CHECK (cardinality("chats"."reject_reasons") <= 4);--> statement-breakpoint
ALTER TABLE "chats" ADD CONSTRAINT "chats_waiting_hours_check" CHECK ("chats"."remind_after_hours" between 0 and 720 and "chats"."discard_after_hours" between 0 and 720);--> statement-breakpoint
ALTER TABLE "chats" ADD CONSTRAINT "chats_paused_at_check" CHECK ("chats"."is_paused" = ("chats"."paused_at" is not null));--> statement-breakpoint
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_source_check" CHECK ("decisions"."source" in ('tap', 'approve_all'));