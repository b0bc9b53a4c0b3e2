import type { Chat } from './chat-repository.ts';
import { flag, number, type Page, type Setting } from './setting-kinds.ts';
import { suggestTimeZones } from './time-zones.ts';
import {
  addReason,
  MAX_REASON,
  parseClockTime,
  parseQuietHours,
  parseTimeZone,
  parseTopic,
  parseWindow,
} from './typed-values.ts';

/** `14:00-02:00`, `all day`, or `all day from 08:00` (the first post of a day comes then). */
function windowWords({ windowStart, windowEnd }: Chat): string {
  const start = windowStart.slice(0, 5);
  const end = windowEnd.slice(0, 5);
  if (start !== end) return `${start}-${end}`;
  return start === '00:00' ? 'all day' : `all day from ${start}`;
}

/** `23:00-08:00`, or `off`. */
function quietWords({ quietStart, quietEnd }: Chat): string {
  return quietStart === quietEnd ? 'off' : `${quietStart.slice(0, 5)}-${quietEnd.slice(0, 5)}`;
}

/** Every setting that a person can change in the menu; the category mix, which is a table of its own, comes on top. */
export const SETTINGS = {
  posts_per_day: number('postsPerDay', { label: 'Posts per day', page: 'main', movesPlan: true, min: 1, max: 50 }),
  window: {
    kind: 'typed',
    label: 'Window',
    page: 'main',
    movesPlan: true,
    allowed: 'Start and end, like 14:00-02:00 or 9-18; it may cross midnight. Equal times mean the whole day.',
    read: windowWords,
    words: String,
    parse: (typed) => {
      const { start, end } = parseWindow(typed);
      return { windowStart: start, windowEnd: end };
    },
  },
  time_zone: {
    kind: 'typed',
    label: 'Time zone',
    page: 'main',
    movesPlan: true,
    allowed: 'An IANA name, like Europe/Berlin, or UTC. A city alone gets suggestions.',
    read: (chat) => chat.timeZone,
    words: String,
    parse: (typed) => ({ timeZone: parseTimeZone(typed) }),
    suggest: suggestTimeZones,
  },
  jitter: number('jitterMinutes', {
    label: 'Jitter',
    page: 'plan',
    movesPlan: true,
    min: 0,
    max: 30,
    unit: 'min',
    effect: 'How far a post may lie from its even place.',
  }),
  plan_days: number('planDays', { label: 'Plan ahead', page: 'plan', min: 1, max: 30, unit: 'days' }),
  repost_rest: number('repostLockDays', {
    label: 'Rest after Posted',
    page: 'plan',
    min: 0,
    max: 3650,
    unit: 'days',
    effect: 'Holds for decisions from now on.',
  }),
  skip_rest: number('skipLockDays', {
    label: 'Rest after Skip',
    page: 'plan',
    min: 0,
    max: 3650,
    unit: 'days',
    effect: 'Holds for decisions from now on.',
  }),
  reminder: number('remindAfterHours', { label: 'Reminder after', page: 'plan', min: 0, max: 720, unit: 'h' }),
  discard: number('discardAfterHours', { label: 'Discard after', page: 'plan', min: 0, max: 720, unit: 'h' }),
  caption_style: {
    kind: 'toggle',
    label: 'Caption style',
    page: 'cards',
    movesPlan: false,
    values: ['simple', 'enhanced'],
    read: (chat) => chat.captionStyle,
    words: String,
    patch: (value) => ({ captionStyle: value === 'simple' ? 'simple' : 'enhanced' }),
  },
  verbose: flag('isVerbose', { label: 'Verbose', page: 'cards', values: ['off', 'on'] }),
  approvals_needed: number('approvalsNeeded', {
    label: 'People needed',
    page: 'approval',
    min: 1,
    max: 10,
    effect: 'How many different people must press Posted.',
  }),
  four_eyes: flag('isFourEyes', { label: 'Four eyes', page: 'approval', values: ['off', 'on'] }),
  reject_reasons: {
    kind: 'typed',
    label: 'Reject reasons',
    page: 'approval',
    movesPlan: false,
    allowed: `One reason, 1 to ${MAX_REASON} characters, like: too dark. Reject then offers it as a button.`,
    read: (chat) => chat.rejectReasons,
    words: (value) => (Array.isArray(value) && value.length > 0 ? value.map(String).join(', ') : 'none'),
    parse: (typed, chat) => ({ rejectReasons: addReason(typed, chat.rejectReasons) }),
  },
  daily_report: flag('sendsDailyReport', { label: 'Daily report', page: 'reports', values: ['off', 'on'] }),
  weekly_report: flag('sendsWeeklyReport', { label: 'Weekly report', page: 'reports', values: ['off', 'on'] }),
  report_time: {
    kind: 'typed',
    label: 'Report time',
    page: 'reports',
    movesPlan: false,
    allowed: 'A time of day in the chat’s zone, like 09:00.',
    read: (chat) => chat.reportTime.slice(0, 5),
    words: String,
    parse: (typed) => ({ reportTime: parseClockTime(typed) }),
  },
  empty_reports: flag('sendsEmptyReports', { label: 'Empty reports', page: 'reports', values: ['skipped', 'sent'] }),
  report_topic: {
    kind: 'typed',
    label: 'Report topic',
    page: 'reports',
    movesPlan: false,
    allowed:
      'A link to a topic of this group, or its number; “general” for none. In the topic itself, /report here does it.',
    read: (chat) => chat.reportTopicId,
    words: (value) => (value === null ? 'general' : `topic ${String(value)}`),
    parse: (typed) => ({ reportTopicId: parseTopic(typed) }),
  },
  quiet_hours: {
    kind: 'typed',
    label: 'Quiet hours',
    page: 'alerts',
    movesPlan: false,
    allowed: 'Start and end, like 23:00-08:00 or 23-8, or off. Notices about activity wait until they end.',
    read: quietWords,
    words: String,
    parse: (typed) => {
      const { start, end } = parseQuietHours(typed);
      return { quietStart: start, quietEnd: end };
    },
  },
  unusual_from: number('unusualFrom', {
    label: 'Unusual from',
    page: 'alerts',
    min: 0,
    max: 50,
    effect: 'By how many times the usual spread an hour must differ from the same hour of other weeks.',
  }),
  reject_burst: number('rejectBurst', {
    label: 'Rejects of 10',
    page: 'alerts',
    min: 0,
    max: 10,
    effect: 'How many of the last ten decisions must be rejects.',
  }),
  silent_after: number('silentAfterHours', {
    label: 'No decision for',
    page: 'alerts',
    min: 0,
    max: 168,
    unit: 'h',
    effect: 'Hours within the window in which cards wait and nobody decides.',
  }),
  strangers_per_hour: number('strangersPerHour', {
    label: 'Strangers an hour',
    page: 'alerts',
    min: 0,
    max: 10_000,
    effect: 'How often strangers must be refused within an hour.',
  }),
  alerts_about_people: flag('alertsAboutPeople', {
    label: 'About people',
    page: 'alerts',
    values: ['off', 'on'],
  }),
  guests: flag('isOpenToGuests', { label: 'Guests', page: 'reports', values: ['closed', 'open'] }),
} as const satisfies Record<string, Setting>;

export type SettingKey = keyof typeof SETTINGS;

const byKey: ReadonlyMap<string, Setting> = new Map(Object.entries(SETTINGS));

/** The name of the category mix in buttons and audit rows. */
export const MIX_KEY = 'category_mix';

/** The setting of this name, from outside; undefined when there is none. */
export function settingOf(key: string): Setting | undefined {
  return byKey.get(key);
}

/** The page on which a setting stands; the first one for names that are none. */
export function pageOf(key: string): Page {
  return key === MIX_KEY ? 'mix' : (settingOf(key)?.page ?? 'main');
}
