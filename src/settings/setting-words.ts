import type { Chat } from './chat-repository.ts';
import type { Setting } from './setting-kinds.ts';
import { MIX_KEY, settingOf } from './setting-list.ts';

/** One category's part of what a chat posts. */
export type Share = { category: string; ratio: number };

/** Values of settings are shown up to this length. */
export const MAX_VALUE = 80;

/** `0.7` -> `70 %`, at most two decimals. */
export const percent = (ratio: number): string => `${Number((ratio * 100).toFixed(2))} %`;

/** What the mix is called in the menu. */
export const MIX_LABEL = 'Category mix';

/** `nature 70 %, people 30 %`, or `all alike`; from the object of an audit row. */
function mixWords(value: unknown): string {
  const parts = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return sharesWords(parts.map(([category, ratio]) => ({ category, ratio: Number(ratio) })));
}

/** The same from the shares themselves. */
export function sharesWords(mix: readonly Share[]): string {
  if (mix.length === 0) return 'all alike';
  return mix.map(({ category, ratio }) => `${category} ${percent(ratio)}`).join(', ');
}

/** The value that a chat has for a setting, as people read it. */
export function valueWords(setting: Setting, chat: Chat): string {
  return setting.words(setting.read(chat));
}

/** Name and value of a setting as people read them; for `key` of a later version or another program the bare ones. */
export function wordsOf(key: string, value: unknown): { label: string; words: string } {
  if (key === MIX_KEY) return { label: MIX_LABEL, words: mixWords(value) };
  if (key === 'isPaused') return { label: 'Posting', words: value === true ? 'paused' : 'going on' };
  const setting = settingOf(key);
  if (setting) return { label: setting.label, words: setting.words(value) };
  const words = typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
  const label = key.replace(/_/g, ' ').replace(/^./, (first) => first.toUpperCase());
  return { label, words: value === true ? 'yes' : value === false ? 'no' : (words ?? '') };
}
