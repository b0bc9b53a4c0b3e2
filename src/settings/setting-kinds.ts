import type { Chat } from './chat-repository.ts';
import { checkWaiting, type NumberRange, parseNumber } from './typed-values.ts';

/** The columns that a setting changes. */
export type Patch = Partial<Chat>;
/** The pages of the menu. */
export const PAGES = ['main', 'plan', 'cards', 'approval', 'mix', 'reports', 'alerts', 'history'] as const;
export type Page = (typeof PAGES)[number];

/** One setting of a chat, as people see and change it. */
export type Setting = {
  label: string;
  page: Page;
  /** Planned posts move when it changes. */
  movesPlan: boolean;
  /** Its value as JSON, for the audit log. */
  read: (chat: Chat) => unknown;
  /** Such a value as people read it. */
  words: (value: unknown) => string;
} & (
  | {
      kind: 'typed';
      /** What may be typed, as one sentence. */
      allowed: string;
      /** Throws PersonError when it may not be. Runs under the lock of the chat's row. */
      parse: (typed: string, chat: Chat) => Patch;
      suggest?: (typed: string) => string[];
    }
  | { kind: 'toggle'; values: readonly [string, string]; patch: (value: string) => Patch }
);

type NumberColumn =
  | 'postsPerDay'
  | 'jitterMinutes'
  | 'planDays'
  | 'repostLockDays'
  | 'skipLockDays'
  | 'remindAfterHours'
  | 'discardAfterHours'
  | 'approvalsNeeded'
  | 'unusualFrom'
  | 'rejectBurst'
  | 'silentAfterHours'
  | 'strangersPerHour';
type FlagColumn =
  | 'sendsDailyReport'
  | 'sendsWeeklyReport'
  | 'sendsEmptyReports'
  | 'isVerbose'
  | 'isFourEyes'
  | 'isOpenToGuests'
  | 'alertsAboutPeople';

type About = { label: string; page: Page; movesPlan?: boolean };

/** A setting that is a whole number in a column; 0 switches it off where 0 is allowed. */
export function number(column: NumberColumn, about: About & NumberRange & { effect?: string }): Setting {
  const { label, page, movesPlan = false, min, max, unit, effect } = about;
  const isOffAtZero = min === 0;
  return {
    kind: 'typed',
    label,
    page,
    movesPlan,
    allowed: [
      effect,
      `A whole number from ${min} to ${max}${unit ? ` (${unit === 'min' ? 'minutes' : unit === 'h' ? 'hours' : unit})` : ''}`,
    ]
      .filter((part) => part !== undefined)
      .join(' ')
      .concat(isOffAtZero ? '; 0 switches it off.' : '.'),
    read: (chat) => chat[column],
    words: (value) => {
      if (value === 0) return 'off';
      if (!unit) return String(value);
      return value === 1 && unit === 'days' ? '1 day' : `${String(value)} ${unit}`;
    },
    parse: (typed, chat) => {
      const patch = { [column]: parseNumber(typed, about) };
      checkWaiting({ ...chat, ...patch });
      return patch;
    },
  };
}

/** A setting with two states in a boolean column. */
export function flag(column: FlagColumn, about: About & { values: readonly [off: string, on: string] }): Setting {
  const { label, page, values } = about;
  return {
    kind: 'toggle',
    label,
    page,
    movesPlan: false,
    values,
    read: (chat) => (chat[column] ? values[1] : values[0]),
    words: String,
    patch: (value) => ({ [column]: value === values[1] }),
  };
}
