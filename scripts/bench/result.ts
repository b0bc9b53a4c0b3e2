/* What a measurement came to, and the table of all of them. Used by bench.ts; changes nothing. */

/** One line of the table. Without a goal it is for information. */
export type Result = {
  figure: string;
  measured: string;
  /** What the limit came to in the same run; absent for absolute budgets. */
  limit?: string;
  ratio?: number;
  goal?: string;
  isOk?: boolean;
};

/** A rate that should be at least `goal` times that of the limit; times are milliseconds each took for the same work. */
export function rateResult(figure: string, ms: { ours: number; limit: number; count: number }, goal?: number): Result {
  const ratio = ms.limit / ms.ours;
  return {
    figure,
    measured: `${perSecond(ms.count, ms.ours)}/s`,
    limit: `${perSecond(ms.count, ms.limit)}/s`,
    ratio,
    ...(goal === undefined ? {} : { goal: `≥ ${goal} x`, isOk: ratio >= goal }),
  };
}

/** A time that should be at most `goal` times that of the limit. */
export function timeResult(figure: string, ms: { ours: number; limit: number }, goal?: number): Result {
  const ratio = ms.ours / ms.limit;
  return {
    figure,
    measured: `${ms.ours.toFixed(1)} ms`,
    limit: `${ms.limit.toFixed(1)} ms`,
    ratio,
    ...(goal === undefined ? {} : { goal: `≤ ${goal} x`, isOk: ratio <= goal }),
  };
}

/** An amount that should not exceed `most`. */
export function amountResult(figure: string, amount: number, unit: string, most?: number): Result {
  const measured = `${amount.toFixed(amount < 10 ? 2 : 0)} ${unit}`;
  return { figure, measured, ...(most === undefined ? {} : { goal: `≤ ${most} ${unit}`, isOk: amount <= most }) };
}

function perSecond(count: number, ms: number): string {
  return Math.round((count * 1000) / ms).toLocaleString('en');
}

/** The results as a Markdown table, for the terminal and for an issue. */
export function table(results: readonly Result[]): string {
  const rows = [
    ['figure', 'measured', 'limit', 'ratio', 'goal', 'ok'],
    ...results.map(({ figure, measured, limit, ratio, goal, isOk }) => [
      figure,
      measured,
      limit ?? '',
      ratio?.toFixed(2) ?? '',
      goal ?? '(information)',
      isOk === undefined ? '' : isOk ? 'yes' : 'NO',
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  lines.splice(1, 0, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`);
  return lines.join('\n');
}
