import { tmpdir } from 'node:os';
import { sql } from 'drizzle-orm';
import { Api } from 'grammy';
import { ALLOWED_UPDATES, createBot } from '../../src/bot.ts';
import { startJobWorker } from '../../src/db/job-worker.ts';
import { mediaItems } from '../../src/db/schema/index.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { TAKE_IN_TASK } from '../../src/queue/take-in-job.ts';
import { createServices, type Services } from '../../src/services.ts';
import { createSettableClock } from '../../src/simulator/settable-clock.ts';
import { type Group, startSimulator } from '../../src/simulator/simulator.ts';
import { type Polling, startPolling } from '../../src/telegram/polling.ts';
import { testDatabase } from '../support/database.ts';
import { picture } from '../support/picture.ts';
import { NOON } from '../support/team.ts';
import { createTeamModel, type Setting } from './team-model.ts';
import type { Cast, RealTeam, Run } from './team-step.ts';

export type TeamUnderModel = {
  /** A new team in a new group, with some media of a folder and the bot listening; what was before is gone. */
  begin(cast: Cast): Promise<Run>;
  /** Stops the bot of this run. */
  end(): Promise<void>;
  close(): Promise<void>;
};

/** Media that nobody sent. */
const LIBRARY = 4;
export const NAMES = ['Alice', 'Bob', 'Dana', 'Erin'] as const;

/** The real bot over HTTP against the simulator, on a clock that stands still, for one run of the model after another. */
export async function openTeamUnderModel(): Promise<TeamUnderModel> {
  const clock = createSettableClock({ start: NOON });
  const telegram = await startSimulator({ clock });
  const test = await testDatabase();
  const logger = silentLogger();
  const client = { apiRoot: telegram.apiRoot };
  const everybody = NAMES.map((first_name, index) => telegram.createPerson({ first_name, id: 101 + index }));
  const [alice] = everybody;
  const files = Array.from({ length: LIBRARY }, (_, index) => {
    const sent = alice?.sendMedia(alice.privateChat, { kind: 'photo', bytes: picture(49_000 + index) });
    return { fileName: `picture ${index}.jpg`, telegramFileId: sent?.photo?.at(-1)?.file_id ?? '' };
  });
  telegram.world.updates.clear();

  let group: Group | undefined;
  let running: { services: Services; polling: Polling } | undefined;
  const services = () => {
    if (!running) throw new Error('the bot is not running');
    return running.services;
  };

  /** What is remembered begins anew: a process that has just started. */
  function start(teamChatId: number): Services {
    const api = new Api(telegram.token, client);
    const fresh = createServices({
      database: test.database,
      reports: test.database,
      api,
      apiRoot: telegram.apiRoot,
      token: telegram.token,
      clock,
      monotonicMs: () => clock.now().getTime(),
      logger,
      adminTelegramIds: [101],
      teamChatId,
      adminChatId: undefined,
      timeZone: 'Europe/Berlin',
      version: 'test',
      isEmbedded: true,
      target: test.target,
      dataDir: tmpdir(),
    });
    api.config.use(fresh.botResponses.transformer);
    const polling = startPolling({
      createBot: (gate) => createBot(telegram.token, { client }, { ...fresh, gate }),
      allowedUpdates: ALLOWED_UPDATES,
      onFatal: (sentence) => logger.fatal(sentence),
      logger,
    });
    running = { services: fresh, polling };
    return fresh;
  }

  async function stop(): Promise<void> {
    await running?.polling.stop();
    await running?.services.background.idle();
  }

  const worker = await startJobWorker({
    target: test.target,
    jobs: { [TAKE_IN_TASK]: (payload, run) => services().takeIn(payload, run) },
    logger,
  });

  async function settle(): Promise<void> {
    await telegram.idle({ timeoutMs: 20_000 });
    await services().background.idle();
  }

  async function sweep(): Promise<void> {
    while ((await services().renderer.sweep()) > 0);
  }

  async function change({ approvals, fourEyes, reasons, rest }: Setting): Promise<void> {
    const list = `{${reasons.map((reason) => JSON.stringify(reason)).join(',')}}`;
    await test.db.execute(sql`
      update chats set approvals_needed = ${approvals}, is_four_eyes = ${fourEyes}, reject_reasons = ${list}::text[],
                       repost_lock_days = ${rest} where is_active`);
    // Settings hold from the next press on, and cards show them from then on; here all of them are drawn anew.
    await test.db.execute(sql`update queue_items set version = version + 1 where message_id is not null`);
    const id = group?.id ?? 0;
    services().chats.forget(id);
    await sweep();
  }

  return {
    async begin({ people: count, isSupergroup, isBotAdministrator, setting }) {
      clock.set(NOON);
      await test.db.execute(
        sql`truncate users, chats, media_items, queue_items, user_interactions, audit_log, conversation_states cascade`,
      );
      const people = everybody.slice(0, count);
      const founded = telegram.createGroup({
        title: 'Team',
        type: isSupergroup ? 'supergroup' : 'group',
        members: people,
        botIsAdministrator: isBotAdministrator,
      });
      group = founded;
      const fresh = start(founded.id);
      const { id, title, type } = founded;
      await fresh.chats.admit({ id, title, type, timeZone: 'Europe/Berlin', addedBy: null });
      await test.db.execute(sql`update chats set jitter_minutes = 0, remind_after_hours = 0`);
      const rows = await test.db.insert(mediaItems).values(files).returning({ id: mediaItems.id });
      const real: RealTeam = {
        telegram,
        db: test.db,
        get cards() {
          return services().cards;
        },
        people,
        group: () => group ?? founded,
        moved(next) {
          group = next;
        },
        now: () => clock.now().getTime(),
        aheadMs: () => 0,
        async pass(ms) {
          clock.advance(ms);
        },
        settle,
        sweep,
        down: stop,
        async up() {
          start(group?.id ?? 0);
        },
        change,
        fateOf: async () => ({ kind: 'happened', at: clock.now().getTime(), mayBeSilent: false }),
        givenUp: new Set(),
        jobs: {
          deliverDue: () => services().delivery.deliverDue(),
          lookAfter: () => services().lookAfterWaiting(),
        },
      };
      await change(setting);
      const names = people.map(({ user }) => user.first_name);
      const model = createTeamModel(names, setting);
      for (const _ of rows) model.adders.push(undefined);
      return { model, real, media: rows.map((row) => row.id), recorded: new Map(), taps: [], asked: [] };
    },
    end: stop,
    async close() {
      await stop();
      await worker.stop();
      await telegram.stop();
      await test.close();
    },
  };
}
