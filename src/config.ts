import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { DatabaseTarget } from './db/target.ts';
import { PersonError } from './lib/errors.ts';
import type { ObjectStorageSettings } from './lib/object-storage-client.ts';
import { isTimeZone } from './telegram/local-time.ts';

/** What the process is to be, from the environment alone. */
export type Config = {
  /** Which Telegram: the real one, ours (the simulator), or none (HTTP and jobs only). */
  telegram: { kind: 'bot'; token: string; apiRoot: string } | { kind: 'simulator' } | { kind: 'none' };
  /** An outside server, or one that we run under this folder. */
  database: { kind: 'external'; target: DatabaseTarget } | { kind: 'embedded'; dataDir: string };
  dataDir: string;
  host: string;
  port: number;
  adminTelegramIds: readonly number[];
  teamChatId: number | undefined;
  adminChatId: number | undefined;
  timeZone: string;
  logLevel: string;
  /** The bucket for files that are too large for a chat. */
  objectStorage: ObjectStorageSettings | undefined;
  /** Values that must never be seen in a log. */
  secrets: readonly string[];
};

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** An empty value is an absent one: `.env.example` is full of them. */
const text = z
  .string()
  .trim()
  .optional()
  .transform((value) => value || undefined);
const chatId = text.pipe(
  z
    .string()
    .regex(/^-?\d{1,15}$/, 'is a number, like -1001234567890')
    .transform(Number)
    .optional(),
);

const region = text.pipe(
  z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'is a region, like eu-central-1')
    .optional(),
);

const environment = z.object({
  BOT_TOKEN: text.pipe(
    z
      .string()
      .regex(/^\d+:[A-Za-z0-9_-]+$/, 'does not look like 123456789:AAExample… Get one from @BotFather in Telegram')
      .optional(),
  ),
  TELEGRAM_API_ROOT: text.pipe(
    z.url('is an address, like https://api.telegram.org').default('https://api.telegram.org'),
  ),
  ADMIN_TELEGRAM_IDS: text.pipe(
    z
      .string()
      .regex(/^\d+(\s*,\s*\d+)*$/, 'is a list of numbers with commas, like 12345,67890. Ask @userinfobot for yours')
      .default(''),
  ),
  TEAM_CHAT_ID: chatId,
  ADMIN_CHAT_ID: chatId,
  DATABASE_URL: text.pipe(
    z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'starts with postgres://, like postgres://user:password@host:5432/name')
      .optional(),
  ),
  DATA_DIR: text.pipe(z.string().default('data')),
  HOST: text.pipe(z.string().default('127.0.0.1')),
  PORT: text.pipe(
    z
      .string()
      .default('8080')
      .refine((port) => /^\d{1,5}$/.test(port) && Number(port) <= 65_535, 'is a number from 0 to 65535')
      .transform(Number),
  ),
  TIMEZONE: text.pipe(z.string().refine(isTimeZone, 'is an IANA zone, like Europe/Berlin').default('UTC')),
  SIMULATOR: text.pipe(z.stringbool('is 1 or 0').default(false)),
  AWS_STORAGE_BUCKET_NAME: text.pipe(
    z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'is the name of a bucket, like my-team-exports')
      .optional(),
  ),
  AWS_S3_REGION_NAME: region,
  AWS_REGION: region,
  AWS_ENDPOINT_URL: text.pipe(z.url('is an address, like https://s3.example.org').optional()),
  LOG_LEVEL: text.pipe(z.enum(LOG_LEVELS, `is one of ${LOG_LEVELS.join(', ')}`).default('info')),
});

/** The variables that are read; README and `.env.example` name the same ones (tested). */
export const VARIABLES: readonly string[] = Object.keys(environment.shape);

/**
 * Environment -> configuration. Throws one PersonError that lists every problem at once, with the name of the variable
 * and what to write instead; values are not repeated (they may be secrets).
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const parsed = environment.safeParse(env);
  const problems = parsed.success
    ? contradictions(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  if (!parsed.success || problems.length > 0) {
    throw new PersonError(
      `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}\nMend it in .env (see .env.example) or in the environment, then start again.`,
    );
  }
  return toConfig(parsed.data);
}

type Environment = z.infer<typeof environment>;

function contradictions(env: Environment): string[] {
  const hasRegion = env.AWS_S3_REGION_NAME ?? env.AWS_REGION;
  return [
    env.SIMULATOR && env.BOT_TOKEN
      ? 'SIMULATOR and BOT_TOKEN are both set: the simulator is a Telegram of its own. Remove one of them'
      : undefined,
    env.AWS_STORAGE_BUCKET_NAME && !hasRegion
      ? 'AWS_STORAGE_BUCKET_NAME needs the region of the bucket: set AWS_S3_REGION_NAME (or AWS_REGION)'
      : undefined,
  ].filter((problem) => problem !== undefined);
}

function toConfig(env: Environment): Config {
  const dataDir = resolve(env.DATA_DIR);
  const isSimulator = env.SIMULATOR || (!env.BOT_TOKEN && !env.DATABASE_URL);
  return {
    telegram: env.BOT_TOKEN
      ? { kind: 'bot', token: env.BOT_TOKEN, apiRoot: env.TELEGRAM_API_ROOT.replace(/\/+$/, '') }
      : { kind: isSimulator ? 'simulator' : 'none' },
    // Demo data never lie beside real ones: the simulator has a server of its own.
    database: env.DATABASE_URL
      ? { kind: 'external', target: { url: env.DATABASE_URL } }
      : { kind: 'embedded', dataDir: isSimulator ? join(dataDir, 'simulator') : dataDir },
    dataDir: isSimulator ? join(dataDir, 'simulator') : dataDir,
    host: env.HOST,
    port: env.PORT,
    adminTelegramIds: env.ADMIN_TELEGRAM_IDS.split(',').filter(Boolean).map(Number),
    teamChatId: env.TEAM_CHAT_ID,
    adminChatId: env.ADMIN_CHAT_ID,
    timeZone: env.TIMEZONE,
    logLevel: env.LOG_LEVEL,
    objectStorage: objectStorageOf(env),
    secrets: [env.BOT_TOKEN, env.DATABASE_URL, passwordOf(env.DATABASE_URL)].filter((secret) => secret !== undefined),
  };
}

function objectStorageOf(env: Environment): ObjectStorageSettings | undefined {
  const { AWS_STORAGE_BUCKET_NAME: bucket, AWS_ENDPOINT_URL: endpoint } = env;
  const where = env.AWS_S3_REGION_NAME ?? env.AWS_REGION;
  return bucket && where ? { bucket, region: where, endpoint } : undefined;
}

function passwordOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? decodeURIComponent(new URL(url).password) || undefined : undefined;
}

/** Reads `.env` beside the working directory into the environment, when there is one; what is set already wins. */
export function loadEnvironment(): NodeJS.ProcessEnv {
  try {
    process.loadEnvFile('.env');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  return process.env;
}
