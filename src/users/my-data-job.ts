import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Api, InputFile } from 'grammy';
import { z } from 'zod';
import type { Job } from '../db/job-worker.ts';
import type { DatabaseTarget } from '../db/target.ts';
import type { Clock } from '../lib/clock.ts';
import { exportName } from '../lib/export-name.ts';
import { classifyTelegramError } from '../telegram/telegram-errors.ts';
import type { Text } from '../telegram/text.ts';
import { writeMyData } from './my-data-archive.ts';
import { DATA_CAPTION, DATA_FAILED, gatheredMessage, NO_DATA, tooLargeMessage } from './privacy-messages.ts';

export const MY_DATA_TASK = 'send-my-data';

const payloadSchema = z.object({ userId: z.string(), chatId: z.number(), noteId: z.number() });
export type MyDataPayload = z.infer<typeof payloadSchema>;

const MEGABYTE = 1024 * 1024;
/** Telegram takes 50 MB from bots (platform-facts 1); the form around the file needs some of it. */
const MAX_MEGABYTES = 45;

/**
 * The durable job of /mydata: puts a person's data together in a temporary file, which is gone afterwards, and sends it
 * into their private chat. The note that says "I am gathering" tells how it went. Repeated after a crash it sends again.
 */
export function createMyDataJob(dependencies: {
  target: DatabaseTarget;
  api: Pick<Api, 'editMessageText' | 'sendChatAction'>;
  /** Patient enough for a large file. */
  uploads: Pick<Api, 'sendDocument'>;
  clock: Clock;
}): Job {
  const { target, api, uploads, clock } = dependencies;

  async function tell({ chatId, noteId }: MyDataPayload, text: Text): Promise<void> {
    try {
      await api.editMessageText(chatId, noteId, text.text, { entities: text.entities });
    } catch (error) {
      // Deleted, or said already: the file is what they asked for.
      if (!['gone', 'unchanged', 'unreachable'].includes(classifyTelegramError(error)?.kind ?? '')) throw error;
    }
  }

  async function send(payload: MyDataPayload): Promise<void> {
    await api.sendChatAction(payload.chatId, 'upload_document');
    const folder = await mkdtemp(join(tmpdir(), 'storyline-my-data-'));
    try {
      const path = join(folder, exportName('my_data', clock.now(), 'zip'));
      const { tables, rows, bytes } = await writeMyData(target, payload.userId, path);
      if (tables === 0) return await tell(payload, NO_DATA);
      const megabytes = Math.ceil(bytes / MEGABYTE);
      if (megabytes > MAX_MEGABYTES) return await tell(payload, tooLargeMessage(megabytes));
      await uploads.sendDocument(payload.chatId, new InputFile(path), {
        caption: DATA_CAPTION.caption,
        caption_entities: DATA_CAPTION.caption_entities,
      });
      await tell(payload, gatheredMessage(tables, rows));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  return async (unknownPayload, { isLast }) => {
    const payload = payloadSchema.parse(unknownPayload);
    try {
      await send(payload);
    } catch (error) {
      // They have blocked the bot meanwhile: nobody is there to take the file.
      if (classifyTelegramError(error)?.kind === 'unreachable') return;
      if (isLast) await tell(payload, DATA_FAILED);
      throw error;
    }
  };
}
