CREATE TABLE "alerts" (
	"key" text PRIMARY KEY GENERATED ALWAYS AS (name || coalesce(':' || chat_id::text, '')) STORED NOT NULL,
	"name" text NOT NULL,
	"chat_id" bigint,
	"raised_message" jsonb NOT NULL,
	"cleared_message" jsonb,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"raised_at" timestamp with time zone NOT NULL,
	"cleared_at" timestamp with time zone,
	"held_until" timestamp with time zone,
	"told" text DEFAULT 'cleared' NOT NULL,
	"told_at" timestamp with time zone,
	"is_missed" boolean DEFAULT false NOT NULL,
	"telling_since" timestamp with time zone,
	CONSTRAINT "alerts_told_check" CHECK ("alerts"."told" in ('raised', 'cleared')),
	CONSTRAINT "alerts_cleared_check" CHECK (("alerts"."cleared_at" is null) = ("alerts"."cleared_message" is null))
);
--> statement-breakpoint
CREATE TABLE "job_pauses" (
	"job" text PRIMARY KEY NOT NULL,
	"paused_at" timestamp with time zone NOT NULL,
	"paused_by" uuid
);
--> statement-breakpoint
CREATE TABLE "job_runs" (
	"job" text NOT NULL,
	"slot" timestamp with time zone NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"chat_id" bigint,
	"cause" text DEFAULT 'clock' NOT NULL,
	"period" text,
	"requested_by" uuid,
	"claimed_at" timestamp with time zone,
	"started_at" timestamp with time zone,
	"heartbeat_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"attempt" smallint DEFAULT 0 NOT NULL,
	"duration_ms" integer,
	"outcome" text,
	"words" text,
	"figures" jsonb,
	CONSTRAINT "job_runs_job_slot_pk" PRIMARY KEY("job","slot"),
	CONSTRAINT "job_runs_id_unique" UNIQUE("id"),
	CONSTRAINT "job_runs_cause_check" CHECK ("job_runs"."cause" in ('clock', 'person', 'start')),
	CONSTRAINT "job_runs_outcome_check" CHECK ("job_runs"."outcome" in ('done', 'skipped', 'undeliverable', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "report_deliveries" (
	"report" text NOT NULL,
	"chat_id" bigint NOT NULL,
	"period_start" date NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"slot" timestamp with time zone NOT NULL,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"may_have_arrived" boolean DEFAULT false NOT NULL,
	"sending_since" timestamp with time zone,
	"sent_at" timestamp with time zone,
	"message_id" bigint,
	"failure" text,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "report_deliveries_report_chat_id_period_start_pk" PRIMARY KEY("report","chat_id","period_start"),
	CONSTRAINT "report_deliveries_state_check" CHECK ("report_deliveries"."state" in ('pending', 'sending', 'sent', 'repeated', 'skipped', 'undeliverable', 'lost'))
);
--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "sends_daily_report" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "sends_weekly_report" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "sends_empty_reports" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "report_topic_id" bigint;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "quiet_start" time DEFAULT '23:00' NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "quiet_end" time DEFAULT '08:00' NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "unusual_from" smallint DEFAULT 5 NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "reject_burst" smallint DEFAULT 7 NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "silent_after_hours" smallint DEFAULT 12 NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "strangers_per_hour" smallint DEFAULT 20 NOT NULL;--> statement-breakpoint
ALTER TABLE "chats" ADD COLUMN "alerts_about_people" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_chat_id_chats_id_fk" FOREIGN KEY ("chat_id") REFERENCES "public"."chats"("id") ON DELETE cascade ON UPDATE cascade;--> statement-breakpoint
ALTER TABLE "job_pauses" ADD CONSTRAINT "job_pauses_paused_by_users_id_fk" FOREIGN KEY ("paused_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "job_runs" ADD CONSTRAINT "job_runs_chat_id_chats_id_fk" FOREIGN KEY ("chat_id") REFERENCES "public"."chats"("id") ON DELETE cascade ON UPDATE cascade;--> statement-breakpoint
ALTER TABLE "job_runs" ADD CONSTRAINT "job_runs_requested_by_users_id_fk" FOREIGN KEY ("requested_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "report_deliveries" ADD CONSTRAINT "report_deliveries_chat_id_chats_id_fk" FOREIGN KEY ("chat_id") REFERENCES "public"."chats"("id") ON DELETE cascade ON UPDATE cascade;--> statement-breakpoint
CREATE INDEX "alerts_present_idx" ON "alerts" USING btree ("raised_at") WHERE "alerts"."cleared_at" is null or "alerts"."told" = 'raised' or "alerts"."is_missed";--> statement-breakpoint
CREATE UNIQUE INDEX "job_runs_period_idx" ON "job_runs" USING btree ("job","period") WHERE "job_runs"."period" is not null;--> statement-breakpoint
CREATE INDEX "job_runs_slot_idx" ON "job_runs" USING btree ("slot");--> statement-breakpoint
CREATE INDEX "job_runs_open_idx" ON "job_runs" USING btree ("job") WHERE "job_runs"."outcome" is null;--> statement-breakpoint
CREATE INDEX "decisions_undone_idx" ON "decisions" USING btree ("decided_at") WHERE "decisions"."undone_at" is not null;--> statement-breakpoint
ALTER TABLE "chats" ADD CONSTRAINT "chats_alerts_check" CHECK ("chats"."unusual_from" between 0 and 50 and "chats"."reject_burst" between 0 and 10
        and "chats"."silent_after_hours" between 0 and 168 and "chats"."strangers_per_hour" between 0 and 10000);--> statement-breakpoint
-- A job of a chat carries the chat in its name: when the group becomes a supergroup, chat_id is rewritten by its foreign
-- key, and the name goes along, so that no slot is lost or run again under the new id.
CREATE FUNCTION job_runs_follow_chat() RETURNS trigger LANGUAGE plpgsql AS $$
begin
  if old.job = split_part(old.job, ':', 1) || ':' || old.chat_id then
    new.job := split_part(old.job, ':', 1) || ':' || new.chat_id;
  end if;
  return new;
end $$;
--> statement-breakpoint
CREATE TRIGGER job_runs_follow_chat BEFORE UPDATE OF chat_id ON job_runs
  FOR EACH ROW WHEN (old.chat_id IS DISTINCT FROM new.chat_id) EXECUTE FUNCTION job_runs_follow_chat();
