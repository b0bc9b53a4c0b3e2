import { now } from '../state/store.js';

const hours = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const days = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const brief = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

/** Dates as Telegram writes them (seconds since 1970), read by the simulator's clock. */
const dateOf = (seconds) => new Date(seconds * 1000);
export const dayOf = (seconds) => dateOf(seconds).toDateString();
const isToday = (seconds) => dayOf(seconds) === simulatedNow().toDateString();

/** The simulator's time at this moment. */
export function simulatedNow() {
  const { clock } = now();
  return clock === undefined ? new Date() : new Date(clock.time + Date.now() - clock.toldAt);
}

export const hourWords = (seconds) => hours.format(dateOf(seconds));
export const dayWords = (seconds) => (isToday(seconds) ? 'Today' : days.format(dateOf(seconds)));
/** The hour today, the day before. */
export const recentWords = (seconds) => (isToday(seconds) ? hourWords(seconds) : brief.format(dateOf(seconds)));
export const exactWords = (seconds) => dateOf(seconds).toLocaleString();
export const isoWords = (seconds) => dateOf(seconds).toISOString();
