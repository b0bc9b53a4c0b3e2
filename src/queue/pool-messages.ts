import { bold, clip, lines, type Text } from '../telegram/text.ts';
import type { PoolHealth, PoolState } from './pool-health.ts';

/** Categories that are named; a phone shows no more without scrolling. */
const MAX_NAMED = 8;

/** Whole days, as people count them: `6 days`, `1 day`, `less than a day`. */
export function daysInWords(days: number): string {
  const whole = Math.floor(days);
  return whole === 0 ? 'less than a day' : `${whole} ${whole === 1 ? 'day' : 'days'}`;
}

/** One line for /status: how long the library lasts, and which category ends first. */
export function materialLine({ days, shortest }: PoolHealth): string {
  if (days === 0) return shortest === null ? 'nothing left' : `nothing left of ${clip(shortest, 30)}`;
  return `${daysInWords(days)}${shortest === null ? '' : ` (${clip(shortest, 30)} ends first)`}`;
}

/** What the team is told when the library begins to run out, is about to, and lasts again. */
export function poolMessage(state: PoolState, health: PoolHealth): Text {
  const named = health.categories
    .filter(({ days }) => days !== null)
    .toSorted((a, b) => (a.days ?? 0) - (b.days ?? 0))
    .slice(0, MAX_NAMED)
    .map(({ category, left, days }) => {
      const rest = left === 0 ? 'nothing left' : `${left} media, ${daysInWords(days ?? 0)}`;
      return `• ${clip(category ?? '', 30)}: ${rest}`;
    });
  const lasts = health.days === 0 ? undefined : daysInWords(health.days);
  switch (state) {
    case 'ok':
      return lines(bold(`🟢 The library lasts ${lasts} again.`));
    case 'warning':
      return lines(bold(`🟡 The library lasts ${lasts}.`), ...named, 'Send me more media in private.');
    case 'alarm':
      return lines(bold(headline()), ...named, 'Send me more media in private: slots without media stay empty.');
  }

  function headline(): string {
    if (lasts) return `🔴 The library lasts only ${lasts}.`;
    return health.shortest === null
      ? '🔴 Nothing is left in the library to post.'
      : `🔴 Nothing is left of ${clip(health.shortest, 30)}.`;
  }
}
