import { clockTime, dayAndTime, nearTime } from '../telegram/local-time.ts';
import { bold, clip, fmt, lines, type Text } from '../telegram/text.ts';
import type { Chat } from './chat-repository.ts';
import { MAX_VALUE, wordsOf } from './setting-words.ts';
import type { AuditRow, ChangeResult } from './settings-repository.ts';

/** One change of the history, with the name of who made it. */
export type NamedChange = AuditRow & { by: string };

/** What a change did, in one to three lines. */
export function changeMessage(key: string, result: ChangeResult, now: Date): Text {
  const { chat } = result;
  const before = wordsOf(key, result.before);
  const after = wordsOf(key, result.after);
  const name = bold(before.label);
  switch (result.kind) {
    case 'unchanged':
      return fmt`${name} is ${clip(before.words, MAX_VALUE)} already: nothing is changed.`;
    case 'repeated':
      return fmt`${name} is ${clip(before.words, MAX_VALUE)}; that was done already.`;
    case 'changed':
      return lines(
        fmt`✅ ${name}: ${clip(before.words, MAX_VALUE)} → ${clip(after.words, MAX_VALUE)}`,
        key === 'time_zone' ? `It is ${clockTime(now, chat.timeZone)} there now.` : undefined,
        result.plan && planLine(result.plan, chat, now),
      );
  }
}

function planLine(plan: { moved: number; next: Date | undefined }, { timeZone }: Chat, now: Date): string {
  if (!plan.next) return 'Nothing is planned yet, so nothing had to move.';
  const next = `the next one is ${nearTime(plan.next, timeZone, now)}`;
  if (plan.moved === 0) return `No planned post had to move; ${next}.`;
  return `${plan.moved === 1 ? '1 planned post has' : `${plan.moved} planned posts have`} moved; ${next}.`;
}

/** `Fri 20 Nov 12:00 · Alice`, then one line for each field. */
export function historyLine({ at, by, action, before, after }: NamedChange, { timeZone }: Chat, now: Date): Text {
  const from = entries(before);
  const to = entries(after);
  // Ids say nothing to people.
  const keys = [...new Set([...from.keys(), ...to.keys()])].filter((key) => !key.endsWith('_id'));
  const what = action === 'setting_changed' ? undefined : wordsOf(action, '').label;
  const changes = keys.map((key) => {
    const { label, words } = wordsOf(key, from.get(key));
    const parts = [from.has(key) ? words : undefined, to.has(key) ? wordsOf(key, to.get(key)).words : undefined];
    return `${label}: ${parts.flatMap((part) => (part === undefined ? [] : [clip(part, MAX_VALUE / 2)])).join(' → ')}`;
  });
  return lines(fmt`${bold(dayAndTime(at, timeZone, now))} · ${clip(by, 40)}`, what, ...changes);
}

function entries(json: unknown): Map<string, unknown> {
  return new Map(typeof json === 'object' && json !== null ? Object.entries(json) : []);
}
