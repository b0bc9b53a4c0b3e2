import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Api } from 'grammy';
import { z } from 'zod';
import { databaseFailureReason } from '../db/database-errors.ts';
import type { DatabaseTarget } from '../db/target.ts';
import { OutsideError, PersonError } from '../lib/errors.ts';
import { EXPORTS_PREFIX, exportName } from '../lib/export-name.ts';
import type { Logger } from '../lib/logger.ts';
import type { ObjectStorage } from '../lib/object-storage-client.ts';
import { type MediaApi, sendMedia } from '../telegram/send-media.ts';
import { classifyTelegramError } from '../telegram/telegram-errors.ts';
import { clip, lines, link, MAX_TEXT } from '../telegram/text.ts';
import { CHAT_EXPORTS, type ChatExport, type ChatExportKind, type WrittenExport } from './chat-exports.ts';
import {
  DISK_FULL,
  doneWords,
  exportCaption,
  failedWords,
  INTERRUPTED,
  nothingToExport,
  progressWords,
  tooLargeWords,
} from './export-messages.ts';
import { rangeOf } from './export-request.ts';

export const EXPORT_TASK = 'export-into-chat';
/** Somebody waits: the fifth attempt, a minute and a half after the first, is the last. */
export const EXPORT_ATTEMPTS = 5;

/** Bots may send 50 MB; the form around a file and megabytes of another kind need some room. */
const MAX_CHAT_BYTES = 45_000_000;
const LINK_SECONDS = 24 * 3600;
/** Telegram lets a message be edited about twenty times a minute. */
const PROGRESS_EVERY_MS = 3_000;

const payloadSchema = z
  .object({
    kind: z.enum(CHAT_EXPORTS),
    days: z.number().nullable(),
    askedAt: z.iso.datetime(),
    /** The message in the person's own chat that tells how far it is. */
    progress: z.object({ chatId: z.number(), messageId: z.number() }),
  })
  .transform(({ days, ...payload }) => ({ ...payload, days: days ?? undefined }));
export type ExportPayload = z.input<typeof payloadSchema>;
type ParsedPayload = z.output<typeof payloadSchema>;

/**
 * Writes an export and sends it into the chat of whoever asked: as a file, or as a link when it is too large for a chat and
 * there is a bucket. Durable: a process that stops in between leaves it to the next one, which begins anew; the file of
 * that name is written over, and none stays behind on this machine. One export at a time.
 */
export function createExportJob(dependencies: {
  kinds: Readonly<Record<ChatExport, ChatExportKind>>;
  target: DatabaseTarget;
  folder: string;
  objectStorage: ObjectStorage | undefined;
  /** Exports stop before the disk is full, so that the database keeps what is left. */
  isDiskTooFull: () => Promise<boolean>;
  api: Pick<Api, 'editMessageText' | 'sendMessage'>;
  /** With the patience that large files need. */
  uploads: MediaApi;
  monotonicMs: () => number;
  logger: Logger;
}) {
  const { kinds, target, folder, objectStorage, isDiskTooFull, api, uploads, monotonicMs, logger } = dependencies;
  const stopping = new AbortController();

  /** Telegram's failures change nothing here: the file is what was asked for. */
  async function edit({ progress }: ParsedPayload, words: string): Promise<void> {
    try {
      await api.editMessageText(progress.chatId, progress.messageId, clip(words, MAX_TEXT));
    } catch (error) {
      const failure = classifyTelegramError(error);
      if (!failure) throw error;
      if (failure.kind !== 'unchanged') logger.warn({ err: error }, 'the progress of an export could not be told');
    }
  }

  /** Says how far it is, now and then; writing does not wait for Telegram. */
  function createTeller(payload: ParsedPayload) {
    let next = 0;
    let telling = Promise.resolve();
    const logFailure = (error: unknown) => logger.error({ err: error }, 'the progress of an export could not be told');
    return {
      onRows(rows: number, total: number): void {
        if (monotonicMs() < next) return;
        next = monotonicMs() + PROGRESS_EVERY_MS;
        const words = progressWords(payload, { rows, total });
        telling = telling.then(() => edit(payload, words)).catch(logFailure);
      },
      /** When nothing is on its way any more. */
      idle: () => telling,
    };
  }

  async function send(payload: ParsedPayload, written: WrittenExport, file: { path: string; name: string }) {
    const { chatId } = payload.progress;
    const { rowName } = kinds[payload.kind];
    const caption = exportCaption(payload, written, { rowName, now: new Date(payload.askedAt) });
    if (written.bytes <= MAX_CHAT_BYTES) {
      const source = { path: file.path, fileName: file.name };
      await sendMedia(uploads, chatId, { kind: 'document', source, caption, keyboard: { inline_keyboard: [] } });
      return doneWords(payload);
    }
    if (!objectStorage) return tooLargeWords(payload, written.bytes);
    const key = `${EXPORTS_PREFIX}${file.name}`;
    const { signal } = stopping;
    await objectStorage.upload({ path: file.path, key, contentType: 'text/csv; charset=utf-8', signal });
    const url = await objectStorage.link(key, { seconds: LINK_SECONDS, fileName: file.name });
    const text = lines(caption, link(`⬇️ ${file.name}`, url), 'The link works for 24 hours, for everybody who has it.');
    await api.sendMessage(chatId, text.text, { entities: text.entities, link_preview_options: { is_disabled: true } });
    return doneWords(payload);
  }

  /** What the person is told at the end. */
  async function work(payload: ParsedPayload): Promise<string> {
    if (await isDiskTooFull()) return DISK_FULL;
    const { fileName, rowName, write } = kinds[payload.kind];
    const now = new Date(payload.askedAt);
    const name = exportName(fileName, now, 'csv');
    const path = join(folder, name);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const teller = createTeller(payload);
    try {
      const ground = { target, now, signal: stopping.signal, onRows: teller.onRows };
      const written = await write(ground, { path, range: rangeOf(payload, now) });
      if (written.path === undefined) return nothingToExport(payload, rowName, written);
      return await send(payload, written, { path, name });
    } finally {
      // A word about progress that is still on its way must not come after the last one.
      await teller.idle();
      await rm(path, { force: true });
    }
  }

  return {
    async job(rawPayload: unknown, run: { isLast: boolean }): Promise<void> {
      const payload = payloadSchema.parse(rawPayload);
      try {
        await edit(payload, await work(payload));
      } catch (error) {
        if (classifyTelegramError(error)?.kind === 'unreachable') {
          logger.warn({ err: error }, 'whoever asked for an export does not let the bot write any more');
          return;
        }
        if (error instanceof PersonError || (error instanceof OutsideError && !error.retryable)) {
          logger.warn({ err: error }, 'an export was refused');
          return edit(payload, failedWords(error.message));
        }
        if (run.isLast) await edit(payload, stopping.signal.aborted ? INTERRUPTED : failedWords(reasonOf(error)));
        // The next attempt is a minute away at most; every failure is in the log.
        throw error;
      }
    },

    /** The process stops: what is being written is left to the next one. */
    async interrupt(): Promise<void> {
      stopping.abort(new Error('the process stops'));
    },
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof OutsideError) return error.message;
  if (classifyTelegramError(error)) return 'Telegram did not take it. Please try again later.';
  if (databaseFailureReason(error) !== undefined) return 'the database did not answer. Please try again later.';
  return 'something went wrong on my side. It is written down.';
}
