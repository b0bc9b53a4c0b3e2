import type { Text } from '../telegram/text.ts';

/** Something that can be wrong. With `chatId` it is that team chat's, and stays so when the group gets a new id. */
export type AlertKey = { key: string; chatId?: number };

/** What has changed about it. */
export type AlertNews = AlertKey & {
  /** One short paragraph that says what is so, with its figures. The first line stands alone in /status. */
  text: Text | string;
  /** Nothing is said before (quiet hours); what is over by then is not said at all. */
  heldUntil?: Date | undefined;
  /** Another message says so already: the change is only written down. */
  isTold?: boolean;
};

/** Where features say what became wrong and what is right again; told by change only (operations/alerts.ts). */
export type TellAlerts = {
  raise(news: AlertNews & { detail?: Record<string, unknown> }): Promise<unknown>;
  clear(news: AlertNews): Promise<unknown>;
};

/** Of a team chat: the bot may not write there. Cleared by itself once the bot was let in again. */
export const TEAM_CHAT_CLOSED = 'team-chat-closed';
