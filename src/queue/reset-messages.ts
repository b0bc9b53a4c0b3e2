import { InlineKeyboard } from 'grammy';
import { featureData } from '../telegram/callback-data.ts';
import { bold, clip, lines, type Text } from '../telegram/text.ts';
import { counted } from './counted.ts';

/** A question that is older than this was about another plan, whatever its number says. */
const OPEN_SECONDS = 600;

/** What a button of the question carries behind the chat's id: how many were to go, and when that was asked. */
export type ResetQuestion = { expected: number; isOpen: boolean };

/** The question before the plan is emptied. */
export function resetQuestion(
  team: { id: number; title: string },
  pending: number,
  now: Date,
): { text: Text; keyboard: InlineKeyboard } {
  const asked = `${team.id}.${pending}.${Math.floor(now.getTime() / 1000)}`;
  return {
    text: lines(
      bold(`🗑 Take ${counted(pending, 'planned post')} out of the queue of ${clip(team.title || 'the team', 60)}?`),
      'The media stay in the library. Cards that wait for a decision stay, too.',
    ),
    keyboard: new InlineKeyboard()
      .text('🗑 Yes, take out', featureData('reset', 'confirm', asked))
      .text('↩️ No', featureData('reset', 'cancel', team.id)),
  };
}

/** What a Yes button carries: `<chat>.<count>.<seconds>`. */
export function parseResetQuestion(data: string, now: Date): ResetQuestion {
  const [, expected, asked] = data.split('.');
  return { expected: Number(expected), isOpen: now.getTime() / 1000 - Number(asked) < OPEN_SECONDS };
}

/** The plan is empty now. The clock fills it again, so the message says what stops that. */
export function resetMessage(taken: number, isPaused: boolean): Text {
  return lines(
    bold(`🗑 ${counted(taken, 'post')} ${taken === 1 ? 'is' : 'are'} out of the queue.`),
    'The media stay in the library.',
    isPaused
      ? 'Posting is paused, so nothing new is planned by itself.'
      : 'Within the hour I plan anew from the library; /schedule does it now, /pause stops it.',
  );
}

export const NOTHING_PLANNED = '📭 Nothing is planned, so there is nothing to take out.';
