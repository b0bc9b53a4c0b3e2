import { type App, startApp, type TelegramAccess } from './app.ts';
import { type Config, loadEnvironment, readConfig } from './config.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import { PersonError } from './lib/errors.ts';
import { createLogger, type Logger } from './lib/logger.ts';

/** Everything must have stopped by then; PM2 and systemd wait longer before they kill (ecosystem.config.cjs). */
const STOP_LIMIT_MS = 18_000;

/** The process: configuration, app, signals. Exit code 0 after a signal, 1 when it cannot start or go on. */
async function main(): Promise<void> {
  const config = readConfig(loadEnvironment());
  const logger = createLogger({ level: config.logLevel, isTerminal: process.stderr.isTTY, secrets: config.secrets });
  let app: App | undefined;
  let isStopping = false;

  const stop = async (exitCode: number, reason: string) => {
    if (isStopping) return;
    isStopping = true;
    logger.info({ reason }, 'stopping');
    // Nothing may keep a stopping process alive; what is not written by now comes again at the next start.
    setTimeout(() => {
      logger.error('something did not stop in time');
      process.exit(exitCode || 1);
    }, STOP_LIMIT_MS).unref();
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
  app = await started(config, logger, fail);
  // A signal that came while starting found nothing to stop.
  if (isStopping) await app.stop();
  process.send?.('ready');
}

type Start = (config: Config, logger: Logger, onFatal: (sentence: string) => void) => Promise<App>;

const startWithTelegram: Start = async (config, logger, onFatal) => {
  const { telegram } = config;
  const clock: Clock = systemClock;
  const access: TelegramAccess | undefined =
    telegram.kind === 'bot'
      ? { token: telegram.token, apiRoot: () => telegram.apiRoot, isSimulator: false }
      : undefined;
  return startApp({ config, logger, clock, telegram: access, onFatal });
};

/** The simulator is a Telegram inside this process; the bot reaches it over HTTP like the real one. */
const startWithSimulator: Start = async (config, logger, onFatal) => {
  const { openDemoTelegram } = await import('./simulator/demo-telegram.ts');
  const demo = await openDemoTelegram({ folder: config.dataDir, logger });
  const app = await startApp({
    config: { ...config, adminTelegramIds: demo.adminTelegramIds, teamChatId: demo.teamChatId, adminChatId: undefined },
    logger,
    clock: demo.clock,
    telegram: { token: demo.token, apiRoot: () => '', isSimulator: true },
    mounted: demo.routes,
    onListening: demo.mountedAt,
    onFatal,
  });
  await demo.begin();
  logger.info(`Storyline runs with the simulator. Open ${app.origin}/ in a browser on this machine; Ctrl-C stops it.`);
  return {
    ...app,
    stop: async () => {
      await app.stop();
      await demo.stop();
    },
  };
};

main().catch((error: unknown) => {
  if (error instanceof PersonError) process.stderr.write(`${error.message}\n`);
  else
    process.stderr.write(
      `Storyline could not start, because of a bug: ${error instanceof Error ? error.stack : error}\n`,
    );
  process.exit(1);
});
