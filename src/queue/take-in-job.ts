import { z } from 'zod';
import type { Clock } from '../lib/clock.ts';
import { OutsideError } from '../lib/errors.ts';
import type { IntakeResult, IntakeService } from '../media/intake-service.ts';
import type { MediaItem, MediaRepository } from '../media/media-repository.ts';
import type { UploadedMedia } from '../media/uploaded-media.ts';
import type { Chat, ChatRepository } from '../settings/chat-repository.ts';
import { classifyTelegramError } from '../telegram/telegram-errors.ts';
import type { Text } from '../telegram/text.ts';
import type { QueueRepository } from './queue-repository.ts';
import { answerAgain, type TakenIn, takenInAnswer } from './upload-messages.ts';

export const TAKE_IN_TASK = 'take-in-upload';

/** One picture on its way: what it is, who sent it, and the message that it came with. */
export const partSchema = z.object({
  upload: z.custom<UploadedMedia>((value) => typeof value === 'object' && value !== null && 'fileUniqueId' in value),
  userId: z.string(),
  /** Where to answer, and on which message. */
  replyTo: z.object({ chatId: z.number(), messageId: z.number() }),
});
export type PartPayload = z.infer<typeof partSchema>;

/** `teamChatId`: whose plan it joins. */
const team = { teamChatId: z.number() };
const singleSchema = partSchema.extend(team);
const albumSchema = z.object({ parts: z.tuple([partSchema]).rest(partSchema), ...team });
/** A picture of its own. */
export type TakeInPayload = z.infer<typeof singleSchema>;
/** The pictures of an album, in their order. */
export type AlbumPayload = z.infer<typeof albumSchema>;

const payloadSchema = z.union([
  albumSchema,
  singleSchema.transform(({ teamChatId, ...part }): AlbumPayload => ({ parts: [part], teamChatId })),
]);

/**
 * From this attempt on (about half a minute after the first) an album no longer waits for a part that Telegram does not
 * hand out, if it has others: they are planned, and the answer names the one that is to be sent again.
 */
const PATIENT_ATTEMPTS = 3;

type Run = { attempt: number; isLast: boolean };
type Fetched = { part: PartPayload; result: IntakeResult } | { part: PartPayload; error: unknown };

/**
 * The slow part of an upload: fetch, hash, add to the library, plan, answer. Runs as a durable job, so that neither the
 * next tap waits for a download nor a crash loses a picture. An album is one job with one answer: nothing of it is
 * planned before all of it is in the library, so that its slots stand in its order. Safe to repeat: a run that died
 * after a picture was added finds it and goes on.
 */
export function createTakeInJob(dependencies: {
  intake: IntakeService;
  media: Pick<MediaRepository, 'lockedUntil'>;
  queue: Pick<QueueRepository, 'enqueue' | 'plannedFor'>;
  chats: Pick<ChatRepository, 'byId'>;
  say: (chatId: number, text: Text, replyTo: number) => Promise<unknown>;
  /** Remembers across crashes that an answer to this message was begun; returns how many were, and takes one back. */
  answers: {
    begin: (message: PartPayload['replyTo']) => Promise<number>;
    takeBack: (message: PartPayload['replyTo']) => Promise<void>;
  };
  clock: Clock;
}) {
  const { intake, media, queue, chats, say, answers, clock } = dependencies;

  /**
   * The answer, labelled as a repeat when an earlier run began one and nobody knows whether it arrived: the process died,
   * or the connection was cut. An answer that Telegram has refused, or could not take (5xx), was none.
   */
  async function answer(message: PartPayload['replyTo'], text: Text): Promise<void> {
    const begun = await answers.begin(message);
    try {
      await say(message.chatId, begun > 1 ? answerAgain(text) : text, message.messageId);
    } catch (error) {
      const failure = classifyTelegramError(error);
      const isUnknown = failure?.kind === 'unknown_outcome' && !failure.isTrouble;
      if (failure && !isUnknown) await answers.takeBack(message);
      throw error;
    }
  }

  async function fetchAll(parts: readonly PartPayload[]): Promise<Fetched[]> {
    const fetched: Fetched[] = [];
    for (const part of parts) {
      try {
        fetched.push({ part, result: await intake.takeIn(part.upload, part.userId) });
      } catch (error) {
        if (!(error instanceof OutsideError || classifyTelegramError(error))) throw error;
        fetched.push({ part, error });
      }
    }
    return fetched;
  }

  /** Plans a picture that is in the library now. `earlier`: what this album has brought already. */
  async function plan(
    { upload, userId }: PartPayload,
    result: IntakeResult,
    { chat, run, earlier }: { chat: Chat; run: Run; earlier: ReadonlySet<string> },
  ): Promise<TakenIn> {
    const now = clock.now();
    const { fileName, kind } = upload;
    if (result.kind === 'added') {
      const slot = await queue.enqueue({ chat, mediaItemId: result.item.id, userId, now });
      return { kind: 'added', fileName, mediaKind: kind, slot, isCompared: result.isCompared };
    }
    const planned = await queue.plannedFor(chat.id, result.of.id);
    const locked = await media.lockedUntil(result.of.id, now);
    if (run.attempt > 1 && !locked && !earlier.has(result.of.id) && isOurs(result.of, upload, userId)) {
      const slot = planned ?? (await queue.enqueue({ chat, mediaItemId: result.of.id, userId, now }));
      return { kind: 'added', fileName, mediaKind: kind, slot, isCompared: true };
    }
    return { kind: 'duplicate', of: result.of, planned, locked };
  }

  return async (rawPayload: unknown, run: Run): Promise<void> => {
    const { parts, teamChatId } = payloadSchema.parse(rawPayload);
    const chat = await chats.byId(teamChatId);
    if (!chat) throw new Error(`team chat ${teamChatId} does not exist`);
    const fetched = await fetchAll(parts);
    const failure = fetched.find((part) => 'error' in part);
    const hasSome = fetched.some((part) => 'result' in part);
    const isPatient = !run.isLast && !(hasSome && run.attempt > PATIENT_ATTEMPTS);
    if (failure && isPatient) throw failure.error;

    const taken: TakenIn[] = [];
    const earlier = new Set<string>();
    for (const one of fetched) {
      if ('error' in one) {
        taken.push({ kind: 'failed', fileName: one.part.upload.fileName });
        continue;
      }
      taken.push(await plan(one.part, one.result, { chat, run, earlier }));
      earlier.add(one.result.kind === 'added' ? one.result.item.id : one.result.of.id);
    }
    await answer(parts[0].replyTo, takenInAnswer(taken, { chat, now: clock.now() }));
    if (failure && !hasSome) throw failure.error;
  };
}

/**
 * Whether a "duplicate" is what an earlier run of this very job added. Sending the same picture again makes a new file
 * id of the same unique id.
 */
function isOurs(item: MediaItem, upload: UploadedMedia, userId: string): boolean {
  return item.telegramFileId === upload.fileId && item.addedBy === userId;
}
