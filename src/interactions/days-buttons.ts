import { InlineKeyboard } from 'grammy';
import type { MaybeInaccessibleMessage } from 'grammy/types';
import { featureData, isUuid, parseCallbackData } from '../telegram/callback-data.ts';

/** The times that buttons under figures offer, in days. */
const CHOICES = [7, 30, 90] as const;

/** Whose figures a message shows. */
export type FiguresOf = { kind: 'team' } | { kind: 'person'; userId: string };

/** What a button under figures asks for. */
export type DaysButton = { about: FiguresOf; days: number };

/** 7, 30 and 90 days; what the message shows is marked. A number that was typed (`/stats 14`) marks none. */
export function daysKeyboard(about: FiguresOf, current: number): InlineKeyboard {
  const keyboard = new InlineKeyboard();
  for (const days of CHOICES) {
    keyboard.text(days === current ? `• ${days} days` : `${days} days`, daysData({ about, days }));
  }
  return keyboard;
}

/** `stats:days:30.<user id>` (at most 50 bytes) or `team:days:30`. */
function daysData({ about, days }: DaysButton): string {
  return about.kind === 'team'
    ? featureData('team', 'days', days)
    : featureData('stats', 'days', `${days}.${about.userId}`);
}

/** The meaning of a press; undefined for everything that these buttons never say. */
export function parseDaysButton(data: unknown): DaysButton | undefined {
  const parsed = parseCallbackData(data);
  if (parsed?.kind !== 'feature' || parsed.action !== 'days') return undefined;
  const [number = '', ...rest] = parsed.id?.split('.') ?? [];
  const days = CHOICES.find((choice) => String(choice) === number);
  if (days === undefined) return undefined;
  if (parsed.feature === 'team' && rest.length === 0) return { about: { kind: 'team' }, days };
  const [userId = '', ...more] = rest;
  if (parsed.feature !== 'stats' || more.length > 0 || !isUuid(userId)) return undefined;
  return { about: { kind: 'person', userId }, days };
}

/** Whether the message shows these days already: its keyboard, as Telegram sent it with the press, marks the button. */
export function isShown(message: MaybeInaccessibleMessage | undefined, { about, days }: DaysButton): boolean {
  if (!message || !('reply_markup' in message)) return false;
  const data = daysData({ about, days });
  const buttons = message.reply_markup?.inline_keyboard.flat() ?? [];
  return buttons.some(
    (button) => 'callback_data' in button && button.callback_data === data && button.text.startsWith('•'),
  );
}
