/** The actions of a card, with the seed's names (004); `callback_data` is `<action>:<queue item id>`. */
export const CARD_ACTIONS = ['posted', 'skip', 'reject', 'confirm_reject', 'cancel_reject', 'undo'] as const;
export type CardAction = (typeof CARD_ACTIONS)[number];
/** The button that decides nothing; its data is made like that of the others. */
export const UPVOTE = 'upvote';

/** What a button says. Anything else that arrives as callback data is `undefined`: forged, or of a bot before us. */
export type CallbackData =
  | { kind: 'card'; action: CardAction; queueItemId: string }
  | { kind: 'upvote'; action: typeof UPVOTE; queueItemId: string }
  | { kind: 'feature'; feature: string; action: string; id: string | undefined };

/** The Bot API's limit for callback_data. */
const MAX_BYTES = 64;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const WORD = /^[a-z][a-z_]*$/;

/**
 * `callback_data` as it came from Telegram -> its meaning. Splits at the first colons only, since ids may hold some.
 * Returns undefined for everything that this bot never writes.
 */
export function parseCallbackData(data: unknown): CallbackData | undefined {
  if (typeof data !== 'string' || Buffer.byteLength(data) > MAX_BYTES) return undefined;
  const colon = data.indexOf(':');
  if (colon < 0) return undefined;
  const head = data.slice(0, colon);
  const rest = data.slice(colon + 1);
  const action = CARD_ACTIONS.find((known) => known === head);
  if (action) return isUuid(rest) ? { kind: 'card', action, queueItemId: rest } : undefined;
  if (head === UPVOTE) return isUuid(rest) ? { kind: 'upvote', action: UPVOTE, queueItemId: rest } : undefined;
  const next = rest.indexOf(':');
  const name = next < 0 ? rest : rest.slice(0, next);
  if (!WORD.test(head) || !WORD.test(name)) return undefined;
  return { kind: 'feature', feature: head, action: name, id: next < 0 ? undefined : rest.slice(next + 1) };
}

/** The data of a card's button: at most 14 + 1 + 36 bytes. */
export function cardData(action: CardAction | typeof UPVOTE, queueItemId: string): string {
  return `${action}:${queueItemId}`;
}

/** The data of any other button. Throws when it would not fit (a bug: ids are ours and short). */
export function featureData(feature: string, action: string, id?: string | number): string {
  const data = id === undefined ? `${feature}:${action}` : `${feature}:${action}:${id}`;
  if (Buffer.byteLength(data) > MAX_BYTES) throw new Error(`callback data longer than ${MAX_BYTES} bytes: ${data}`);
  return data;
}

/** Whether this is an id of ours, as PostgreSQL writes it. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
