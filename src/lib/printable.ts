const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** Two cells wide on a terminal: ideographs, kana, hangul, full-width forms, pictures. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303F\uFF01-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}|\uFE0F/u;
/** What would move the cursor, ring, or turn the direction of all that follows. */
const UNSAFE = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu;

/** Text from outside (file names may hold anything) as it may be shown on a terminal: one line, no control characters. */
export function printable(text: string): string {
  return text.toWellFormed().replace(UNSAFE, '\uFFFD');
}

/** How many cells of a terminal a text takes, near enough to align columns. */
export function cells(text: string): number {
  let count = 0;
  for (const { segment } of characters.segment(text)) count += WIDE.test(segment) ? 2 : 1;
  return count;
}

/** `text` in exactly so many cells: filled up with blanks, or cut and ended with "…". */
export function column(text: string, width: number): string {
  const safe = printable(text);
  const length = cells(safe);
  if (length <= width) return safe + ' '.repeat(width - length);
  let cut = '';
  let used = 0;
  for (const { segment } of characters.segment(safe)) {
    const next = used + cells(segment);
    if (next > width - 1) break;
    cut += segment;
    used = next;
  }
  return `${cut}…${' '.repeat(width - 1 - used)}`;
}
