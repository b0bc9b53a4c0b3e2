import { z } from 'zod';
import { CROWD_SIZE } from './crowd.ts';

/** What the page may ask to be done, parsed before anything is. */
const person = z.coerce.number().int();
const chat = z.coerce.number().int();
const replyTo = z.coerce.number().int().optional();
const messageId = z.number().int();
const text = z.string().trim().min(1).max(4096);
const data = z.string().min(1);
const caption = z.string().max(1024).default('');
const asDocument = z.stringbool().default(false);
const file = z.file().max(50 * 1024 * 1024);
const DAY_MS = 86_400_000;

export const whoAndWhere = z.object({ person, chat });
export const sendRequest = z.object({ person, chat, replyTo, text });
export const pressRequest = z.object({
  person,
  chat,
  messageId,
  data,
  /** The page's own name for this tap, so that it recognises the answer among the events. */
  tap: z.string().min(1).max(64),
});
export const fileRequest = z.object({ person, chat, replyTo, caption, asDocument, file });
/** A form with one file has it alone, not in a list. How many make an album is the album's own rule. */
const files = z.preprocess((given) => (Array.isArray(given) ? given : [given]), z.array(file));
export const albumRequest = z.object({ person, chat, replyTo, caption, asDocument, file: files });
export const readRequest = z.object({ person, chat, messageId });
/** A caption may become empty, a text not: that is the message's own rule. */
export const editRequest = z.object({ person, chat, messageId, text: z.string().trim().max(4096) });
/** Keyboards add a variation selector to some emoji; Telegram's reactions are without. Empty takes a reaction back. */
export const reactRequest = z.object({
  person,
  chat,
  messageId,
  emoji: z.string().transform((emoji) => emoji.replaceAll('\uFE0F', '')),
});
export const forwardRequest = z.object({ person, chat, messageId, to: z.number().int() });
export const deleteRequest = z.object({ person, chat, messageId });

export const callsRequest = z.object({ after: z.coerce.number().int().min(0).default(0) });
export const faultRequest = z.object({
  kind: z.enum(['429', '403', '500', 'cut before', 'cut after', 'slow']),
  method: z.string().min(1).max(64),
  times: z.number().int().min(1).max(100).default(1),
  seconds: z.number().int().min(1).max(120).optional(),
});
export type FaultRequest = z.infer<typeof faultRequest>;

const inGroup = { person, chat: z.coerce.number({ error: 'Choose a group for that' }).int() };
const title = z.string().trim().min(1).max(128);
/** What happens in groups and to updates without a message being written; what each kind needs. */
export const happeningRequest = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('foreign group'), person, title: title.default("Somebody else's group") }),
  z.object({ kind: z.enum(['supergroup', 'remove bot', 'add bot', 'leave', 'join']), ...inGroup }),
  z.object({ kind: z.literal('anonymous message'), ...inGroup, text: text.default('/next') }),
  z.object({ kind: z.literal('unknown update'), person, chat: chat.optional(), text: text.default('/help') }),
  z.object({ kind: z.enum(['block bot', 'unblock bot', 'redeliver']), person }),
]);
export type HappeningRequest = z.infer<typeof happeningRequest>;

/** How far the clock may be moved away from the machine's, either way. */
export const CLOCK_RANGE_MS = 400 * DAY_MS;
export const clockRequest = z.union([
  z.strictObject({ advanceMs: z.number().int().min(-CLOCK_RANGE_MS).max(CLOCK_RANGE_MS) }),
  z.strictObject({ reset: z.literal(true) }),
]);
export const crowdRequest = z.object({
  chat,
  messageId,
  data,
  size: z.number().int().min(2).max(CROWD_SIZE).default(CROWD_SIZE),
});
