import type { ClockTarget } from './clock-jobs.ts';
import { lastSlot, slotsBetween } from './clock-slots.ts';
import type { SlotClaim } from './job-run-repository.ts';

const MINUTE_MS = 60_000;
/** A slot that is not older than this is on time: a tick was missed, the process started over, or the loop was blocked. */
const ON_TIME_MS = 5 * MINUTE_MS;

/** Whether a run that begins at `now` must say that it is late. */
export function isLate(slot: Date, now: Date): boolean {
  return now.getTime() - slot.getTime() > ON_TIME_MS;
}

/**
 * The slots of a job that are to be run if they have not been: what its catch-up allows, up to `now`. Rows of `job_runs`
 * decide which of them are left, so asking again, or with a clock that went back, brings none twice.
 */
export function dueSlots({ entry, job, chat, rule, zone }: ClockTarget, now: Date): SlotClaim[] {
  const { policy, maxAgeMinutes } = entry.catchUp;
  const maxAgeMs = Math.max(ON_TIME_MS, policy === 'none' ? 0 : maxAgeMinutes * MINUTE_MS);
  const last = lastSlot(rule, zone, now, maxAgeMs);
  if (!last) return [];
  const slots =
    policy === 'all'
      ? slotsBetween(rule, zone, new Date(now.getTime() - maxAgeMs), new Date(now.getTime() + 1))
      : [last];
  return slots.map(({ at, period }) => ({ job, chatId: chat?.id, slot: at, period }));
}
