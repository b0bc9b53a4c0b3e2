import { duration, nearTime } from '../telegram/local-time.ts';
import { bold, clipText, FormattedString, lines, MAX_TEXT, type Text, textOf } from '../telegram/text.ts';
import { type AlertClaim, type AlertRow, type AlertWords, toWords } from './alerts-repository.ts';

/** A single alert is never longer, so that several fit into one message. */
const MAX_ONE = 1_200;
const GAP = '\n\n';

/** A message of an alert as it is kept. */
export function alertWords(message: Text | string): AlertWords {
  return toWords(clipText(lines(message), MAX_ONE));
}

function toText({ text, entities }: AlertWords): Text {
  return textOf(text, entities);
}

/** What is said of one alert: that it is wrong, that it is over, or both when nobody could be told in between. */
export function alertText(
  claim: Pick<AlertClaim, 'raised' | 'cleared' | 'isMissed' | 'raisedAt' | 'clearedAt'> & { mayBeKnown: boolean },
  timeZone: string,
  now: Date,
): Text {
  const { raised, cleared, isMissed, raisedAt, clearedAt } = claim;
  const repeat = claim.mayBeKnown ? '🔁 Said again, as nobody knows whether it arrived:' : undefined;
  if (!cleared) return lines(repeat, toText(raised));
  if (!isMissed || !clearedAt) return lines(repeat, toText(cleared));
  const from = nearTime(raisedAt, timeZone, now);
  const lasted = duration(clearedAt.getTime() - raisedAt.getTime());
  return lines(
    repeat,
    toText(raised),
    toText(cleared),
    `That was from ${from} on, for ${lasted}. I could not tell you then.`,
  );
}

/** The alerts as few messages, each within Telegram's limit, with the claims that it tells. */
export function alertMessages(
  claims: readonly AlertClaim[],
  timeZone: string,
  now: Date,
): { text: Text; claims: AlertClaim[] }[] {
  const messages: { parts: Text[]; length: number; claims: AlertClaim[] }[] = [];
  const wasQuiet = claims.length > 0 && claims.every(({ heldUntil }) => heldUntil !== undefined);
  const head = wasQuiet ? bold('🔔 Quiet hours are over:') : undefined;
  for (const claim of claims) {
    const text = alertText(claim, timeZone, now);
    const last = messages.at(-1);
    if (last && last.length + GAP.length + text.text.length <= MAX_TEXT) {
      last.parts.push(text);
      last.claims.push(claim);
      last.length += GAP.length + text.text.length;
    } else {
      const parts = head && !last ? [head, text] : [text];
      messages.push({
        parts,
        claims: [claim],
        length: parts.reduce((sum, part) => sum + part.text.length, GAP.length),
      });
    }
  }
  return messages.map(({ parts, claims: told }) => ({ text: FormattedString.join(parts, GAP), claims: told }));
}

/** `🔴 A card could not be sent, since today 14:02`: one line of what is wrong, for /status. */
export function alertLine(
  { raised, raisedAt }: Pick<AlertRow, 'raised' | 'raisedAt'>,
  timeZone: string,
  now: Date,
): string {
  const [first = ''] = raised.text.split('\n');
  return `${first.length > 120 ? clipText(lines(first), 120).text : first} (since ${nearTime(raisedAt, timeZone, now)})`;
}
