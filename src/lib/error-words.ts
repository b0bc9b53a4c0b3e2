import { errorFields } from './error-fields.ts';
import { OutsideError, PersonError } from './errors.ts';
import { redactText } from './redact.ts';

/**
 * What a terminal shows of an error that ended the program: a sentence for a person's mistake or an outside system's
 * failure; for a bug the whole of it, without secrets and without the data it was about.
 */
export function wordsFor(error: unknown): string {
  if (error instanceof PersonError || error instanceof OutsideError) return error.message;
  const lines: string[] = [];
  for (let link: ReturnType<typeof errorFields> | undefined = errorFields(error); link; link = link.cause) {
    lines.push(`${link.type}: ${link.message}`, link.stack ?? '');
  }
  return redactText(`This is a bug in Storyline:\n${lines.filter(Boolean).join('\n')}`, []);
}
