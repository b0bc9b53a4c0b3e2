import { bold, clip, FormattedString, fmt, lines, type Text } from '../telegram/text.ts';
import { wordsOf } from './setting-words.ts';

/**
 * The question for a typed value: what is now, what may be, how to end it. `error`: why the last answer would not do.
 * In a group the menu only says who was asked (`menu`), and a message of its own asks (`prompt`).
 */
export function questionText(facts: {
  key: string;
  now: unknown;
  allowed: string;
  error?: string | undefined;
  name: string;
  from: MentionedUser;
  place: 'private' | 'menu' | 'prompt';
}): Text {
  const { key, now, allowed, error, name, from, place } = facts;
  const { label, words } = wordsOf(key, now);
  const about = lines(
    ...(error ? [`⚠️ ${clip(error, 600)}`, ''] : []),
    fmt`✏️ ${bold(label)}`,
    `Now: ${clip(words, 300)}`,
    clip(allowed, 1000),
    '',
  );
  switch (place) {
    case 'private':
      return lines(about, 'Send me the new value. /cancel ends the question.');
    case 'menu':
      return lines(fmt`✏️ ${bold(label)}`, `${clip(name, 40)} is asked below.`);
    case 'prompt':
      return lines(
        about,
        fmt`${mention(name, from)}, reply to this message with the new value. /cancel ends the question.`,
      );
  }
}

type MentionedUser = { id: number; is_bot: boolean; first_name: string };

/** Names a person so that Telegram asks only them for the reply (`selective`). */
function mention(name: string, user: MentionedUser): Text {
  const text = clip(name, 40);
  return new FormattedString(text, [{ type: 'text_mention', offset: 0, length: text.length, user }]);
}
