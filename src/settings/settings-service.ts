import type { Executor } from '../db/client.ts';
import type { Chat, ChatRepository } from './chat-repository.ts';
import type { Page, Patch, Setting } from './setting-kinds.ts';
import { MIX_KEY, settingOf } from './setting-list.ts';
import type { Share } from './setting-words.ts';
import type { ChangeBy, ChangeResult, SettingsRepository } from './settings-repository.ts';

/** The category mix, as settings need it (media/category-mix). */
export type CategoryMix = {
  present: (chatId: number, executor?: Executor) => Promise<Share[]>;
  /** Names of the categories that the library has. */
  known: () => Promise<string[]>;
  /** Throws PersonError. */
  parse: (typed: string, known: readonly string[]) => Share[];
  replace: (
    chatId: number,
    shares: readonly Share[],
    about: { by: string | null; now: Date },
    executor: Executor,
  ) => Promise<void>;
};

/** A setting that is typed, as the question for it needs it. */
export type Question = {
  key: string;
  page: Page;
  /** Its value now, as in the audit row. */
  now: unknown;
  /** What may be typed, in words. */
  allowed: string;
  /** What may have been meant by something that could not be read. */
  suggest: (typed: string) => string[];
};

export type SettingsService = ReturnType<typeof createSettingsService>;

/** Changes settings of chats: what changed, who did it and what follows commit together (settings-repository). */
export function createSettingsService(dependencies: {
  settings: Pick<SettingsRepository, 'change' | 'update'>;
  chats: Pick<ChatRepository, 'forget'>;
  mix: CategoryMix;
}) {
  const { settings, chats, mix } = dependencies;

  /** Changes one setting to what `decide` makes of the chat as it is under the lock. */
  async function change(key: string, about: ChangeBy, decide: (chat: Chat, setting: Setting) => Patch) {
    const setting = settingOf(key);
    if (!setting) throw new Error(`there is no setting ${key}`);
    const result = await settings.change(
      about,
      async (chat) => {
        const patch = decide(chat, setting);
        const before = setting.read(chat);
        const after = setting.read({ ...chat, ...patch });
        const isSame = JSON.stringify(before) === JSON.stringify(after);
        return { key, before, after, write: isSame ? undefined : (tx) => settings.update(tx, chat.id, patch) };
      },
      setting,
    );
    chats.forget(about.chatId);
    return result;
  }

  function changeMix(about: ChangeBy & { shares: readonly Share[] }): Promise<ChangeResult> {
    return settings.change(
      about,
      async (chat, reading) => {
        const before = asObject(await mix.present(chat.id, reading));
        const after = asObject(about.shares);
        const isSame = JSON.stringify(before) === JSON.stringify(after);
        const write = async (tx: Executor) => {
          await mix.replace(chat.id, about.shares, about, tx);
          return chat;
        };
        return { key: MIX_KEY, before, after, write: isSame ? undefined : write };
      },
      { movesPlan: false },
    );
  }

  return {
    /**
     * Changes one setting to what `decide` makes of the chat, which is read under a lock. Throws what `decide` throws (a
     * PersonError when it may not be); then nothing has changed.
     */
    change,

    /** Puts other shares in the place of the chat's mix; none: all categories alike. The caller has checked them. */
    changeMix,

    /** Changes a setting to what a person typed. Throws PersonError when that may not be; then nothing has changed. */
    async changeTyped(key: string, about: ChangeBy, typed: string): Promise<ChangeResult> {
      if (key === MIX_KEY) {
        const isEven = /^(even|none|all alike)$/i.test(typed.trim());
        return changeMix({ ...about, shares: isEven ? [] : mix.parse(typed, await mix.known()) });
      }
      return change(key, about, (chat, setting) => {
        if (setting.kind !== 'typed') throw new Error(`${key} is not typed`);
        return setting.parse(typed, chat);
      });
    },

    /** What is asked for a setting; undefined when it is none that is typed. */
    async question(chat: Chat, key: string): Promise<Question | undefined> {
      if (key !== MIX_KEY) {
        const setting = settingOf(key);
        if (setting?.kind !== 'typed') return undefined;
        const { page, allowed, suggest = () => [] } = setting;
        return { key, page, now: setting.read(chat), allowed, suggest };
      }
      const known = await mix.known();
      const has = known.length === 0 ? 'The library has no categories yet.' : `The library has: ${known.join(', ')}.`;
      return {
        key,
        page: 'mix',
        now: asObject(await mix.present(chat.id)),
        allowed: `Categories with their parts, like: nature 70, people 30. They must make 100 %; “even” means all alike. ${has}`,
        suggest: () => [],
      };
    },
  };
}

/** `{nature: 0.7, people: 0.3}`, by name, so that equal mixes are equal texts. */
function asObject(shares: readonly Share[]): Record<string, number> {
  const sorted = shares.toSorted((a, b) => a.category.localeCompare(b.category));
  return Object.fromEntries(sorted.map(({ category, ratio }) => [category, ratio]));
}
