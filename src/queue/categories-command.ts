import type { Database } from '../db/client.ts';
import { type CategoryShare, parseMix, percent } from '../media/category-mix.ts';
import { createCategoryMixRepository } from '../media/category-mix-repository.ts';
import { createChatRepository } from '../settings/chat-repository.ts';
import { dayAndTime } from '../telegram/local-time.ts';
import { chosenChat, chosenChats } from './chosen-chats.ts';
import { poolHealth } from './pool-health.ts';
import { daysInWords, materialLine } from './pool-messages.ts';
import { createPoolRepository } from './pool-repository.ts';

type Terminal = { database: Database; print: (line: string) => void };

const NO_CATEGORY = '(none)';

/**
 * `storyline categories`: of each chat how many media its categories have, how many of them may still be posted, their
 * share, and for how many days they last; with `--json` one object per chat and line.
 */
export async function listCategories(terminal: Terminal, options: { chat?: string; json?: boolean }): Promise<void> {
  const { database, print } = terminal;
  const pools = createPoolRepository(database);
  const mix = createCategoryMixRepository(database);
  for (const chat of await chosenChats(createChatRepository(database), options.chat)) {
    const now = new Date();
    const health = poolHealth(await pools.stock(chat.id, now), await mix.present(chat.id), chat.postsPerDay);
    if (options.json) {
      print(JSON.stringify({ chat_id: chat.id, title: chat.title, days: health.days, categories: health.categories }));
      continue;
    }
    print(`${chat.title || chat.id}: material for ${materialLine(health)}`);
    if (health.categories.length > 0) print('  category              media   left   share  lasts');
    for (const { category, media, left, ratio, days } of health.categories) {
      const numbers = `${String(media).padStart(5)}  ${String(left).padStart(5)}  ${(ratio === null ? '-' : percent(ratio)).padStart(6)}`;
      print(`  ${(category ?? NO_CATEGORY).padEnd(20)}  ${numbers}  ${days === null ? '-' : daysInWords(days)}`);
    }
  }
}

/** Puts a mix in the place of a chat's present one, as the settings of the chat do it. */
export type ChangeMix = (change: {
  chatId: number;
  shares: readonly CategoryShare[];
  by: null;
  now: Date;
}) => Promise<{ kind: string }>;

/**
 * `storyline categories mix [--set …] [--chat id]`: shows a chat's mix, or changes it. Throws PersonError when what was
 * typed makes no mix (the sum is not 1, a category does not exist), and then changes nothing.
 */
export async function categoryMix(
  terminal: Terminal & { changeMix: ChangeMix },
  options: { set?: string; chat?: string },
): Promise<void> {
  const { database, print } = terminal;
  const mix = createCategoryMixRepository(database);
  const chat = await chosenChat(createChatRepository(database), options.chat);
  if (options.set !== undefined) {
    const shares = options.set.trim() === 'even' ? [] : parseMix(options.set, await mix.known());
    const { kind } = await terminal.changeMix({ chatId: chat.id, shares, by: null, now: new Date() });
    if (kind === 'unchanged') print('It was so already.');
  }
  print(`${chat.title || chat.id}: ${inWords(await mix.present(chat.id))}`);
}

/** `storyline categories history [--chat id]`: the mixes of each chat, the newest first. */
export async function categoryHistory(terminal: Terminal, options: { chat?: string }): Promise<void> {
  const { database, print } = terminal;
  const mix = createCategoryMixRepository(database);
  for (const chat of await chosenChats(createChatRepository(database), options.chat)) {
    const now = new Date();
    const rows = await mix.history(chat.id);
    print(`${chat.title || chat.id}: ${rows.length === 0 ? 'all categories alike, always' : ''}`.trim());
    for (const [from, shares] of Map.groupBy(rows, ({ validFrom }) => validFrom.getTime())) {
      const end = shares[0]?.validTo;
      const at = (date: Date) => dayAndTime(date, chat.timeZone, now);
      print(`  ${at(new Date(from))} until ${end ? at(end) : 'now'}: ${inWords(shares)}`);
    }
  }
}

function inWords(shares: readonly CategoryShare[]): string {
  if (shares.length === 0) return 'all categories alike';
  return shares.map(({ category, ratio }) => `${category} ${percent(ratio)}`).join(', ');
}
