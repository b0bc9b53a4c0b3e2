import type { Message, User } from 'grammy/types';
import { isUuid } from './callback-data.ts';
import { messageLink } from './message-link.ts';
import { FormattedString, type Text } from './text.ts';

/**
 * Questions of the bot that a person answers by replying to them, in a group too. What a question is about stands in the
 * question itself, in a link behind one of its words, and Telegram brings it back with every reply: nothing has to be
 * remembered, and a restart forgets nothing.
 */
export const PROMPTS = ['reject_reason'] as const;
export type Prompt = { name: (typeof PROMPTS)[number]; id: string };

/** The words that carry what the question is about; pressing them opens that message, or in a basic group the bot. */
export function promptLink(
  words: string,
  prompt: Prompt,
  place: { chatId: number; messageId: number | null; botUsername: string },
): Text {
  const { chatId, messageId, botUsername } = place;
  const page = (messageId !== null && messageLink(chatId, messageId)) || `https://t.me/${botUsername}`;
  return FormattedString.link(words, `${page}?${prompt.name}=${prompt.id}`);
}

/** The name of the person who is asked, who alone answers. It also makes Telegram open their reply field (`selective`). */
export function promptedPerson(name: string, user: User): Text {
  return new FormattedString(name, [{ type: 'text_mention', offset: 0, length: name.length, user }]);
}

/**
 * The question that this message answers; undefined when it replies to anything else, or when somebody else was asked.
 * Only texts of the bot itself are read: what people write cannot stand in for a question.
 */
export function answeredPrompt(message: Message, botId: number): Prompt | undefined {
  const question = message.reply_to_message;
  if (!question?.entities || question.from?.id !== botId) return undefined;
  const asked = question.entities.find((entity) => entity.type === 'text_mention');
  if (asked && asked.user.id !== message.from?.id) return undefined;
  for (const entity of question.entities) {
    const parameters = entity.type === 'text_link' ? URL.parse(entity.url)?.searchParams : undefined;
    for (const name of PROMPTS) {
      const id = parameters?.get(name);
      if (id && isUuid(id)) return { name, id };
    }
  }
  return undefined;
}
