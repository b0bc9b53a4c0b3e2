import { lines } from '../telegram/text.ts';
import type { AdminNotices } from './admin-notices.ts';

export type TellAdmins = (sentence: string) => Promise<void>;

/**
 * Says something to the admins that is no state but news, once (what becomes wrong and right again is an alert:
 * alerts.ts). Never throws for Telegram's sake; what reached nobody is in the log.
 */
export function createTellAdmins({ notices }: { notices: Pick<AdminNotices, 'tell'> }): TellAdmins {
  return async (sentence) => {
    await notices.tell(lines(sentence));
  };
}
