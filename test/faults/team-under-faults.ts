import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { mediaItems } from '../../src/db/schema/index.ts';
import { normaliseTarget } from '../../src/db/target.ts';
import { createCardRepository } from '../../src/queue/card-repository.ts';
import { createSettableClock } from '../../src/simulator/settable-clock.ts';
import { type Group, startSimulator } from '../../src/simulator/simulator.ts';
import { createTeamModel } from '../queue/team-model.ts';
import type { Cast, RealTeam, Run } from '../queue/team-step.ts';
import { NAMES } from '../queue/team-under-model.ts';
import { testDatabase } from '../support/database.ts';
import { picture } from '../support/picture.ts';
import { openTcpProxy } from '../support/tcp-proxy.ts';
import { eventually } from './fault-bench.ts';
import { makeOlder } from './older-rows.ts';
import { superviseBot } from './supervised-bot.ts';
import { createTeamFaults, type Fault } from './team-faults.ts';

export type TeamUnderFaults = {
  run: Run;
  /** Does `act` (a step) with this fault in its way; its taps may then stay without an answer. */
  under(fault: Fault, act: () => Promise<void>): Promise<void>;
  faults(): number;
  /** How often the process ended by itself, which it never may. */
  collapses(): number;
  log(): string;
  close(): Promise<void>;
};

const LIBRARY = 30;
const QUIET_LIMIT_MS = 90_000;
const LOOK_MS = 20;
/** An answer runs behind its update; on a busy machine that far. */
const ANSWER_MS = 5_000;
/** A send that was cut from its row is looked after by a process that starts, or after two minutes. */
const STUCK_MS = 4_000;

/**
 * The real bot as a process that is killed from outside, with a door before its database, for one run of the model. Its
 * clock is the machine's, so time is let pass by making everything in the database older.
 */
export async function openTeamUnderFaults({
  people: count,
  isSupergroup,
  isBotAdministrator,
  setting,
}: Cast): Promise<TeamUnderFaults> {
  const telegram = await startSimulator({ clock: createSettableClock({ ticking: true }) });
  const everybody = NAMES.map((first_name, index) => telegram.createPerson({ first_name, id: 101 + index }));
  const people = everybody.slice(0, count);
  const [alice] = people;
  const test = await testDatabase();
  const server = normaliseTarget(test.target);
  const door = await openTcpProxy({
    toServer() {
      if (!('url' in server)) return connectTcp(`${server.host}/.s.PGSQL.${server.port}`);
      const { port, hostname } = new URL(server.url);
      return connectTcp(Number(port || 5432), hostname);
    },
  });
  const user = 'url' in server ? new URL(server.url).username : server.user;
  const files = Array.from({ length: LIBRARY }, (_, index) => {
    const sent = alice?.sendMedia(alice.privateChat, { kind: 'photo', bytes: picture(48_000 + index) });
    return { fileName: `picture ${index}.jpg`, telegramFileId: sent?.photo?.at(-1)?.file_id ?? '' };
  });
  telegram.world.updates.clear();
  let group: Group = telegram.createGroup({
    title: 'Team',
    type: isSupergroup ? 'supergroup' : 'group',
    members: people,
    botIsAdministrator: isBotAdministrator,
  });
  const folder = mkdtempSync(join(tmpdir(), 'storyline-model-'));
  const bot = superviseBot(folder, {
    BOT_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.apiRoot,
    ADMIN_TELEGRAM_IDS: '101',
    TEAM_CHAT_ID: String(group.id),
    DATABASE_URL: `postgres://${user}:any@127.0.0.1:${door.port}/${test.name}`,
    TIMEZONE: 'Europe/Berlin',
  });
  await bot.start();
  const rows = await test.db.insert(mediaItems).values(files).returning({ id: mediaItems.id });
  // Paused from the beginning, so that the clock, which is not ours here, sends, plans and discards nothing.
  await eventually(
    async () =>
      (
        await test.db.execute(sql`
          update chats set is_paused = true, paused_at = now(), remind_after_hours = 0, discard_after_hours = 0 returning id`)
      ).length > 0,
    'the team chat',
  );

  let aheadMs = 0;
  let faults = 0;
  let fault: Fault | undefined;
  let checkedUpdates = 0;
  const givenUp = new Set<string>();
  let restBefore = setting.rest;

  async function restart(): Promise<void> {
    await bot.kill();
    telegram.disarm();
    await bot.start();
  }

  const course = createTeamFaults({ telegram, test, door, restart, quiet: () => quiet(false) });

  async function isQuiet(): Promise<boolean> {
    if (telegram.pendingUpdates().length > 0) return false;
    const [row] = await test.db.execute<{ behind: number; sending: number; jobs: number }>(sql`
      select (select count(*)::int from queue_items where message_id is not null
                and (version <> rendered_version or render_again_at <= now())) as behind,
             (select count(*)::int from queue_items where status = 'sending') as sending,
             (select count(*)::int from graphile_worker.jobs where run_at <= now()) as jobs`);
    return row?.behind === 0 && row.sending === 0 && row.jobs === 0;
  }

  /** Until nothing is left to do; `mayRestart`: a send that lost its row waits for a process that starts. */
  async function quiet(mayRestart: boolean): Promise<void> {
    const limit = performance.now() + QUIET_LIMIT_MS;
    let stuckSince: number | undefined;
    while (performance.now() < limit) {
      if (await isQuiet()) return;
      const isStuck = telegram.pendingUpdates().length === 0;
      stuckSince = isStuck ? (stuckSince ?? performance.now()) : undefined;
      if (mayRestart && stuckSince !== undefined && performance.now() - stuckSince > STUCK_MS) {
        await restart();
        stuckSince = undefined;
      }
      await wait(LOOK_MS);
    }
    const waiting = await test.db.execute(sql`select id, status, version, rendered_version from queue_items
      where status = 'sending' or version <> rendered_version`);
    throw new Error(`no quiet in ${QUIET_LIMIT_MS} ms: ${telegram.pendingUpdates().length} updates wait,
${JSON.stringify(waiting)}
${bot.log().slice(-3000)}`);
  }

  /** Answers run behind their updates; those of a fault may never come. */
  async function answered(): Promise<void> {
    const taps = telegram.world.updates.log
      .slice(checkedUpdates)
      .flatMap(({ callback_query: query }) => query?.id ?? []);
    const limit = performance.now() + (fault ? ANSWER_MS / 10 : ANSWER_MS);
    const isOpen = () => {
      const ids = new Set(
        telegram.calls('answerCallbackQuery').map(({ payload }) => String(payload.callback_query_id)),
      );
      return taps.some((id) => !ids.has(id));
    };
    while (isOpen() && performance.now() < limit) await wait(LOOK_MS);
    checkedUpdates = telegram.world.updates.log.length;
  }

  async function settle(): Promise<void> {
    const coming = fault;
    if (coming && !isUnderWay) {
      isUnderWay = true;
      await course.carryOut(coming);
    }
    await quiet(coming !== undefined);
    await answered();
  }
  let isUnderWay = false;

  const real: RealTeam = {
    telegram,
    db: test.db,
    cards: createCardRepository(test.database),
    people,
    group: () => group,
    moved(next) {
      group = next;
    },
    now: () => Date.now() + aheadMs,
    aheadMs: () => aheadMs,
    async pass(ms) {
      aheadMs += ms;
      await makeOlder(test.db, ms);
      await quiet(false);
    },
    settle,
    sweep: () => quiet(false),
    down: () => bot.stop(),
    up: () => bot.start(),
    async change({ approvals, fourEyes, reasons, rest }) {
      const list = `{${reasons.map((reason) => JSON.stringify(reason)).join(',')}}`;
      await test.db.execute(sql`
        update chats set approvals_needed = ${approvals}, is_four_eyes = ${fourEyes}, reject_reasons = ${list}::text[],
                         repost_lock_days = ${rest}`);
      await test.db.execute(sql`update queue_items set version = version + 1 where message_id is not null`);
      // A process believes the settings that it has read for ten seconds; of these it only says the days of rest.
      if (rest !== restBefore) await restart();
      restBefore = rest;
      await quiet(false);
    },
    givenUp,
    async fateOf(key) {
      const [row] = await test.db.execute<{ at: string; outcome: string }>(sql`
        select round(extract(epoch from created_at) * 1000) as at, coalesce(context->>'outcome', 'done') as outcome
        from user_interactions where delivery_key = ${key}`);
      const isFaulty = fault !== undefined;
      if (!row || row.outcome === 'failed') {
        if (!isFaulty) throw new Error(`${key} was given up without any fault`);
        givenUp.add(key);
        return { kind: 'given up' };
      }
      return { kind: 'happened', at: Number(row.at) + aheadMs, mayBeSilent: isFaulty };
    },
  };

  const model = createTeamModel(
    people.map(({ user: { first_name } }) => first_name),
    setting,
  );
  for (const _ of rows) model.adders.push(undefined);
  model.pause(0, real.now());
  await real.change(setting);

  return {
    run: { model, real, media: rows.map(({ id }) => id), recorded: new Map(), taps: [], asked: [] },
    async under(coming, act) {
      fault = coming;
      isUnderWay = false;
      faults += 1;
      course.prepare(coming);
      try {
        await act();
      } finally {
        fault = undefined;
        telegram.disarm();
        door.set({ kind: 'open' });
      }
    },
    faults: () => faults,
    collapses: () => bot.collapses(),
    log: () => bot.log(),
    async close() {
      await bot.kill();
      await telegram.stop();
      await door.close();
      await test.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}
