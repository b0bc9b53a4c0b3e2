import { GrammyError, HttpError } from 'grammy';

/**
 * What a failed Bot API call means for us.
 * `unchanged`, `gone`, `too_old`: nothing is left to do. `wait`: after `seconds`. `moved`: the group has a new id.
 * `unreachable`: this target does not want us. `unknown_outcome`: Telegram may or may not have done it
 * (`isTrouble`: it said that it is in trouble itself, 5xx, so it most likely has not).
 * `refused`: a request that will never work.
 */
export type TelegramFailure =
  | { kind: 'unchanged' | 'gone' | 'too_old' | 'unreachable' | 'refused' }
  | { kind: 'unknown_outcome'; isTrouble?: true }
  | { kind: 'wait'; seconds: number }
  | { kind: 'moved'; chatId: number };

const NEW_TOKEN_SECONDS = 60;

/** Telegram's descriptions may change ("error_code is subject to change", Bot API): codes first, words second. */
const DESCRIPTIONS: readonly (readonly [RegExp, 'unchanged' | 'gone' | 'too_old'])[] = [
  [/message is not modified/i, 'unchanged'],
  [/message to (edit|delete|be replied) not found|message can't be (edited|deleted)|MESSAGE_ID_INVALID/i, 'gone'],
  [/query is too old|query ID is invalid/i, 'too_old'],
];

/** Classifies what a call to Telegram threw; undefined when it is not Telegram's failure (a bug of ours). */
export function classifyTelegramError(error: unknown): TelegramFailure | undefined {
  if (error instanceof HttpError) return { kind: 'unknown_outcome' };
  if (!(error instanceof GrammyError)) return undefined;
  if (error.parameters.migrate_to_chat_id) return { kind: 'moved', chatId: error.parameters.migrate_to_chat_id };
  if (error.error_code === 429) return { kind: 'wait', seconds: error.parameters.retry_after ?? 5 };
  // The token was revoked or is not right: polling ends the process, and what was not done stays to be done.
  if (error.error_code === 401 || error.error_code === 404) return { kind: 'wait', seconds: NEW_TOKEN_SECONDS };
  if (error.error_code >= 500) return { kind: 'unknown_outcome', isTrouble: true };
  if (error.error_code === 403) return { kind: 'unreachable' };
  for (const [words, kind] of DESCRIPTIONS) if (words.test(error.description)) return { kind };
  if (/chat not found|bot is not a member|group chat was deactivated/i.test(error.description))
    return { kind: 'unreachable' };
  return { kind: 'refused' };
}

/** The request never left this machine, so nothing can have arrived. */
const NOT_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN']);

/** Whether a call failed before Telegram can have heard of it; of other calls without an answer nobody knows. */
export function wasNotSent(error: unknown): boolean {
  const inner = error instanceof HttpError ? error.error : undefined;
  return inner instanceof Error && 'code' in inner && typeof inner.code === 'string' && NOT_SENT.has(inner.code);
}

/** Whether the forum topic of a message was deleted or closed: the chat itself can still be written to. */
export function isTopicGone(error: unknown): boolean {
  const words = /message thread not found|TOPIC_(DELETED|CLOSED|ID_INVALID)|topic (was )?(deleted|closed)/i;
  return error instanceof GrammyError && error.error_code === 400 && words.test(error.description);
}

/**
 * One line about a failed call for `/healthz` and `queue_items.failure`: Telegram's own words, without the URL (it holds
 * the token); of other errors their kind only.
 */
export function describeTelegramError(error: unknown): string {
  if (error instanceof GrammyError) return `${error.method}: ${error.error_code} ${error.description}`;
  if (error instanceof HttpError) return 'no answer from Telegram';
  return error instanceof Error ? error.name : typeof error;
}
