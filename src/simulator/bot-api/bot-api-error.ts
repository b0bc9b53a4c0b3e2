import type { ResponseParameters } from 'grammy/types';

/** A refusal as the Bot API words it. `code` is the HTTP status and `error_code`. */
export class BotApiError extends Error {
  override readonly name = 'BotApiError';
  readonly code: number;
  readonly parameters: ResponseParameters | undefined;

  constructor(code: number, description: string, parameters?: ResponseParameters) {
    super(description);
    this.code = code;
    this.parameters = parameters;
  }
}

/** 400 with the prefix that Telegram gives it. */
export function badRequest(what: string, parameters?: ResponseParameters): BotApiError {
  return new BotApiError(400, `Bad Request: ${what}`, parameters);
}

/** 403: the bot may not write there. */
export function forbidden(what: string): BotApiError {
  return new BotApiError(403, `Forbidden: ${what}`);
}

/** 409: somebody else receives the updates. */
export function conflict(what: string): BotApiError {
  return new BotApiError(409, `Conflict: ${what}`);
}
