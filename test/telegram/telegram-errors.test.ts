import { GrammyError, HttpError } from 'grammy';
import type { ResponseParameters } from 'grammy/types';
import { expect, test } from 'vitest';
import { classifyTelegramError, describeTelegramError } from '../../src/telegram/telegram-errors.ts';

function refusal(error_code: number, description: string, parameters: ResponseParameters = {}): GrammyError {
  return new GrammyError('Call failed', { ok: false, error_code, description, parameters }, 'sendPhoto', {
    chat_id: 1,
  });
}

/** Telegram's own words, as the Bot API server sends them. */
test.each([
  [400, 'Bad Request: message is not modified: specified new message content and reply markup are …', 'unchanged'],
  [400, 'Bad Request: message to edit not found', 'gone'],
  [400, 'Bad Request: message to delete not found', 'gone'],
  [400, 'Bad Request: message to be replied not found', 'gone'],
  [400, "Bad Request: message can't be edited", 'gone'],
  [400, 'Bad Request: MESSAGE_ID_INVALID', 'gone'],
  [400, 'Bad Request: query is too old and response timeout expired or query ID is invalid', 'too_old'],
  [400, 'Bad Request: chat not found', 'unreachable'],
  [400, 'Bad Request: group chat was deactivated', 'unreachable'],
  [403, 'Forbidden: bot was kicked from the supergroup chat', 'unreachable'],
  [403, 'Forbidden: bot was blocked by the user', 'unreachable'],
  [403, "Forbidden: bot can't initiate conversation with a user", 'unreachable'],
  [500, 'Internal Server Error', 'unknown_outcome'],
  [502, 'Bad Gateway', 'unknown_outcome'],
  [400, 'Bad Request: wrong file identifier/HTTP URL specified', 'refused'],
  [413, 'Request Entity Too Large', 'refused'],
])('%i %s means %s', (code, description, kind) => {
  expect(classifyTelegramError(refusal(code, description))).toEqual({
    kind,
    ...(code >= 500 ? { isTrouble: true } : {}),
  });
});

test('429 says how long to wait; without a number five seconds', () => {
  expect(classifyTelegramError(refusal(429, 'Too Many Requests', { retry_after: 30 }))).toEqual({
    kind: 'wait',
    seconds: 30,
  });
  expect(classifyTelegramError(refusal(429, 'Too Many Requests'))).toEqual({ kind: 'wait', seconds: 5 });
});

test('a group that became a supergroup says where it went', () => {
  const moved = refusal(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
    migrate_to_chat_id: -1001,
  });
  expect(classifyTelegramError(moved)).toEqual({ kind: 'moved', chatId: -1001 });
});

test('a cut connection leaves the outcome unknown', () => {
  expect(classifyTelegramError(new HttpError('Network request failed', new Error('socket hang up')))).toEqual({
    kind: 'unknown_outcome',
  });
});

test.each([new TypeError('a bug'), 'words', undefined, null, { error_code: 429 }])(
  '%s is not Telegram’s failure',
  (error) => {
    expect(classifyTelegramError(error)).toBeUndefined();
  },
);

test('a failure is described in Telegram’s words, without addresses or tokens', () => {
  expect(describeTelegramError(refusal(400, 'Bad Request: chat not found'))).toBe(
    'sendPhoto: 400 Bad Request: chat not found',
  );
  const cut = new HttpError(
    "Network request for 'x' failed",
    new Error('https://api.telegram.org/bot123:SECRET/sendPhoto'),
  );
  expect(describeTelegramError(cut)).toBe('no answer from Telegram');
  expect(describeTelegramError(new RangeError('SECRET'))).toBe('RangeError');
});
