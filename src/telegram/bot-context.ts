import type { ConversationControls } from '@grammyjs/conversations';
import type { Context } from 'grammy';
import type { OpenQuestion, QuestionEnding } from './open-questions.ts';

/** The person behind an update, as `users` knows them. */
export type Person = {
  id: string;
  telegramUserId: number;
  name: string;
  username: string | null;
  role: 'admin' | 'member' | 'guest';
  isActive: boolean;
  /** Somebody admitted this person once; false for strangers. */
  isAdmitted: boolean;
};

/** The group that an update came from, as `chats` knows it. */
export type TeamChat = { id: number; title: string; timeZone: string };

/**
 * What the sender may do here. `viewer`: known, may look but not decide. Everything else that is not allowed carries a
 * reason; the refusal is one step of `bot.ts`, so that refused updates are recorded like all others.
 */
export type Access =
  | { level: 'admin' | 'member' | 'viewer' | 'guest' }
  | { level: 'none'; reason: 'stranger' | 'foreign_chat' | 'anonymous' | 'inactive' };

/** `done` counts in people's figures; the others say why a row does not (DESIGN, rulings). */
export type Outcome = 'done' | 'noop' | 'denied' | 'failed' | 'vote';

/** One interaction on its way into `user_interactions`; handlers add facts to `context`. */
export type InteractionDraft = {
  type: 'command' | 'callback' | 'message';
  name: string;
  userId: string;
  chatId: number | null;
  messageId: number | null;
  /** Names the tap or message itself, whatever update brings it: `<bot>:cb:<query>` or `<bot>:msg:<chat>:<message>`. */
  deliveryKey: string;
  createdAt: Date;
  /** Milliseconds since the update was received; monotonic, whatever the clock does. */
  elapsedMs: () => number;
  context: Record<string, unknown>;
  outcome: Outcome;
  /** A transaction has already written it. */
  isRecorded: boolean;
};

/** What the middleware of `bot.ts` adds to grammY's context, in the order in which it is added. */
export type BotContext = Context & {
  /** When this process received the update. */
  receivedAt: Date;
  elapsedMs: () => number;
  /** Answers the tap of this update; never throws for Telegram's sake (answer-tap.ts). */
  answerTap: (answer: { text: string; show_alert: boolean }) => Promise<void>;
  /** Absent for updates without a sender. */
  person: Person | undefined;
  /** The allowed group of this update; absent in private and in foreign chats. */
  team: TeamChat | undefined;
  access: Access;
  /** Absent for updates that are no interaction (talk in the group, membership changes). */
  interaction: InteractionDraft | undefined;
  /** grammY's own handle on open questions; features use `ask` (open-questions.ts). */
  conversation: ConversationControls;
  /** The question to this person that this update answered or ended; absent otherwise. */
  questionEnded: { question: OpenQuestion; ending: QuestionEnding } | undefined;
};

/** Adds facts to the interaction that is being recorded (the seed's context fields). */
export function note(ctx: BotContext, facts: Record<string, unknown>): void {
  if (ctx.interaction) Object.assign(ctx.interaction.context, facts);
}

/** Says how the interaction ended when it was not simply done. */
export function setOutcome(ctx: BotContext, outcome: Outcome): void {
  if (ctx.interaction) ctx.interaction.outcome = outcome;
}

/** The sender; for handlers that run behind the access check, where there always is one. Throws otherwise (a bug). */
export function personOf(ctx: BotContext): Person {
  if (!ctx.person) throw new Error('an update without a sender reached a feature');
  return ctx.person;
}
