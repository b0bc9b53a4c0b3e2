import type { SettableClock } from './settable-clock.ts';

/** The simulator's time, and how far it is ahead of the machine's. */
export type ClockView = { now: string; offsetMs: number };

export function clockView(clock: SettableClock): ClockView {
  return { now: clock.now().toISOString(), offsetMs: clock.offsetMs };
}
