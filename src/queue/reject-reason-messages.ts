import type { User } from 'grammy/types';
import { promptedPerson, promptLink } from '../telegram/reply-prompt.ts';
import { clip, fmt, lines, type Text } from '../telegram/text.ts';
import type { Card } from './card-repository.ts';

/** A reason in words, in UTF-16 units as Telegram counts them; it stands on the card. */
export const MAX_REASON = 200;

/** The question to one person why a card is rejected; it carries the card with it. */
export function reasonPrompt(
  card: Pick<Card, 'id' | 'chatId' | 'messageId' | 'fileName'>,
  asked: { name: string; user: User },
  botUsername: string,
): Text {
  const { chatId, messageId } = card;
  const about = promptLink(
    clip(card.fileName || 'this card', 60),
    { name: 'reject_reason', id: card.id },
    { chatId, messageId, botUsername },
  );
  return lines(
    fmt`✏️ ${promptedPerson(clip(asked.name, 64), asked.user)}, why is ${about} rejected?`,
    `Reply to this message in at most ${MAX_REASON} characters. /cancel leaves the question on the card.`,
  );
}
