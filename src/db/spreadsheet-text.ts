/**
 * A column of text, as SQL, that a spreadsheet takes for text: what it would take for a formula gets an apostrophe before it
 * (OWASP, "CSV Injection"): values that begin with = + - @, tab or a line break, or have = + - @ behind a line break or
 * separator. Not for columns of numbers.
 */
export function spreadsheetText(column: string): string {
  return `case when ${column} ~ '(^|[\\n\\r\\t,;])\\s*[=+@-]|^[\\t\\r\\n]' then '''' || ${column} else ${column} end`;
}
