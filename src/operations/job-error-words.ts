import { databaseFailureReason } from '../db/database-errors.ts';
import { OutsideError, PersonError } from '../lib/errors.ts';
import { redactText } from '../lib/redact.ts';
import { classifyTelegramError, describeTelegramError } from '../telegram/telegram-errors.ts';
import { clip } from '../telegram/text.ts';

/** A job was not done in time. It is tried again. */
export class JobTooLong extends Error {
  override readonly name = 'JobTooLong';
}

/** As long as a line of `/jobs` bears. */
const MAX_WORDS = 200;

/** Why a run failed, in one line for a person, without secrets and without the data it was about. */
export function jobErrorWords(error: unknown): string {
  return clip(redactText(wordsOf(error), []), MAX_WORDS);
}

function wordsOf(error: unknown): string {
  if (error instanceof PersonError || error instanceof OutsideError || error instanceof JobTooLong)
    return error.message;
  const reason = databaseFailureReason(error);
  if (reason !== undefined) return `The database failed: ${reason}.`;
  if (classifyTelegramError(error)) return `Telegram: ${describeTelegramError(error)}`;
  return `A bug (${error instanceof Error ? error.name : typeof error}); the log has all of it.`;
}

/** Whether another attempt cannot help: a person has to do something first. */
export function isFinal(error: unknown): boolean {
  return error instanceof PersonError || (error instanceof OutsideError && !error.retryable);
}
