import type { InlineKeyboard } from 'grammy';
import type { Chat } from '../settings/chat-repository.ts';
import type { Text } from '../telegram/text.ts';
import { pauseMessage, resumedMessage, resumeQuestion } from './pause-messages.ts';
import type { PauseService } from './pause-service.ts';

/** What the press came to, in words; `question`: nothing yet, because somebody must say what happens to overdue posts. */
export type Switched =
  | { kind: 'done' | 'noop'; notice: Text }
  | { kind: 'question'; question: { text: Text; keyboard: InlineKeyboard } };

/** Pausing and going on as one button, for the menu of /settings, with the words of /pause and /resume. */
export function createPauseSwitch({ pauses }: { pauses: PauseService }) {
  return {
    async pause(chat: Chat, act: { by: string; now: Date }): Promise<Switched> {
      const result = await pauses.pause(chat.id, act);
      const kind = result.kind === 'already_paused' ? 'noop' : 'done';
      return { kind, notice: pauseMessage(result, chat, act.now) };
    },

    async resume(chat: Chat, act: { by: string; now: Date }): Promise<Switched> {
      const result = await pauses.resume(chat.id, act);
      if (result.kind === 'overdue') return { kind: 'question', question: resumeQuestion(chat.id, result) };
      const kind = result.kind === 'not_paused' ? 'noop' : 'done';
      return { kind, notice: resumedMessage(result, chat, act.now) };
    },
  };
}
