const REMOVED = '[removed]';

/** Shapes of secrets that may turn up in any text: bot tokens, bearer headers, AWS keys, passwords in URLs, signatures. */
const SECRET_SHAPES: readonly RegExp[] = [
  /\b\d{3,}:[A-Za-z0-9_-]{30,}\b/g,
  /(?<=\bbot)\d+:[A-Za-z0-9_-]+/g,
  /(?<=\bBearer\s)[A-Za-z0-9._~+/=-]{8,}/gi,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /(?<=\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"']*:)[^\s@"']+(?=@)/gi,
  /(?<=[?&]X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s"']+/gi,
];

/**
 * Returns `text` without anything that looks like a secret and without the given `secrets` (exact values from the
 * configuration; values shorter than six characters are left alone, they would blacken ordinary words).
 */
export function redactText(text: string, secrets: readonly string[]): string {
  let result = text;
  for (const secret of secrets) {
    if (secret.length >= 6) result = result.replaceAll(secret, REMOVED);
  }
  for (const shape of SECRET_SHAPES) result = result.replace(shape, REMOVED);
  return result;
}
