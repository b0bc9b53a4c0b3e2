/** An error as a log keeps it: what it is and where, without the data it was about. */
export type ErrorFields = {
  type: string;
  message: string;
  code?: string;
  stack?: string;
  cause?: ErrorFields;
};

const MAX_MESSAGE = 500;
const MAX_DEPTH = 4;

/**
 * What may be logged of a thrown value. Other properties are left out on purpose: Drizzle's errors carry the
 * parameters of the statement (in their message too) and grammY's the whole payload, and both hold people's words.
 */
export function errorFields(error: unknown, depth = 0): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error).slice(0, MAX_MESSAGE) };
  // "Failed query: <statement>\nparams: <values>": everything from the values on goes.
  const message = (error.message.split('\nparams:')[0] ?? '').slice(0, MAX_MESSAGE);
  const frames = error.stack?.match(/^\s+at .+$/gm);
  const code = 'code' in error ? error.code : 'error_code' in error ? error.error_code : undefined;
  // grammY's HttpError keeps what went wrong in `error`.
  const cause = error.cause ?? ('error' in error ? error.error : undefined);
  return {
    type: error.name,
    message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code: String(code) } : {}),
    ...(frames ? { stack: frames.map((frame) => frame.trim()).join('\n') } : {}),
    ...(cause !== undefined && depth < MAX_DEPTH ? { cause: errorFields(cause, depth + 1) } : {}),
  };
}
