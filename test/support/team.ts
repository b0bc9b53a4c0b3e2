import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { Api } from 'grammy';
import type { Message } from 'grammy/types';
import { vi } from 'vitest';
import { ALLOWED_UPDATES, createBot } from '../../src/bot.ts';
import type { PictureRenderer } from '../../src/charts/picture-renderer.ts';
import type { Database } from '../../src/db/client.ts';
import { startJobWorker } from '../../src/db/job-worker.ts';
import { chats } from '../../src/db/schema/index.ts';
import { type Logger, silentLogger } from '../../src/lib/logger.ts';
import type { ObjectStorage } from '../../src/lib/object-storage-client.ts';
import { createServices, type Services } from '../../src/services.ts';
import { createSettableClock, type SettableClock } from '../../src/simulator/settable-clock.ts';
import { type Group, type Person, type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { createBotApiFetch } from '../../src/telegram/bot-api-fetch.ts';
import { type Polling, startPolling } from '../../src/telegram/polling.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { picture } from './picture.ts';

/** Friday noon in Berlin, so that the default window (14:00-02:00) has not begun. */
export const NOON = new Date('2026-11-20T11:00:00Z');

/** Albums wait for their parts until `albumsAreComplete`, so that no test hangs on how fast parts follow each other. */
const HOUR_MS = 3_600_000;

export type Team = {
  telegram: Simulator;
  /** The clock on the wall: it can jump, also back. */
  clock: SettableClock;
  /** Lets time go by: the clock on the wall goes on, and so does the time that Telegram's silences are counted in. */
  letPass(milliseconds: number): void;
  test: TestDatabase;
  /** The folder for files, empty at first. */
  dataDir: string;
  /** What reports are read through. */
  reports: Database;
  services: Services;
  /** Alice is admin, Bob and Dana are members, Charlie is a stranger. */
  alice: Person;
  bob: Person;
  dana: Person;
  charlie: Person;
  group: Group;
  /** Sends pictures to the bot in private, as Alice, and waits until each is in the library and planned. */
  fill(count: number): Promise<void>;
  /** Brings the next card into the group. */
  nextCard(): Promise<Message>;
  /** The message as it is now. */
  now(message: Message): Message;
  /** No more parts of albums come: those that wait are taken in now. */
  albumsAreComplete(): Promise<void>;
  /** Waits until the bot has worked everything in, answered it and brought the cards up to date. */
  settle(): Promise<void>;
  stopBot(): Promise<void>;
  startBot(): Polling;
  stop(): Promise<void>;
};

export type TeamOptions = {
  timeZone?: string;
  adminIds?: readonly number[];
  isBotAdministrator?: boolean;
  logger?: Logger;
  groupType?: 'group' | 'supergroup';
  /** What draws pictures instead of a real process. */
  pictureRenderer?: PictureRenderer;
  /** A bucket for files; none without. */
  objectStorage?: ObjectStorage;
  hasTeamChat?: boolean;
  adminChatId?: number;
  /** Connections for reports alone, as the process has them; tests share one pool unless they need two. */
  hasReportsPool?: boolean;
};

let pictures = 0;

/** The real bot over HTTP against the simulator, on a database of its own. */
export async function startTeam(options: TeamOptions = {}): Promise<Team> {
  const { timeZone = 'Europe/Berlin', logger = silentLogger(), hasTeamChat = true } = options;
  const clock = createSettableClock({ start: NOON });
  let monotonicMs = 0;
  const telegram = await startSimulator({ clock });
  const alice = telegram.createPerson({ first_name: 'Alice', username: 'alice', id: 101 });
  const bob = telegram.createPerson({ first_name: 'Bob', username: 'bob', id: 102 });
  const dana = telegram.createPerson({ first_name: 'Dana', id: 104 });
  const charlie = telegram.createPerson({ first_name: 'Charlie', username: 'charlie', id: 103 });
  const group = telegram.createGroup({
    title: 'Team',
    type: options.groupType ?? 'supergroup',
    members: [alice, bob, dana],
    botIsAdministrator: options.isBotAdministrator ?? true,
  });
  const test = await testDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'storyline-team-'));
  const reports = options.hasReportsPool
    ? test.open({ max: 2, applicationName: 'storyline reports', statementTimeoutMs: 60_000 })
    : test.database;
  const client = { apiRoot: telegram.apiRoot, fetch: createBotApiFetch() };
  const api = new Api(telegram.token, client);
  const services = createServices({
    database: test.database,
    reports,
    api,
    apiRoot: telegram.apiRoot,
    token: telegram.token,
    clock,
    monotonicMs: () => monotonicMs,
    logger,
    adminTelegramIds: options.adminIds ?? [alice.id],
    teamChatId: hasTeamChat ? group.id : undefined,
    adminChatId: options.adminChatId,
    timeZone,
    readSpace: async () => ({ free: 50e9, total: 100e9 }),
    version: 'test',
    isEmbedded: true,
    target: test.target,
    dataDir,
    ...(options.objectStorage ? { objectStorage: options.objectStorage } : {}),
    albumPauseMs: HOUR_MS,
    ...(options.pictureRenderer ? { pictureRenderer: options.pictureRenderer } : {}),
  });
  api.config.use(services.botResponses.transformer);
  if (hasTeamChat) {
    await services.chats.admit({ id: group.id, title: group.title, type: group.type, timeZone, addedBy: null });
    // Even slots, so that tests can say when a card is due.
    await test.db.update(chats).set({ jitterMinutes: 0 });
  }
  const jobs = await startJobWorker({ target: test.target, jobs: services.jobs, logger });
  await jobsAreHeard(test);
  const startBot = () =>
    startPolling({
      createBot: (gate) => createBot(telegram.token, { client }, { ...services, gate }),
      allowedUpdates: ALLOWED_UPDATES,
      onFatal: (sentence) => logger.fatal(sentence),
      logger,
    });
  let polling: Polling | undefined = startBot();

  const settle = async () => {
    await telegram.idle();
    await services.background.idle();
  };

  return {
    telegram,
    clock,
    letPass(milliseconds) {
      monotonicMs += milliseconds;
      clock.advance(milliseconds);
    },
    test,
    dataDir,
    reports,
    services,
    alice,
    bob,
    dana,
    charlie,
    group,
    async fill(count) {
      for (let index = 0; index < count; index += 1) {
        pictures += 1;
        const sent = alice.sendMedia(alice.privateChat, { kind: 'photo', bytes: picture(pictures) });
        await telegram.waitForMessage(
          alice.privateChat,
          ({ reply_to_message: to }) => to?.message_id === sent.message_id,
        );
      }
    },
    async nextCard() {
      const result = await services.delivery.deliverNext(group.id);
      if (result.kind !== 'sent') throw new Error(`no card: ${JSON.stringify(result)}`);
      const message = telegram.message(group, result.messageId);
      if (!message) throw new Error('the card is not in the group');
      return message;
    },
    now(message) {
      const current = telegram.message(message.chat, message.message_id);
      if (!current) throw new Error('the message is gone');
      return current;
    },
    async albumsAreComplete() {
      await settle();
      await test.db.execute(sql`select graphile_worker.reschedule_jobs(array_agg(id), run_at := now())
        from graphile_worker.jobs where task_identifier = 'gather-album' and run_at < now() + interval '1 day'`);
      await test.db.execute(sql`select pg_notify('jobs:insert', '{"count":1}')`);
    },
    settle,
    async stopBot() {
      await polling?.stop();
      polling = undefined;
    },
    startBot() {
      polling = startBot();
      return polling;
    },
    async stop() {
      await polling?.stop();
      await services.background.idle();
      await services.pictureRenderer.stop();
      await jobs.stop();
      await telegram.stop();
      await rm(dataDir, { recursive: true, force: true });
      await test.close();
    },
  };
}

/** Until the job worker listens: a job that is added before would wait for its next look, five seconds later. */
async function jobsAreHeard({ db }: TestDatabase): Promise<void> {
  await vi.waitFor(
    async () => {
      const listening = await db.execute(sql`select from pg_stat_activity
        where datname = current_database() and state = 'idle' and query like 'LISTEN "jobs:insert"%'`);
      if (listening.length === 0) throw new Error('the job worker does not listen yet');
    },
    { timeout: 10_000, interval: 5 },
  );
}
