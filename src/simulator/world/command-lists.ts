import type { BotCommand, BotCommandScope } from 'grammy/types';

/** A list of commands as set for one scope and language ('' for every language). */
export type CommandList = { scope: string; language: string; commands: BotCommand[] };
export type CommandLists = ReturnType<typeof createCommandLists>;

/** Where a person opens the command menu. */
export type MenuPlace = { chatId: number; isPrivate: boolean; isAdministrator: boolean; personId: number };

/** The scope as one word, so that it can be looked up: `chat_member:-100123:42`. */
export function scopeKey(scope: BotCommandScope): string {
  const chat = 'chat_id' in scope ? `:${scope.chat_id}` : '';
  const user = 'user_id' in scope ? `:${scope.user_id}` : '';
  return `${scope.type}${chat}${user}`;
}

/** The scopes that apply at a place, narrowest first (Bot API, "Determining list of commands"). */
function scopesAt(place: MenuPlace): string[] {
  const { chatId, personId } = place;
  if (place.isPrivate) return [`chat:${chatId}`, 'all_private_chats', 'default'];
  const forAdministrators = (scope: string) => (place.isAdministrator ? [scope] : []);
  return [
    `chat_member:${chatId}:${personId}`,
    ...forAdministrators(`chat_administrators:${chatId}`),
    `chat:${chatId}`,
    ...forAdministrators('all_chat_administrators'),
    'all_group_chats',
    'default',
  ];
}

/** The command menus that the bot has set, by scope and language. */
export function createCommandLists() {
  const lists = new Map<string, CommandList>();
  const key = (scope: string, language: string) => `${scope}|${language}`;
  return {
    set(scope: string, language: string, commands: BotCommand[]) {
      if (commands.length === 0) lists.delete(key(scope, language));
      else lists.set(key(scope, language), { scope, language, commands });
    },
    get: (scope: string, language: string): BotCommand[] => lists.get(key(scope, language))?.commands ?? [],
    /** The first list that is set, in the person's language before the general one. */
    resolve(place: MenuPlace, language: string): BotCommand[] {
      for (const scope of scopesAt(place)) {
        const list = lists.get(key(scope, language)) ?? lists.get(key(scope, ''));
        if (list !== undefined) return list.commands;
      }
      return [];
    },
    snapshot: (): CommandList[] => [...lists.values()],
    restore(saved: CommandList[]) {
      lists.clear();
      for (const list of saved) lists.set(key(list.scope, list.language), list);
    },
  };
}
