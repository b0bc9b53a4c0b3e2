import { type Logger, pino, stdTimeFunctions } from 'pino';
import pretty from 'pino-pretty';
import { errorFields } from './error-fields.ts';
import { redactText } from './redact.ts';

export type { Logger } from 'pino';

/**
 * The process's logger: pretty lines on a terminal, one JSON object a line otherwise (journald, PM2, CloudWatch).
 * Every string that is logged, error texts and stacks included, passes `redactText` on its way out, so that a
 * token inside a URL cannot reach a disk.
 * Writes to stderr: stdout belongs to the data of terminal commands.
 */
export function createLogger(options: { level: string; isTerminal: boolean; secrets: readonly string[] }): Logger {
  const destination = options.isTerminal
    ? pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname', destination: 2, sync: true })
    : process.stderr;
  const redacted = {
    write: (line: string) => {
      destination.write(redactText(line, options.secrets));
    },
  };
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      serializers: { err: (error: unknown) => errorFields(error) },
      // Words instead of pino's numbers: CloudWatch and people filter by them.
      formatters: { level: (label) => ({ level: label }) },
    },
    redacted,
  );
}

/** A logger that says nothing, for tests and one-shot commands. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
