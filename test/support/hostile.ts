import fc from 'fast-check';

/** Texts that break markup, layouts and counting; Telegram passes all of them on. */
export const HOSTILE = [
  '_*[]()<>&"\'`~#+-=|{}.!\\',
  '<b>not bold</b> &amp; [link](http://example.org)',
  'مرحبا \u202Eright to left\u202C שלום',
  '👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 e\u0301',
  '=cmd|/c calc',
  "Robert'); drop table users;--",
  '{{7*7}} %s %n \\u0041 \\',
  '@storyline_bot /queue #tag https://example.org',
  'a\u200bb\u2060c\ufeffd',
];

/** A text as a person can send it: no lone surrogates, no NUL, not blank. */
export const sentText = (maxLength: number) =>
  fc
    .oneof(
      fc.constantFrom(...HOSTILE),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength }),
      fc
        .array(fc.constantFrom(...HOSTILE, '👩‍👩‍👧‍👦', '\n'), { minLength: 1, maxLength: 60 })
        .map((parts) => parts.join('')),
    )
    .map((text) => withoutHalves(text.slice(0, maxLength)).trim())
    .filter((text) => text !== '' && !text.includes('\u0000'));

/** Without a surrogate that a cut has left alone. */
function withoutHalves(text: string): string {
  return text.isWellFormed() ? text : text.slice(0, -1);
}
