import type { FiguresMessages, Place } from '../interactions/figures-messages.ts';
import { dayName } from '../telegram/local-time.ts';
import { lastSunday, localDate, parseDay, parseWeek, weekName, yesterday } from './report-periods.ts';
import type { ReportReader } from './report-reader.ts';
import { ownView, type Scope, type TeamReport } from './report-view.ts';

/** Where days begin, and when it is. */
export type Present = { now: Date; timeZone: string };

/** A report that `/report` can send. Further ones (engagement, exports) join the list that services.ts builds. */
export type Report = {
  /** As it is typed: `/report <name>`. Small letters, at most 12. */
  name: string;
  /** As its buttons name it. */
  label: string;
  /** The periods that buttons offer, the newest first. `id` is at most 12 characters without a dot. */
  periods: (present: Present) => { label: string; id: string }[];
  /** A period as it was typed, empty for the usual one, or as a button's `id` -> its id. Throws PersonError. */
  parsePeriod: (typed: string, present: Present) => string;
  /** Reads it and sends it there. Throws what the database throws, and what grammY throws when it cannot be sent. */
  send: (request: { scope: Scope; period: string; place: Place; now: Date }) => Promise<void>;
};

/** The reports about what a team decided. A period's id is its last day. */
export function createTeamReports(dependencies: {
  reportReader: ReportReader;
  figuresMessages: Pick<FiguresMessages, 'send'>;
}): Report[] {
  const { reportReader, figuresMessages } = dependencies;

  const sendAs =
    (report: TeamReport): Report['send'] =>
    async ({ scope, period, place, now }) => {
      const { show } = await reportReader.read(ownView(report, scope, period), now);
      await figuresMessages.send(place, show());
    };

  return [
    {
      name: 'daily',
      label: 'Daily',
      periods: ({ now, timeZone }) => {
        const last = yesterday(now, timeZone);
        const before = localDate(now, timeZone).subtract({ days: 2 }).toString();
        return [
          { label: 'yesterday', id: last },
          { label: dayName(before).split(' ').slice(0, 2).join(' '), id: before },
        ];
      },
      parsePeriod: (typed, { now, timeZone }) => parseDay(typed, now, timeZone),
      send: sendAs('daily'),
    },
    {
      name: 'weekly',
      label: 'Weekly',
      periods: ({ now, timeZone }) => {
        const last = lastSunday(now, timeZone);
        const before = localDate(now, timeZone);
        const earlier = before.subtract({ days: before.dayOfWeek + 7 }).toString();
        return [
          { label: 'last', id: last },
          { label: weekName(earlier).slice(5), id: earlier },
        ];
      },
      parsePeriod: (typed, { now, timeZone }) => parseWeek(typed, now, timeZone),
      send: sendAs('weekly'),
    },
  ];
}
