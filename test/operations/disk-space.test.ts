import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { silentLogger } from '../../src/lib/logger.ts';
import { createAlerts } from '../../src/operations/alerts.ts';
import { createAlertRepository } from '../../src/operations/alerts-repository.ts';
import { createDiskSpace, readSpace, spaceWords } from '../../src/operations/disk-space.ts';
import type { Text } from '../../src/telegram/text.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase();
afterAll(database.close);

/** What the admins read while the disk has so many percent free, one look each. */
async function readAt(...percents: number[]): Promise<string[][]> {
  const read: string[] = [];
  const notices = {
    tell: async ({ text }: Text) => {
      read.push(text.split('\n')[0] ?? '');
      return 'told' as const;
    },
    prepare: async () => {},
  };
  const alerts = createAlerts({
    alerts: createAlertRepository(database.database),
    notices,
    timeZone: 'UTC',
    clock: { now: () => new Date('2026-11-20T11:00:00Z') },
    logger: silentLogger(),
  });
  const looks: string[][] = [];
  for (const percent of percents) {
    const disk = createDiskSpace({ read: async () => ({ free: percent * 1e9, total: 100e9 }), alerts });
    await disk.watch();
    await disk.watch();
    await alerts.tellWaiting();
    looks.push(read.splice(0));
  }
  return looks;
}

test('below 10 % there is a warning, below 5 % the stop of exports, and each end is said; one message for each change', async () => {
  expect(await readAt(10, 9.9, 10.5, 5, 4.9, 5.5, 6, 11, 40)).toEqual([
    [],
    ['🟡 The disk is filling up: 9.9 GB free (9 %)'],
    [],
    [],
    ['🔴 The disk is almost full: 4.9 GB free (4 %)'],
    [],
    ['✅ Exports run again: 6.0 GB free (6 %). That is still little.'],
    ['✅ There is room on the disk again: 11 GB free (11 %).'],
    [],
  ]);
});

test('D07: a disk that is full at once, and empty at once, is one message each', async () => {
  expect(await readAt(50, 0, 60)).toEqual([
    [],
    ['🔴 The disk is almost full: 0 B free (0 %)'],
    ['✅ There is room on the disk again, and exports run: 60 GB free (60 %).'],
  ]);
});

test('exports stop below 5 %, whatever was said', async () => {
  const alerts = { raise: async () => true, clear: async () => true, isRaised: async () => false };
  const at = (percent: number) =>
    createDiskSpace({ read: async () => ({ free: percent, total: 100 }), alerts }).isDiskTooFull();
  expect(await Promise.all([at(4.99), at(5), at(50)])).toEqual([true, false, false]);
});

test('the space of a folder is what its disk has; one that is not there yet has that of the disk it will be on', async () => {
  const { free, total } = await readSpace(import.meta.dirname);
  expect(free).toBeGreaterThan(0);
  expect(total).toBeGreaterThan(free);
  // Of a folder that is not there yet: that of the disk on which it will be.
  expect((await readSpace(join(import.meta.dirname, 'not', 'there'))).total).toBe(total);
  await expect(readSpace(join(import.meta.filename, 'x'))).rejects.toThrow('ENOTDIR');
  expect([spaceWords({ free: 1.234e12, total: 2e12 }), spaceWords({ free: 999, total: 1e6 })]).toEqual([
    '1.2 TB free (61 %)',
    '999 B free (0 %)',
  ]);
});
