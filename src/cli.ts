#!/usr/bin/env -S node --max-semi-space-size=2
import { Command, CommanderError } from 'commander';
import { loadEnvironment, readConfig } from './config.ts';
import { type Database, openDatabase } from './db/client.ts';
import { connect } from './db/connect.ts';
import { isDatabaseFailure } from './db/database-errors.ts';
import { startEmbeddedServer } from './db/embedded-server.ts';
import { migrateJobs } from './db/job-worker.ts';
import { migrate } from './db/migrate.ts';
import { noDatabase } from './db/no-database.ts';
import { holderWords, processLockHolder } from './db/process-lock-holder.ts';
import type { DatabaseTarget } from './db/target.ts';
import { createActivityRepository } from './interactions/activity-repository.ts';
import { exportInteractionsCommand } from './interactions/interaction-export-command.ts';
import { createInteractionRepository } from './interactions/interaction-repository.ts';
import { createInteractionService } from './interactions/interaction-service.ts';
import { exportDatasetCommand } from './item-interactions/dataset-export-command.ts';
import { type SyncOptions, syncUserInteractions } from './item-interactions/sync-command.ts';
import { systemClock } from './lib/clock.ts';
import { wordsFor } from './lib/error-words.ts';
import { OutsideError, PersonError, UsageError } from './lib/errors.ts';
import { createLogger, type Logger } from './lib/logger.ts';
import { createObjectStorage } from './lib/object-storage-client.ts';
import { readVersion } from './lib/version.ts';
import { parseMix } from './media/category-mix.ts';
import { createCategoryMixRepository } from './media/category-mix-repository.ts';
import { indexMedia } from './media/media-index-command.ts';
import { listMedia } from './media/media-list-command.ts';
import { listJobs, runJob } from './operations/jobs-command.ts';
import { categoryHistory, categoryMix, listCategories } from './queue/categories-command.ts';
import { reslotIn } from './queue/plan-repository.ts';
import { listQueue } from './queue/queue-list-command.ts';
import { createSchedule } from './queue/schedule-command.ts';
import { clockTimings } from './schedule.ts';
import { createChatRepository } from './settings/chat-repository.ts';
import { createSettingsRepository } from './settings/settings-repository.ts';
import { createSettingsService } from './settings/settings-service.ts';
import { forgetUser, listUsers, promoteUser } from './users/users-command.ts';

/** What a terminal command works with: the bot's own database, which it shares with a running bot. */
export type Terminal = { database: Database; target: DatabaseTarget; logger: Logger; print: (line: string) => void };

/** Opens the database for one command and closes it again, whatever happens. The embedded server is shared or started. */
async function withDatabase(work: (terminal: Terminal) => Promise<void>): Promise<void> {
  const config = readConfig(loadEnvironment());
  // Data go to stdout, words to stderr; a command is no daemon, so only what went wrong is worth a line.
  const level = config.logLevel === 'info' ? 'error' : config.logLevel;
  const logger = createLogger({ level, isTerminal: process.stderr.isTTY, secrets: config.secrets });
  const server =
    config.database.kind === 'embedded'
      ? await startEmbeddedServer({ dataDir: config.database.dataDir, logger, purpose: 'terminal' })
      : undefined;
  const target = config.database.kind === 'external' ? config.database.target : server?.connection;
  if (!target) throw new Error('an embedded server without a connection');
  try {
    await migrate(target, { logger });
    const options = {
      logger,
      applicationName: 'storyline terminal',
      max: 2,
      lockTimeoutMs: 5_000,
      statementTimeoutMs: 60_000,
    };
    const database = openDatabase(target, options);
    try {
      await work({ database, target, logger, print: (line) => process.stdout.write(`${line}\n`) });
    } finally {
      await database.close();
    }
  } catch (error) {
    const isServerAway = config.database.kind === 'external' && isDatabaseFailure(error);
    throw isServerAway && !(error instanceof OutsideError) ? noDatabase(target, error) : error;
  } finally {
    await server?.stop();
  }
}

/** Runs work that Ctrl-C (or a service manager) asks to come to an end; asking twice ends the process at once. */
async function untilStopped(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, stop);
  try {
    await work(stopping.signal);
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}

/** The settings, as the bot changes them. A running bot remembers a chat for ten seconds, then it sees the change. */
function settingsOf(database: Database) {
  const interactions = createInteractionService({
    interactions: createInteractionRepository(database),
    activity: createActivityRepository(database),
  });
  return createSettingsService({
    settings: createSettingsRepository(database, { record: interactions.log, reslot: reslotIn }),
    chats: createChatRepository(database),
    mix: { ...createCategoryMixRepository(database), parse: parseMix },
  });
}

/** The bot that runs on this database, in words; undefined when none does. */
async function runningBot(target: DatabaseTarget): Promise<string | undefined> {
  const sql = connect(target, { applicationName: 'storyline terminal', max: 1 });
  try {
    const holder = await processLockHolder(sql, 'bot');
    return holder && `The bot (${holderWords(holder)})`;
  } finally {
    await sql.end();
  }
}

/** Carries out a run of a clock job in this process, as the bot would. Throws PersonError when there is no bot to be. */
async function runJobHere({ database, target, logger }: Terminal, runId: string): Promise<void> {
  const config = readConfig(loadEnvironment());
  if (config.telegram.kind !== 'bot') {
    throw new PersonError('The job waits for the bot: start it with npm start, or set BOT_TOKEN.');
  }
  const [{ Api }, { createServices }, { readSpace }] = await Promise.all([
    import('grammy'),
    import('./services.ts'),
    import('./operations/disk-space.ts'),
  ]);
  const { token, apiRoot } = config.telegram;
  const { objectStorage, ...settings } = config;
  const services = createServices({
    ...settings,
    ...(objectStorage ? { objectStorage: createObjectStorage(objectStorage) } : {}),
    database,
    reports: database,
    target,
    api: new Api(token, { apiRoot }),
    apiRoot,
    token,
    clock: systemClock,
    logger,
    readSpace: () => readSpace(config.dataDir),
    version: readVersion(),
    isEmbedded: config.database.kind === 'embedded',
  });
  try {
    await services.clockRuns.job({ run: runId }, { attempt: 1, isLast: true });
    await services.background.idle();
  } finally {
    await services.pictureRenderer.stop();
  }
}

/** Every terminal command: name, summary, what it runs. */
export function createProgram(): Command {
  const program = new Command('storyline')
    .description('Terminal commands; the bot itself is started with npm start. They can be used while it runs.')
    .version(readVersion())
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(text) });

  program
    .command('migrate')
    .description('bring the database up to date (npm start does it too)')
    .action(() => withDatabase(async ({ print }) => print('The database is up to date.')));

  const media = program.command('media').description('the library');
  media
    .command('index')
    .description('take a folder into the library; the first folder below it is the category')
    .argument('<folder>', 'where pictures and videos lie')
    .option('--json', 'the figures for programs')
    .option('--dry-run', 'look, but write nothing')
    .action((folder: string, options: { json?: boolean; dryRun?: boolean }) =>
      untilStopped((signal) =>
        withDatabase((terminal) => indexMedia({ ...terminal, stderr: process.stderr, signal }, folder, options)),
      ),
    );
  media
    .command('list')
    .description('what is in the library, and what holds it')
    .option('--category <name>', 'of one category only')
    .option('--limit <number>', 'so many at most')
    .option('--json', 'one object a line, for programs')
    .action((options: { category?: string; limit?: string; json?: boolean }) =>
      withDatabase((terminal) => listMedia({ ...terminal, columns: process.stdout.columns }, options)),
    );

  const queue = program.command('queue').description('the plan of the team chats');
  queue
    .command('list')
    .description('what comes when, and what waits for a decision')
    .option('--json', 'for programs')
    .action((options: { json?: boolean }) => withDatabase((terminal) => listQueue(terminal, options)));

  const schedule = program.command('schedule').description('planning ahead');
  schedule
    .command('create')
    .description('plan days ahead from the library, as /schedule does')
    .option('--days <n>', 'from 1 to 30; default: what each chat wants')
    .option('--chat <id>', 'one team chat; default: all')
    .action((options: { days?: string; chat?: string }) =>
      withDatabase((terminal) => createSchedule(terminal, options)),
    );

  const categories = program
    .command('categories')
    .description('what the library holds, and in which proportion it is posted');
  categories
    .command('list', { isDefault: true })
    .description('media, share and days left of each category')
    .option('--chat <id>', 'one team chat; default: all')
    .option('--json', 'for programs')
    .action((options: { chat?: string; json?: boolean }) =>
      withDatabase((terminal) => listCategories(terminal, options)),
    );
  categories
    .command('mix')
    .description('the proportion of categories; --set changes it')
    .option('--set <shares>', 'for example nature=0.7,people=0.3; even: all alike')
    .option('--chat <id>', 'the team chat, when there are several')
    .action((options: { set?: string; chat?: string }) =>
      withDatabase((terminal) =>
        categoryMix({ ...terminal, changeMix: settingsOf(terminal.database).changeMix }, options),
      ),
    );
  categories
    .command('history')
    .description('which proportions there were, and when')
    .option('--chat <id>', 'one team chat; default: all')
    .action((options: { chat?: string }) => withDatabase((terminal) => categoryHistory(terminal, options)));

  program
    .command('sync-user-interactions')
    .description('item interactions: import them from our tables, export them for AWS Personalize')
    .requiredOption('--mode <mode>', 'import or export')
    .option('--start-date <day>', 'from this UTC day on, YYYY-MM-DD')
    .option('--end-date <day>', 'until this UTC day, itself included')
    .option('--source <source>', 'import: upvotes, decisions, reactions or all (default)')
    .option('--batch-size <rows>', 'import: rows in one transaction; default: 1000')
    .option('--from-csv <file>', 'import: load upvotes from this file first')
    .option('--output-file <file>', 'export: default: user_interactions_export_YYYYMMDD_HHMMSS.csv here')
    .option('--format <format>', 'export: personalize (default) or personalize-full')
    .option('--event-types <types>', 'export: these, with commas; default: the positive ones, at most ten')
    .option('--mark-synced', 'export: mark what was exported as synced')
    .option('--check', 'export: say whether AWS would train on it')
    .option('--json', 'the figures for programs')
    .action((options: SyncOptions) =>
      untilStopped((signal) =>
        withDatabase((terminal) => syncUserInteractions({ ...terminal, stderr: process.stderr, signal }, options)),
      ),
    );

  for (const dataset of ['items', 'users'] as const) {
    program
      .command(`export-${dataset}`)
      .description(`the ${dataset} dataset of AWS Personalize`)
      .option('--output-file <file>', `default: ${dataset}_export_YYYYMMDD_HHMMSS.csv here`)
      .option('--json', 'what came of it for programs')
      .action((options: { outputFile?: string; json?: boolean }) =>
        untilStopped((signal) =>
          withDatabase((terminal) => exportDatasetCommand({ ...terminal, signal, now: new Date() }, dataset, options)),
        ),
      );
  }
  program
    .command('export-interactions')
    .description('who used the bot, how and when, for analytics elsewhere')
    .option('--format <format>', 'csv (default, harmless in spreadsheets), json or parquet')
    .option('--start-date <day>', 'from this UTC day on, YYYY-MM-DD')
    .option('--end-date <day>', 'until this UTC day, itself included')
    .option('--output-file <file>', 'default: interactions_export_YYYYMMDD_HHMMSS.<format> here')
    .option('--pseudonymise', 'without names and ids of people')
    .option('--json', 'what came of it for programs')
    .action((options: Parameters<typeof exportInteractionsCommand>[1]) =>
      untilStopped((signal) =>
        withDatabase((terminal) =>
          exportInteractionsCommand({ ...terminal, stderr: process.stderr, signal, now: new Date() }, options),
        ),
      ),
    );

  const jobs = program.command('jobs').description('what runs by the clock');
  jobs
    .command('list')
    .description('every job with its last and its next run')
    .option('--json', 'one object a line, for programs')
    .action((options: { json?: boolean }) => withDatabase((terminal) => listJobs(terminal, clockTimings(), options)));
  jobs
    .command('run')
    .description('run a job now, in the bot if it runs, and wait for what comes of it')
    .argument('<name>', 'as jobs list names it')
    .option('--chat <id>', 'the team chat, for a job that runs for each, when there are several')
    .option('--json', 'the run as an object, for programs')
    .action((name: string, options: { chat?: string; json?: boolean }) =>
      untilStopped((signal) =>
        withDatabase(async (terminal) => {
          await migrateJobs(terminal.target, terminal.logger);
          const say = (words: string) => process.stderr.write(`${words}\n`);
          const runHere = (runId: string) => runJobHere(terminal, runId);
          const bot = await runningBot(terminal.target);
          await runJob({ ...terminal, say, signal }, clockTimings(), name, { ...options, bot, runHere });
        }),
      ),
    );

  const users = program.command('users').description('people and their roles');
  users
    .command('list')
    .description('everyone the bot knows')
    .option('--json', 'for programs')
    .action((options: { json?: boolean }) => withDatabase((terminal) => listUsers(terminal, options)));
  users
    .command('promote')
    .description('give a person a role')
    .argument('<who>', 'Telegram id or @username')
    .requiredOption('--role <role>', 'admin, member or guest')
    .action((who: string, options: { role: string }) =>
      withDatabase((terminal) => promoteUser(terminal, who, options.role)),
    );
  users
    .command('forget')
    .description('delete everything about a person, as their /forget does')
    .argument('<who>', 'Telegram id, @username or id of the row')
    .option('--yes', 'really')
    .action((who: string, options: { yes?: boolean }) =>
      withDatabase((terminal) => forgetUser(terminal, who, options)),
    );

  return program;
}

/** Runs one command line. Exit code 0 done, 1 failed, 2 wrong usage. */
async function main(argv: readonly string[]): Promise<number> {
  try {
    const program = createProgram();
    if (argv.length <= 2) {
      program.outputHelp({ error: true });
      return 2;
    }
    await program.parseAsync(argv);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`${wordsFor(error)}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

if (import.meta.main) {
  // `storyline media list | head`: the reader has seen enough. The command goes on to its end and leaves in order.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  process.exitCode = await main(process.argv);
}
