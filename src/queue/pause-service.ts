import type { ChatRepository } from '../settings/chat-repository.ts';
import type { OverdueChoice, PauseRepository, PauseResult, ResumeResult } from './pause-repository.ts';

export type PauseService = ReturnType<typeof createPauseService>;

/** Pausing and going on, seen by everybody at once: what is remembered of the chat is forgotten. */
export function createPauseService(dependencies: { pauses: PauseRepository; chats: Pick<ChatRepository, 'forget'> }) {
  const { pauses, chats } = dependencies;

  return {
    /** See `PauseRepository.pause`. */
    async pause(chatId: number, act: { by: string | null; now: Date }): Promise<PauseResult> {
      const result = await pauses.pause(chatId, act);
      chats.forget(chatId);
      return result;
    },

    /** See `PauseRepository.resume`. */
    async resume(
      chatId: number,
      { by, now, overdue }: { by: string | null; now: Date; overdue?: OverdueChoice },
    ): Promise<ResumeResult> {
      const result = await pauses.resume(chatId, { by, now }, overdue);
      chats.forget(chatId);
      return result;
    },
  };
}
