import type { Update } from 'grammy/types';

/** Whose doing an update is; `undefined` when nobody is named in it, or when it is of a kind that people do not cause. */
export function authorOf(update: Update): number | undefined {
  const { message, edited_message, callback_query, my_chat_member, chat_member, message_reaction } = update;
  const caused = message ?? edited_message ?? callback_query ?? my_chat_member ?? chat_member;
  return caused?.from.id ?? message_reaction?.user?.id;
}
