import { type App, type AppOptions, startApp, type TelegramAccess } from './app.ts';
import { type Config, loadEnvironment, readConfig } from './config.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import { wordsFor } from './lib/error-words.ts';
import { createLogger } from './lib/logger.ts';

/** Everything must have stopped by then; PM2 and systemd wait longer before they kill (ecosystem.config.cjs). */
const STOP_LIMIT_MS = 18_000;

/** The process: configuration, app, signals. Exit code 0 after a signal, 1 when it cannot start or go on. */
async function main(): Promise<void> {
  const config = readConfig(loadEnvironment());
  const logger = createLogger({ level: config.logLevel, isTerminal: process.stderr.isTTY, secrets: config.secrets });
  const stopping = new AbortController();
  let starting: Promise<App> | undefined;

  const stop = async (exitCode: number, reason: string) => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    logger.info({ reason }, 'stopping');
    // Nothing may keep a stopping process alive; what is not written by now comes again at the next start.
    setTimeout(() => {
      logger.error('something did not stop in time');
      process.exit(exitCode || 1);
    }, STOP_LIMIT_MS).unref();
    // What is starting cannot be left half-way: a database server would stay behind.
    const app = await starting?.catch(() => undefined);
    await app?.stop();
    logger.info('stopped');
    process.exit(exitCode);
  };
  const fail = (sentence: string) => {
    logger.fatal(sentence);
    void stop(1, 'cannot go on');
  };
  process.on('SIGINT', () => void stop(0, 'SIGINT'));
  process.on('SIGTERM', () => void stop(0, 'SIGTERM'));
  // State is unknown after either, so the process ends and its manager starts a fresh one (platform-facts 4.2).
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'a bug ended the process');
    void stop(1, 'uncaught exception');
  });
  process.on('unhandledRejection', (error) => {
    logger.fatal({ err: error }, 'a bug ended the process');
    void stop(1, 'unhandled rejection');
  });

  const started = config.telegram.kind === 'simulator' ? startWithSimulator : startWithTelegram;
  starting = started(config, { logger, onFatal: fail, signal: stopping.signal });
  try {
    await starting;
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  }
  if (!stopping.signal.aborted) process.send?.('ready');
}

type Start = (config: Config, surroundings: Pick<AppOptions, 'logger' | 'onFatal' | 'signal'>) => Promise<App>;

const startWithTelegram: Start = async (config, surroundings) => {
  const { telegram } = config;
  const clock: Clock = systemClock;
  const access: TelegramAccess | undefined =
    telegram.kind === 'bot'
      ? { token: telegram.token, apiRoot: () => telegram.apiRoot, isSimulator: false }
      : undefined;
  return startApp({ config, clock, telegram: access, ...surroundings });
};

/** The simulator is a Telegram inside this process; the bot reaches it over HTTP like the real one. */
const startWithSimulator: Start = async (config, surroundings) => {
  const { logger } = surroundings;
  const { openDemoTelegram } = await import('./simulator/demo-telegram.ts');
  const demo = await openDemoTelegram({ folder: config.dataDir, logger });
  const app = await startApp({
    config: { ...config, adminTelegramIds: demo.adminTelegramIds, teamChatId: demo.teamChatId, adminChatId: undefined },
    clock: demo.clock,
    telegram: { token: demo.token, apiRoot: () => '', isSimulator: true },
    guestTelegramIds: demo.guestTelegramIds,
    mounted: demo.routes,
    onListening: demo.mountedAt,
    ...surroundings,
  });
  await demo.begin(surroundings.signal);
  // Whoever moves the clock wants to see what comes of it, not to wait for the minute.
  const { services } = app;
  demo.clock.onChange((moved) => {
    if (moved) services?.background.run('starting jobs after the clock was moved', services.clockTick);
  });
  logger.info(`Storyline runs with the simulator. Open ${app.origin}/ in a browser on this machine; Ctrl-C stops it.`);
  return {
    ...app,
    stop: async () => {
      // An open page keeps its event stream, for which the server would wait.
      demo.closePages();
      await app.stop();
      await demo.stop();
    },
  };
};

main().catch((error: unknown) => {
  process.stderr.write(`${wordsFor(error)}\n`);
  process.exit(1);
});
