/** Telegram's prefix of supergroup ids in the Bot API. */
const SUPERGROUP_PREFIX = '-100';

/** A link that opens a message for members of its supergroup; undefined in basic groups, which have no links. */
export function messageLink(chatId: number, messageId: number): string | undefined {
  const id = String(chatId);
  if (!id.startsWith(SUPERGROUP_PREFIX) || id.length < 13) return undefined;
  return `https://t.me/c/${id.slice(SUPERGROUP_PREFIX.length)}/${messageId}`;
}
