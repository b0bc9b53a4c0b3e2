import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Connection, connect } from '../../src/db/connect.ts';
import type { DatabaseTarget } from '../../src/db/target.ts';
import { createSettableClock } from '../../src/simulator/settable-clock.ts';
import { type Group, type Person, type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { picture } from '../support/picture.ts';
import { readHistory } from './history.ts';
import { checkHistory, type Verdict } from './history-checker.ts';
import { type Load, startLoad } from './load.ts';
import type { Random } from './random.ts';
import { type SupervisedBot, superviseBot } from './supervised-bot.ts';

export type FaultBench = {
  readonly telegram: Simulator;
  readonly group: Group;
  readonly people: readonly Person[];
  readonly bot: SupervisedBot;
  /** The database as we see it: never through a proxy. */
  readonly sql: Connection;
  /** One more fault, by which a repeat or a tap without an answer may be excused. */
  countFault(times?: number): void;
  /** Sends this many pictures and waits until they are planned. */
  fill(count: number): Promise<void>;
  load(options: { random: Random; perSecond: number }): Load;
  /** The next card, asked for by somebody, in the chat. */
  card(): Promise<{ messageId: number; queueItemId: string }>;
  /**
   * Waits until nothing is left to do, with the bot started anew once (what was half-sent is then looked after at once
   * instead of after two minutes), and checks the history. Returns the last verdict when it does not become clean.
   */
  settle(): Promise<Verdict>;
  close(): Promise<void>;
};

const SETTLE_LIMIT_MS = 30_000;
const CATCH_UP_LIMIT_MS = 90_000;
const LOOK_MS = 250;

/**
 * The real bot as a process against a simulator over HTTP, four people, and a migrated database of its own. `botUrl` and
 * `apiRoot` are what the bot is told, to put a proxy between. Belongs to no test runner: `close` ends everything.
 */
export async function openFaultBench(options: {
  target: DatabaseTarget;
  botUrl: string;
  apiRoot?: (real: string) => Promise<string> | string;
}): Promise<FaultBench> {
  const { target, botUrl, apiRoot = (real: string) => real } = options;
  const folder = mkdtempSync(join(tmpdir(), 'storyline-faults-'));
  const telegram = await startSimulator({ clock: createSettableClock({ ticking: true }) });
  const people = ['Alice', 'Bob', 'Dana', 'Erin'].map((first_name, index) =>
    telegram.createPerson({ first_name, id: 101 + index }),
  );
  const [alice] = people;
  if (!alice) throw new Error('unreachable');
  const group = telegram.createGroup({ title: 'Team', members: people, botIsAdministrator: true });
  const sql = connect(target, { applicationName: 'storyline fault bench', max: 2 });
  const bot = superviseBot(folder, {
    BOT_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: await apiRoot(telegram.apiRoot),
    ADMIN_TELEGRAM_IDS: String(alice.id),
    TEAM_CHAT_ID: String(group.id),
    DATABASE_URL: botUrl,
    TIMEZONE: morningZone(new Date()),
  });
  let faults = 0;
  let pictures = 0;
  const nextPicture = () => {
    pictures += 1;
    return pictures;
  };

  async function fill(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      alice?.sendMedia(alice.privateChat, { kind: 'photo', bytes: picture(nextPicture()) });
    }
    await eventually(async () => {
      const [row] = await sql<{ items: number }[]>`select count(*)::int as items from queue_items`;
      return (row?.items ?? 0) >= count;
    }, `${count} pictures to be planned`);
    await telegram.idle({ timeoutMs: SETTLE_LIMIT_MS });
  }

  /** No update waits, no job, no card is behind. */
  async function isQuiet(): Promise<boolean> {
    if (telegram.pendingUpdates().length > 0) return false;
    const [row] = await sql<{ behind: number; jobs: number }[]>`
      select (select count(*)::int from queue_items
              where status = 'sending' or (message_id is not null
                and (version <> rendered_version or render_again_at <= now()))) as behind,
             (select count(*)::int from graphile_worker.jobs where run_at <= now()) as jobs`;
    return row?.behind === 0 && row.jobs === 0;
  }

  async function verdict(): Promise<Verdict> {
    return checkHistory(await readHistory({ telegram, group, sql, target, log: bot.log(), faults }));
  }

  return {
    telegram,
    group,
    people,
    bot,
    sql,
    fill,
    countFault(times = 1) {
      faults += times;
    },
    load: ({ random, perSecond }) => startLoad({ telegram, group, people, random, perSecond, nextPicture }),
    async card() {
      const known = new Set(telegram.messages(group).map(({ message_id }) => message_id));
      alice.send(group, '/next');
      const message = await telegram.waitForMessage(
        group,
        ({ photo, message_id }) => photo !== undefined && !known.has(message_id),
        { timeoutMs: SETTLE_LIMIT_MS },
      );
      const [, queueItemId = ''] = /posted:([0-9a-f-]{36})/.exec(JSON.stringify(message.reply_markup)) ?? [];
      await telegram.idle({ timeoutMs: SETTLE_LIMIT_MS });
      return { messageId: message.message_id, queueItemId };
    },
    async settle() {
      await bot.stop();
      await bot.start();
      // What people did while it was away may be hundreds of updates, of which a busy machine works in dozens a second.
      await telegram.idle({ timeoutMs: CATCH_UP_LIMIT_MS });
      const limit = performance.now() + SETTLE_LIMIT_MS;
      let last: Verdict | undefined;
      while (performance.now() < limit) {
        if (await isQuiet()) {
          // Answers and edits run behind the updates, so the first look may be too early.
          last = await verdict();
          if (last.problems.length === 0) return last;
        }
        await wait(LOOK_MS);
      }
      return last ?? verdict();
    },
    async close() {
      await bot.kill();
      // What the bot said, for who looks for the reason of a failed run.
      if (process.env.FAULT_LOG) appendFileSync(process.env.FAULT_LOG, `${bot.log()}\n`);
      await telegram.stop();
      await sql.end({ timeout: 5 });
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

/**
 * Asks until the answer is yes. Throws, saying what was waited for, after `limitMs`. A failed question counts as no: the
 * database may be away.
 */
export async function eventually(ask: () => Promise<boolean>, what: string, limitMs = SETTLE_LIMIT_MS): Promise<void> {
  const limit = performance.now() + limitMs;
  let failure: unknown;
  while (performance.now() < limit) {
    try {
      if (await ask()) return;
    } catch (error) {
      failure = error;
    }
    await wait(20);
  }
  throw new Error(`${limitMs} ms went by, waiting for ${what}`, { cause: failure });
}

/** A zone in which it is six in the morning now: no slot comes due, so that every card was asked for by somebody. */
function morningZone(now: Date): string {
  // POSIX signs: Etc/GMT+5 is five hours behind UTC. There are zones from -14 to +12.
  const behind = (now.getUTCHours() - 6 + 24) % 24;
  const offset = behind > 12 ? behind - 24 : behind;
  return offset === 0 ? 'Etc/GMT' : `Etc/GMT${offset > 0 ? '+' : ''}${offset}`;
}
