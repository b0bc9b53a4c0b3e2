import { Api } from 'grammy';
import type { Hono } from 'hono';
import { ALLOWED_UPDATES, createBot } from './bot.ts';
import type { Config } from './config.ts';
import { openDatabase } from './db/client.ts';
import { assertDriverPatched } from './db/driver-patch.ts';
import { startEmbeddedServer } from './db/embedded-server.ts';
import { migrateJobs, startJobWorker } from './db/job-worker.ts';
import { migrate } from './db/migrate.ts';
import { holdProcessLock } from './db/process-lock.ts';
import type { DatabaseTarget } from './db/target.ts';
import { waitForServer } from './db/wait-for-server.ts';
import type { Clock } from './lib/clock.ts';
import type { Logger } from './lib/logger.ts';
import { createObjectStorage } from './lib/object-storage-client.ts';
import { createStopList } from './lib/stop-list.ts';
import { readVersion } from './lib/version.ts';
import { isClockSynchronised } from './operations/clock-sanity.ts';
import { readSpace } from './operations/disk-space.ts';
import { introduceOurselves, prepareTeam } from './operations/first-minute.ts';
import { type Check, databaseCheck, readHealth } from './operations/health.ts';
import { claimInstallation, requireOwnInstallation } from './operations/installation-repository.ts';
import { SCHEDULE, startSchedule } from './schedule.ts';
import { createRoutes, startServer } from './server.ts';
import { createServices, type Services } from './services.ts';
import { createBotApiFetch } from './telegram/bot-api-fetch.ts';
import { startPolling } from './telegram/polling.ts';

/** A Telegram to talk to: the real one, or the simulator that the process carries. */
export type TelegramAccess = { token: string; apiRoot: () => string; isSimulator: boolean };

export type App = {
  origin: string;
  /** Absent when the process serves HTTP and jobs only. */
  services: Services | undefined;
  /** Stops everything in reverse order: running work ends, the rest stays where it is kept. May be called again. */
  stop(): Promise<void>;
};

export type AppOptions = {
  config: Config;
  logger: Logger;
  clock: Clock;
  telegram: TelegramAccess | undefined;
  /** Admitted as guests before the first update, and a new team chat is open to them: the demo's. */
  guestTelegramIds?: readonly number[];
  /** Routes to serve besides our own, at the root. */
  mounted?: Hono;
  /** Called with our address before the bot makes its first call. */
  onListening?: (origin: string) => void;
  /** Called once when the process cannot go on; it should stop and end with exit code 1. */
  onFatal: (sentence: string) => void;
  /** Aborted when the process is to stop: a start that is under way waits for nobody any more. */
  signal: AbortSignal;
};

/** For calls that hold a file, a picture of figures as a rule; all others have less (call-limits.ts). grammY's own limit is 500 s. */
const CALL_TIMEOUT_SECONDS = 50;
/** A card held by another transaction for longer than this answers "busy" (DESIGN, rule 1). */
const TAP_LOCK_TIMEOUT_MS = 300;

/**
 * Starts what runs together, in order: database, migrations, process lock, HTTP, services, schedule, jobs, polling.
 * Whatever fails on the way stops what was started before it.
 */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, logger, clock, telegram, onFatal } = options;
  const stops = createStopList(logger);
  const { stop } = stops;

  try {
    assertDriverPatched();
    const target = await startDatabase();
    await migrate(target, { logger });
    await migrateJobs(target, logger);
    const lock = await holdProcessLock(target, { name: 'bot', logger, onLost: ({ message }) => onFatal(message) });
    stops.push({ what: 'process lock', stop: lock.release });

    const database = openDatabase(target, {
      logger,
      applicationName: 'storyline',
      lockTimeoutMs: TAP_LOCK_TIMEOUT_MS,
      statementTimeoutMs: 10_000,
    });
    stops.push({ what: 'database', stop: database.close });
    const reports = openDatabase(target, {
      logger,
      applicationName: 'storyline reports',
      max: 2,
      lockTimeoutMs: 2_000,
      statementTimeoutMs: 60_000,
    });
    stops.push({ what: 'database for reports', stop: reports.close });

    const checks: Check[] = [databaseCheck(database)];
    let isReady = false;
    const routes = createRoutes({
      health: () => readHealth(checks),
      isReady: () => isReady,
      ...(options.mounted ? { mounted: options.mounted } : {}),
    });
    const server = await startServer(routes, config);
    stops.push({ what: 'HTTP', stop: server.stop });
    logger.info({ origin: server.origin }, 'HTTP answers');
    options.onListening?.(server.origin);
    if (!telegram) {
      isReady = true;
      logger.info('there is no bot without BOT_TOKEN: serving HTTP only');
      return { origin: server.origin, services: undefined, stop };
    }

    const { token } = telegram;
    const botId = Number.parseInt(token, 10);
    const claim = { id: botId, isSimulator: telegram.isSimulator };
    await requireOwnInstallation(database, claim);
    const client = {
      apiRoot: telegram.apiRoot() || server.origin,
      timeoutSeconds: CALL_TIMEOUT_SECONDS,
      fetch: createBotApiFetch(),
    };
    const api = new Api(token, client);
    const services = createServices({
      database,
      reports,
      api,
      apiRoot: client.apiRoot,
      token,
      clock,
      logger,
      adminTelegramIds: config.adminTelegramIds,
      teamChatId: config.teamChatId,
      adminChatId: config.adminChatId,
      timeZone: config.timeZone,
      readSpace: () => readSpace(config.dataDir),
      isClockSynchronised: telegram.isSimulator ? () => undefined : isClockSynchronised,
      version: readVersion(),
      isEmbedded: config.database.kind === 'embedded',
      target,
      dataDir: config.dataDir,
      ...(config.objectStorage ? { objectStorage: createObjectStorage(config.objectStorage) } : {}),
    });
    api.config.use(services.callLimits, services.botResponses.transformer);
    stops.push({ what: 'pictures', stop: services.pictureRenderer.stop });
    stops.push({ what: 'bot responses', stop: services.botResponses.flush });
    stops.push({ what: 'work in the background', stop: services.background.idle });

    await prepareTeam(services, { ...config, guestTelegramIds: options.guestTelegramIds ?? [] });
    const introduce = onlyOnce(() => introduceOurselves(services, api, config));
    stops.push({ what: 'sign of life', stop: services.downtime.beat });
    const schedule = startSchedule(services, SCHEDULE, logger);
    stops.push({ what: 'schedule', stop: schedule.stop });
    const jobs = await startJobWorker({ target, jobs: services.jobs, logger });
    stops.push({ what: 'jobs', stop: jobs.stop });
    stops.push({ what: 'jobs of the clock', stop: services.clockRuns.interrupt });
    stops.push({ what: 'exports', stop: services.interruptExports });

    const polling = startPolling({
      createBot: (gate) => createBot(token, { client }, { ...services, gate }),
      allowedUpdates: ALLOWED_UPDATES,
      onAccepted: async () => {
        await claimInstallation(database, claim);
        await introduce();
      },
      onFatal,
      logger,
    });
    stops.push({ what: 'polling', stop: polling.stop });
    checks.push({ name: 'telegram', check: () => polling.health() });
    isReady = true;
    return { origin: server.origin, services, stop };
  } catch (error) {
    await stop();
    throw error;
  }

  async function startDatabase(): Promise<DatabaseTarget> {
    if (config.database.kind === 'external') return waitForServer(config.database.target, options);
    const server = await startEmbeddedServer({ dataDir: config.database.dataDir, logger, purpose: 'bot' });
    stops.push({ what: 'database server', stop: server.stop });
    return server.connection;
  }
}

/** The work is begun anew after a failure, and not again after it was done. */
function onlyOnce(work: () => Promise<void>): () => Promise<void> {
  let isDone = false;
  return async () => {
    if (isDone) return;
    await work();
    isDone = true;
  };
}
