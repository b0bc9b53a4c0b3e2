// One run of the daily report as a process of its own: `node report-child.ts` with DATABASE_URL, API_ROOT, TOKEN, CHAT_ID, SLOT and NOW.
import { tmpdir } from 'node:os';
import { Api } from 'grammy';
import { openDatabase } from '../../src/db/client.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { createServices } from '../../src/services.ts';

const { DATABASE_URL = '', API_ROOT = '', TOKEN = '', CHAT_ID, SLOT = '', NOW = '' } = process.env;
const logger = silentLogger();
const database = openDatabase(
  { url: DATABASE_URL },
  { logger, applicationName: 'report child', lockTimeoutMs: 1_000, statementTimeoutMs: 10_000 },
);
const services = createServices({
  database,
  reports: database,
  api: new Api(TOKEN, { apiRoot: API_ROOT }),
  apiRoot: API_ROOT,
  token: TOKEN,
  clock: { now: () => new Date(NOW) },
  logger,
  adminTelegramIds: [],
  teamChatId: undefined,
  adminChatId: undefined,
  timeZone: 'UTC',
  version: 'test',
  isEmbedded: false,
  target: { url: DATABASE_URL },
  dataDir: tmpdir(),
  pictureRenderer: { render: () => Promise.reject(new Error('not here')), stop: async () => {} },
});
const now = new Date(NOW);
const slot = new Date(SLOT);
const signal = new AbortController().signal;
const outcome = await services.dailyDigest({
  job: 'daily',
  slot,
  chatId: Number(CHAT_ID),
  isLate: now > slot,
  now,
  signal,
});
process.stdout.write(`${JSON.stringify(outcome)}\n`);
await database.close();
