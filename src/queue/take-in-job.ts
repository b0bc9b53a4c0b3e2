import { z } from 'zod';
import type { Clock } from '../lib/clock.ts';
import { OutsideError } from '../lib/errors.ts';
import type { IntakeService } from '../media/intake-service.ts';
import type { MediaItem, MediaRepository } from '../media/media-repository.ts';
import type { UploadedMedia } from '../media/uploaded-media.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import { classifyTelegramError } from '../telegram/telegram-errors.ts';
import type { Text } from '../telegram/text.ts';
import type { QueueRepository } from './queue-repository.ts';
import { duplicateMessage, takenInMessage, uploadFailedMessage } from './upload-messages.ts';

export const TAKE_IN_TASK = 'take-in-upload';

const payloadSchema = z.object({
  upload: z.custom<UploadedMedia>((value) => typeof value === 'object' && value !== null && 'fileUniqueId' in value),
  userId: z.string(),
  /** Where to answer, and on which message. */
  replyTo: z.object({ chatId: z.number(), messageId: z.number() }),
  /** Whose plan it joins. */
  teamChatId: z.number(),
});
export type TakeInPayload = z.infer<typeof payloadSchema>;

/**
 * The slow part of an upload: fetch, hash, add to the library, plan, answer. Runs as a durable job, so that neither the
 * next tap waits for a download nor a crash loses a picture. Safe to repeat: a run that died after the picture was
 * added finds it and goes on.
 */
export function createTakeInJob(dependencies: {
  intake: IntakeService;
  media: Pick<MediaRepository, 'lockedUntil'>;
  queue: Pick<QueueRepository, 'enqueue' | 'plannedFor'>;
  chats: Pick<ChatRepository, 'byId'>;
  say: (chatId: number, text: Text, replyTo: number) => Promise<unknown>;
  clock: Clock;
}) {
  const { intake, media, queue, chats, say, clock } = dependencies;

  return async (rawPayload: unknown, run: { attempt: number; isLast: boolean }): Promise<void> => {
    const { upload, userId, replyTo, teamChatId } = payloadSchema.parse(rawPayload);
    const chat = await chats.byId(teamChatId);
    if (!chat) throw new Error(`team chat ${teamChatId} does not exist`);
    const answer = (text: Text) => say(replyTo.chatId, text, replyTo.messageId);
    try {
      const result = await intake.takeIn(upload, userId);
      const now = clock.now();
      if (result.kind === 'added') {
        const slot = await queue.enqueue({ chat, mediaItemId: result.item.id, userId, now });
        await answer(takenInMessage({ fileName: upload.fileName, slot, chat, isCompared: result.isCompared, now }));
        return;
      }
      const planned = await queue.plannedFor(chat.id, result.of.id);
      const locked = await media.lockedUntil(result.of.id, now);
      if (run.attempt > 1 && !locked && isOurs(result.of, upload, userId)) {
        const slot = planned ?? (await queue.enqueue({ chat, mediaItemId: result.of.id, userId, now }));
        await answer(takenInMessage({ fileName: upload.fileName, slot, chat, isCompared: true, now }));
        return;
      }
      await answer(duplicateMessage({ of: result.of, planned, locked, timeZone: chat.timeZone, now }));
    } catch (error) {
      if (run.isLast && (error instanceof OutsideError || classifyTelegramError(error))) {
        await answer(uploadFailedMessage(upload.fileName));
      }
      throw error;
    }
  };
}

/**
 * Whether a "duplicate" is what an earlier run of this very job added. Sending the same picture again makes a new file
 * id of the same unique id.
 */
function isOurs(item: MediaItem, upload: UploadedMedia, userId: string): boolean {
  return item.telegramFileId === upload.fileId && item.addedBy === userId;
}
