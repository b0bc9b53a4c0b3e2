/** The chats in which nothing may be written for a while. */
export type QuietChats = {
  /** From now on for so many milliseconds. */
  keepQuiet(chatId: number, milliseconds: number): void;
  isQuiet(chatId: number): boolean;
  /** The ids of all of them. */
  list(): number[];
};

/**
 * Remembers where Telegram asked for silence (429). Its `retry_after` is real time, whatever the clock on the wall is set
 * to meanwhile (acceptance row C08): `now` counts milliseconds that only ever go forwards.
 */
export function createQuietChats(now: () => number): QuietChats {
  const until = new Map<number, number>();
  const isQuiet = (chatId: number) => (until.get(chatId) ?? 0) > now();
  return {
    keepQuiet: (chatId, milliseconds) => void until.set(chatId, now() + milliseconds),
    isQuiet,
    list() {
      for (const chatId of [...until.keys()]) if (!isQuiet(chatId)) until.delete(chatId);
      return [...until.keys()];
    },
  };
}
