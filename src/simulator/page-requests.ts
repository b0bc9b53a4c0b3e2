import { z } from 'zod';

/** What the page may ask to be done, parsed before anything is. */
const person = z.coerce.number().int();
const chat = z.coerce.number().int();
const replyTo = z.coerce.number().int().optional();

export const whoAndWhere = z.object({ person, chat });
export const sendRequest = z.object({ person, chat, replyTo, text: z.string().trim().min(1).max(4096) });
export const pressRequest = z.object({
  person,
  chat,
  messageId: z.number().int(),
  data: z.string().min(1),
  /** The page's own name for this tap, so that it recognises the answer among the events. */
  tap: z.string().min(1).max(64),
});
export const fileRequest = z.object({
  person,
  chat,
  replyTo,
  caption: z.string().max(1024).default(''),
  asDocument: z.stringbool().default(false),
  file: z.file().max(50 * 1024 * 1024),
});
