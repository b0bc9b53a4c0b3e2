import { InlineKeyboard } from 'grammy';
import { featureData, parseCallbackData } from '../telegram/callback-data.ts';

/** Whose figures: of a team chat, or of all of them (admins in private). */
export type Scope = number | 'all';

/** The team reports that there are, and the letter that stands for each in a button. */
const LETTERS = { daily: 'd', weekly: 'w' } as const;
export type TeamReport = keyof typeof LETTERS;

/** The lengths that the buttons under each offer, in days; the first is the report's own. */
const LENGTHS = { daily: [1, 7, 30, 90], weekly: [7, 30, 90] } as const satisfies Record<TeamReport, number[]>;

/** What a message with a team report shows: so many days that end with the report's, with or without those before them. */
export type ReportView = {
  report: TeamReport;
  scope: Scope;
  /** The last day, `YYYY-MM-DD`. */
  end: string;
  days: number;
  isCompared: boolean;
};

/** A report as it comes by itself: its own length, compared. */
export function ownView(report: TeamReport, scope: Scope, end: string): ReportView {
  return { report, scope, end, days: LENGTHS[report][0], isCompared: true };
}

/** 1, 7, 30 and 90 days, what is shown marked; and whether the period before stands beside it. */
export function viewKeyboard(view: ReportView): InlineKeyboard {
  const keyboard = new InlineKeyboard();
  for (const days of LENGTHS[view.report]) {
    const label = `${days} d`;
    keyboard.text(days === view.days ? `• ${label}` : label, viewData({ ...view, days }));
  }
  const other = { ...view, isCompared: !view.isCompared };
  return keyboard.row().text(view.isCompared ? 'Hide the comparison' : 'Against the period before', viewData(other));
}

/** `report:view:-1001234567890.d.20261119.30.c`: at most 46 bytes, and all there is to know, so a restart loses nothing. */
export function viewData({ report, scope, end, days, isCompared }: ReportView): string {
  const parts = [scope, LETTERS[report], end.replaceAll('-', ''), days, isCompared ? 'c' : 'n'];
  return featureData('report', 'view', parts.join('.'));
}

const VIEW = /^(-?\d{1,16}|all)\.([dw])\.(\d{4})(\d{2})(\d{2})\.(\d{1,2})\.([cn])$/;

/** The view that a button asks for; undefined for everything that these buttons never say. */
export function parseView(data: unknown): ReportView | undefined {
  const parsed = parseCallbackData(data);
  if (parsed?.kind !== 'feature' || parsed.feature !== 'report' || parsed.action !== 'view') return undefined;
  const [, scope = '', letter, year, month, day, days, compared] = VIEW.exec(parsed.id ?? '') ?? [];
  const report: TeamReport = letter === LETTERS.daily ? 'daily' : 'weekly';
  const length = LENGTHS[report].find((each) => String(each) === days);
  const end = `${year}-${month}-${day}`;
  if (length === undefined || !isDate(end)) return undefined;
  return { report, scope: parseScope(scope), end, days: length, isCompared: compared === 'c' };
}

/** A scope as buttons carry it. */
export function parseScope(text: string): Scope {
  return text === 'all' ? 'all' : Number(text);
}

/** Days that no calendar has are turned into others by `Date`, or into none. */
function isDate(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}
