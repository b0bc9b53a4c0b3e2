import { z } from 'zod';
import { type AlbumPayload, type PartPayload, partSchema } from './take-in-job.ts';

export const GATHER_ALBUM_TASK = 'gather-album';

/** What gathers under an album's key: its parts as they come, and the answer to "Whose queue is it for?". */
export type AlbumEntry = { part: PartPayload; teamChatId: number | null } | { answer: number };

const entrySchema = z.union([
  z.object({ part: partSchema, teamChatId: z.number().nullable() }),
  z.object({ answer: z.number() }),
]);

/** The durable key under which the parts of an album gather. Telegram's ids of albums are unique; the chat is for our eyes. */
export function albumKey(chatId: number, mediaGroupId: string): string {
  return `album:${chatId}:${mediaGroupId}`;
}

/**
 * The parts among what has gathered, each once (a redelivered update brings one again), in the order in which they
 * stand in the chat.
 */
export function partsOf(entries: readonly unknown[]): PartPayload[] {
  const parts = new Map<number, PartPayload>();
  for (const entry of z.array(entrySchema).parse(entries)) {
    if ('part' in entry) parts.set(entry.part.replyTo.messageId, entry.part);
  }
  return [...parts.values()].sort((one, other) => one.replyTo.messageId - other.replyTo.messageId);
}

/**
 * Hands an album over to be taken in, when no more parts have come for a moment (or the question was answered): one
 * statement and nothing slow, because a part that comes while it runs takes its further attempts away (add-job.ts). An
 * album whose question nobody answered is dropped in silence: nothing of it was promised.
 */
export function createGatherAlbumJob(dependencies: {
  /** Keeps the album durably; returns when it cannot be lost any more. */
  takeInAlbumLater: (payload: AlbumPayload, key: string) => Promise<void>;
}) {
  return async (rawPayload: unknown): Promise<void> => {
    const entries = z.array(entrySchema).parse(rawPayload);
    const parts = partsOf(entries);
    const teams = entries.map((entry) => ('answer' in entry ? entry.answer : entry.teamChatId));
    const teamChatId = teams.findLast((team) => team !== null);
    const [first, ...others] = parts;
    if (!first || teamChatId === undefined || teamChatId === null) return;
    // The key names exactly these parts: the same ones brought again are one job, those that come too late one of their own.
    const { chatId, messageId } = first.replyTo;
    await dependencies.takeInAlbumLater(
      { parts: [first, ...others], teamChatId },
      `upload:${chatId}:${messageId}-${others.at(-1)?.replyTo.messageId ?? messageId}:${parts.length}`,
    );
  };
}
