import type { Background } from '../lib/background.ts';
import { errorFields } from '../lib/error-fields.ts';
import type { TellAdmins } from './tell-admins.ts';

export type TellOfBug = (error: unknown, updateId: number) => void;

/**
 * Tells the admins that an update met a bug, once for each bug until the process starts again (matrix T27): the same
 * place in the code is the same bug, however many updates meet it. The update's number leads to the log line with the
 * whole error. Runs in the background; the words of the error stay in the log, since they may be people's.
 */
export function createTellOfBug(dependencies: { tellAdmins: TellAdmins; background: Background }): TellOfBug {
  const { tellAdmins, background } = dependencies;
  const told = new Set<string>();

  return (error, updateId) => {
    const { type, message, stack } = errorFields(error);
    const place = stack?.split('\n')[0] ?? message;
    if (told.has(`${type} ${place}`)) return;
    told.add(`${type} ${place}`);
    background.run('notice of a bug', () =>
      tellAdmins(
        `⚠️ I have a bug: something that was just sent or tapped failed (${type}, update ${updateId} in the log). ` +
          'Whoever did it was told, everything else goes on. I say this once for each bug.',
      ),
    );
  };
}
