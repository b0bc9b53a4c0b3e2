import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { alerts as alertTable } from '../../src/db/schema/index.ts';
import { OutsideError } from '../../src/lib/errors.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { Telling } from '../../src/operations/admin-notices.ts';
import { createAlerts } from '../../src/operations/alerts.ts';
import { createAlertRepository } from '../../src/operations/alerts-repository.ts';
import { createDatabaseWatch } from '../../src/operations/database-watch.ts';
import type { Text } from '../../src/telegram/text.ts';
import { testDatabase } from '../support/database.ts';

const NOON = new Date('2026-11-20T11:00:00Z');
const MINUTE = 60_000;
const away = new OutsideError('postgres', 'connection was closed', { retryable: true });

const database = await testDatabase();
afterAll(database.close);

/** A world in which database and Telegram come and go, and what the admins read in it. */
function world() {
  let now = NOON;
  let isDatabaseAway = false;
  let telegram: Telling = 'told';
  const read: string[] = [];
  const repository = createAlertRepository(database.database);
  const ask = <Arguments extends unknown[], Result>(question: (...given: Arguments) => Promise<Result>) => {
    return async (...given: Arguments): Promise<Result> => {
      if (isDatabaseAway) throw away;
      return question(...given);
    };
  };
  const alerts = {
    raise: ask(repository.raise),
    clear: ask(repository.clear),
    isRaised: ask(repository.isRaised),
    raised: ask(repository.raised),
    open: ask(repository.open),
    claim: ask(repository.claim),
    markTold: ask(repository.markTold),
    release: ask(repository.release),
    restore: ask(repository.restore),
    forget: ask(repository.forget),
    prune: ask(repository.prune),
  };
  const notices = {
    tell: async (text: Text): Promise<Telling> => {
      if (telegram !== 'nobody') read.push(text.text);
      return telegram;
    },
    prepare: async () => {},
  };
  const clock = { now: () => now };
  const start = () => createAlerts({ alerts, notices, timeZone: 'UTC', clock, logger: silentLogger() });
  return {
    start,
    read,
    clock,
    pass: (ms: number) => {
      now = new Date(now.getTime() + ms);
    },
    cutDatabase: (is: boolean) => {
      isDatabaseAway = is;
    },
    setTelegram: (is: Telling) => {
      telegram = is;
    },
    ping: async () => {
      if (isDatabaseAway) throw away;
    },
  };
}

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('raise', 'clear', 'look') },
    fc.constantFrom('telegram down', 'telegram up', 'database away', 'database back', 'restart', 'second process'),
  ),
  { minLength: 5, maxLength: 20 },
);

test('whatever comes and goes, no state is told twice in a row, and the last one is told in the end', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (walk) => {
      await database.db.delete(alertTable);
      const { start, read, pass, cutDatabase, setTelegram } = world();
      let [alerts, other] = [start(), start()];
      let isAway = false;
      let isWrong = false;
      for (const step of walk) {
        pass(MINUTE);
        if (step === 'raise') {
          await alerts.raise({ key: 'it', text: 'wrong' });
          isWrong = true;
        } else if (step === 'clear') {
          await alerts.clear({ key: 'it', text: 'right' });
          isWrong = false;
        } else if (step === 'look') await alerts.tellWaiting();
        else if (step.startsWith('telegram')) setTelegram(step === 'telegram up' ? 'told' : 'nobody');
        else if (step.startsWith('database')) {
          isAway = step === 'database away';
          cutDatabase(isAway);
        }
        // What only memory knows ends with the process: while the database is away there is no other to go on with.
        else if (!isAway) {
          await alerts.tellWaiting();
          if (step === 'restart') {
            alerts = start();
            await alerts.tellWaiting();
          } else {
            [alerts, other] = [other, alerts];
            await alerts.tellWaiting();
          }
        }
      }
      cutDatabase(false);
      setTelegram('told');
      pass(3 * MINUTE);
      await alerts.tellWaiting();
      await other.tellWaiting();
      expect(await alerts.isRaised({ key: 'it' })).toBe(isWrong);
      const states = read.flatMap((text) => text.match(/wrong|right/g) ?? []);
      expect(states.filter((state, index) => state === states[index - 1])).toEqual([]);
      expect(states.at(-1) ?? 'right').toBe(isWrong ? 'wrong' : 'right');
      expect(states[0] ?? 'wrong').toBe('wrong');
      expect(read.join()).not.toContain('🔁');
    }),
    { numRuns: 25 },
  );
});

test('D07: a database that is away is said once, and its return once with how long it took, whatever else is asked', async () => {
  await database.db.delete(alertTable);
  const { start, read, pass, cutDatabase, clock, ping } = world();
  const alerts = start();
  const watch = createDatabaseWatch({ ping, alerts, clock });
  await watch.look();
  cutDatabase(true);
  for (let look = 0; look < 20; look += 1) {
    await watch.look();
    await alerts.tellWaiting();
    await alerts.raise({ key: 'disk', text: '🔴 The disk is full.' });
    expect(await alerts.isRaised({ key: 'disk' })).toBe(true);
    pass(15_000);
  }
  cutDatabase(false);
  await watch.look();
  await watch.look();
  await alerts.tellWaiting();
  expect(read).toEqual([
    '🔴 The disk is full.',
    '🔴 The database does not answer.\nWhat is sent and tapped waits at Telegram (taps for 150 seconds) until it does. I say when it is back.',
    '✅ The database is back; it was away for 5 min.',
  ]);
  await start().tellWaiting();
  expect(await start().clear({ key: 'disk', text: '✅ There is room.' })).toBe(true);
  expect(read.at(-1)).toBe('✅ There is room.');
});

test('a database that is back within fifteen seconds is no news', async () => {
  const { start, read, cutDatabase, clock, ping } = world();
  const watch = createDatabaseWatch({ ping, alerts: start(), clock });
  cutDatabase(true);
  await watch.look();
  cutDatabase(false);
  await watch.look();
  expect(read).toEqual([]);
});

test('what a killed process had written down of an absence is ended by the next one', async () => {
  await database.db.delete(alertTable);
  const { start, read, clock, ping } = world();
  await start().raise({ key: 'database', text: '🔴 The database does not answer.' });
  const watch = createDatabaseWatch({ ping, alerts: start(), clock });
  await watch.look();
  await watch.look();
  expect(read).toEqual(['🔴 The database does not answer.', '✅ The database is back.']);
});
