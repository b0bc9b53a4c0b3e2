import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { bold, lines, type Text } from '../telegram/text.ts';
import type { Alerts } from './alerts.ts';

/** Bytes that this process may still write, and bytes in all. */
export type Space = { free: number; total: number };

/** With less than so many percent free the admins are warned, and exports stop. */
const LOW = 10;
const FULL = 5;
/** Better only when it is better by so many: logs and databases move it to and fro. */
const MARGIN = 1;

const LOW_KEY = 'disk-low';
const FULL_KEY = 'disk-full';

export type DiskSpace = ReturnType<typeof createDiskSpace>;

/**
 * The space on the disk that holds `folder`, or will hold it: with a database elsewhere nothing has made it yet. Throws what
 * the operating system says.
 */
export async function readSpace(folder: string): Promise<Space> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { free: bavail * bsize, total: blocks * bsize };
  } catch (error) {
    const isNotThere = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const parent = dirname(folder);
    if (!isNotThere || parent === folder) throw error;
    return readSpace(parent);
  }
}

/** `12.3 GB free (41 %)` */
export function spaceWords({ free, total }: Space): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, free < 1 ? 0 : Math.floor(Math.log10(free) / 3));
  const value = free / 1000 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.floor(value)} ${units[power]} free (${Math.floor((100 * free) / total)} %)`;
}

/**
 * Watches the disk that holds DATA_DIR: below 10 % of free space the admins are warned, below 5 % exports stop, so that
 * the database keeps what is left. Each is said once, and once when it is better.
 */
export function createDiskSpace(dependencies: {
  read: () => Promise<Space>;
  alerts: Pick<Alerts, 'raise' | 'clear' | 'isRaised'>;
}) {
  const { read, alerts } = dependencies;

  return {
    read,

    /** Whether exports must not write: less than 5 % is free. Asks the disk. */
    async isDiskTooFull(): Promise<boolean> {
      return isBelow(FULL, await read());
    },

    /** Looks once and tells what has changed. */
    async watch(): Promise<void> {
      const space = await read();
      const [wasFull, wasLow] = [await alerts.isRaised({ key: FULL_KEY }), await alerts.isRaised({ key: LOW_KEY })];
      const isFull = isBelow(FULL + (wasFull ? MARGIN : 0), space);
      const isLow = isFull || isBelow(LOW + (wasLow ? MARGIN : 0), space);
      const detail = { ...space };
      // Full is low as well, which the one message says; so one message for each change, whatever the step.
      if (isFull && !wasFull) await alerts.raise({ key: FULL_KEY, text: fullMessage(space), detail });
      if (isLow && !wasLow)
        await alerts.raise({ key: LOW_KEY, text: lowMessage(space), detail, isTold: isFull || wasFull });
      if (!isFull && wasFull) await alerts.clear({ key: FULL_KEY, text: notFullMessage(space, isLow) });
      if (!isLow && wasLow) await alerts.clear({ key: LOW_KEY, text: enoughMessage(space), isTold: wasFull });
    },
  };
}

function isBelow(percent: number, { free, total }: Space): boolean {
  return free * 100 < total * percent;
}

function lowMessage(space: Space): Text {
  return lines(
    bold(`🟡 The disk is filling up: ${spaceWords(space)}`),
    'Make room where DATA_DIR lies. Below 5 % I stop exports; when nothing is left I cannot record decisions.',
  );
}

function fullMessage(space: Space): Text {
  return lines(
    bold(`🔴 The disk is almost full: ${spaceWords(space)}`),
    'Exports have stopped. Make room where DATA_DIR lies soon: when nothing is left I cannot record decisions.',
  );
}

function notFullMessage(space: Space, isLow: boolean): Text {
  return lines(
    isLow
      ? `✅ Exports run again: ${spaceWords(space)}. That is still little.`
      : `✅ There is room on the disk again, and exports run: ${spaceWords(space)}.`,
  );
}

function enoughMessage(space: Space): Text {
  return lines(`✅ There is room on the disk again: ${spaceWords(space)}.`);
}
