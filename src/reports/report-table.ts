import { dayName } from '../telegram/local-time.ts';
import type { PeriodFigures } from './report-facts.ts';
import { type Period, weekName } from './report-periods.ts';
import type { TeamReport } from './report-view.ts';

const LABEL_WIDTH = 8;
const CELL_WIDTH = 5;
const NOT_MEASURED = '–';

type Row = { label: string; cells: string[] };

/**
 * One row per figure, one column per period: letters of one width, 26 of them in a line as a rule, since a phone shows 29. Of two periods the difference is of interest; beside three there is no room for it.
 */
export function reportTable(columns: readonly PeriodFigures[], report: TeamReport): string {
  const hasDifference = columns.length === 2;
  const row = (label: string, read: (figures: PeriodFigures) => number): Row => {
    const values = columns.map(read);
    const difference = hasDifference ? [signed((values[0] ?? 0) - (values[1] ?? 0))] : [];
    return { label, cells: [...values.map(String), ...difference] };
  };
  const names = columns.map(({ period }, index) => columnName(period, index, report));
  const dates = columns.map(({ period }) => (period.days === 1 ? String(Number(period.start.slice(8))) : ''));
  const medians = columns.map(({ decisions }) => shortSpan(decisions.median_seconds_to_decision).replace(' ', ''));
  const rows: Row[] = [
    { label: '', cells: [...names, ...(hasDifference ? ['+/−'] : [])] },
    ...(dates.some(Boolean) ? [{ label: '', cells: dates }] : []),
    row('Decided', ({ decisions }) => decisions.total_decisions),
    row('Posted', ({ decisions }) => decisions.posted),
    row('Skipped', ({ decisions }) => decisions.skipped),
    row('Rejected', ({ decisions }) => decisions.rejected),
    row('Waiting', ({ waiting }) => waiting),
    ...(medians.some((median) => median !== NOT_MEASURED) ? [{ label: 'Median', cells: medians }] : []),
  ];
  const widthOf = (index: number) => Math.max(CELL_WIDTH, ...rows.map(({ cells }) => cells[index]?.length ?? 0));
  const line = ({ label, cells }: Row) =>
    [label.padEnd(LABEL_WIDTH), ...cells.map((cell, index) => cell.padStart(widthOf(index)))].join(' ');
  return rows.map(line).join('\n');
}

/** `Thu` for a day, `W47` for a week of the calendar, else `30 d` and `before`. */
function columnName(period: Period, index: number, report: TeamReport): string {
  if (period.days === 1) return dayName(period.start).slice(0, 3);
  if (report === 'weekly' && period.days === 7) return weekName(period.start).slice(5);
  return index === 0 ? `${period.days} d` : 'before';
}

function signed(difference: number): string {
  return difference === 0 ? '=' : difference > 0 ? `+${difference}` : `−${-difference}`;
}

/** `40 s`, `12 min`, `5.2 h`, `3.1 d`; a dash where nothing was measured. Nobody is faster than a second. */
export function shortSpan(seconds: number | null): string {
  if (seconds === null) return NOT_MEASURED;
  if (seconds < 59.5) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 3570) return `${Math.round(seconds / 60)} min`;
  const hours = seconds / 3600;
  return hours < 47.95 ? `${decimal(hours)} h` : `${decimal(hours / 24)} d`;
}

const decimal = (value: number): string => String(Number(value.toFixed(1)));
