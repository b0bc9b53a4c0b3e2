import type { Executor } from '../db/client.ts';
import type { InteractionDraft } from '../telegram/bot-context.ts';
import type { ActivityRepository, ContentDecisions, TeamActivity, UserStats, Window } from './activity-repository.ts';
import type { Interaction, InteractionRepository } from './interaction-repository.ts';

/** What is known about an interaction besides who and what. */
export type InteractionDetails = {
  context?: Record<string, unknown>;
  telegramChatId?: number | null;
  telegramMessageId?: number | null;
  createdAt?: Date;
  deliveryKey?: string;
};

/** A message that the bot sent or edited (`bot_response`). */
export type BotResponse = {
  name: string;
  context: Record<string, unknown>;
  telegramChatId: number | null;
  telegramMessageId: number | null;
  createdAt: Date;
};

/** What the figures are about: a number of days back from now, in a zone, in some chats. */
export type Question = { now: Date; days?: number; timeZone: string; chatIds?: readonly number[] | undefined };

export type InteractionService = ReturnType<typeof createInteractionService>;

/** Telegram sends the parts of an album within seconds; a bot that was away gets them a little apart. */
const ALBUM_MS = 300_000;

/** The seed's default window (004). */
const DEFAULT_DAYS = 30;
const DAY_MS = 86_400_000;

/** `days` rolling days up to now (seed 004: `created_at >= now - days`). */
export function windowOf({ now, days = DEFAULT_DAYS, timeZone }: Pick<Question, 'now' | 'days' | 'timeZone'>): Window {
  return { since: new Date(now.getTime() - days * DAY_MS), until: new Date(now.getTime() + 1), timeZone };
}

/** Tracks who used the bot and answers questions about it (seed 004). It never handles what it records. */
export function createInteractionService(dependencies: {
  interactions: InteractionRepository;
  activity: ActivityRepository;
}) {
  const { interactions, activity } = dependencies;

  function create(
    type: 'command' | 'callback',
    name: string,
    userId: string,
    details: InteractionDetails,
  ): Promise<Interaction | undefined> {
    return interactions.create({ ...details, userId, interactionType: type, interactionName: name });
  }

  return {
    /** Records a command (`/queue`, with its slash). Returns undefined when this delivery key is recorded already. */
    logCommand(userId: string, command: string, details: InteractionDetails = {}) {
      return create('command', command, userId, details);
    },

    /** Records a tap (`posted`, `skip`, `reject`, ...). Returns undefined when this delivery key is recorded already. */
    logCallback(userId: string, callbackName: string, details: InteractionDetails = {}) {
      return create('callback', callbackName, userId, details);
    },

    /** Records messages that the bot sent, many at a time: nobody waits for them. They belong to no person. */
    logBotResponse(responses: readonly BotResponse[]): Promise<void> {
      return interactions.createMany(
        responses.map(({ name, ...response }) => ({
          ...response,
          interactionType: 'bot_response',
          interactionName: name,
        })),
      );
    },

    /**
     * Records what the middleware named, with its outcome and its time so far; through `executor`, a transaction, when a
     * change commits together with its record. Returns undefined when this delivery key is recorded already.
     */
    log(draft: InteractionDraft, executor?: Executor): Promise<Interaction | undefined> {
      const row = {
        userId: draft.userId,
        interactionType: draft.type,
        interactionName: draft.name,
        telegramChatId: draft.chatId,
        telegramMessageId: draft.messageId,
        createdAt: draft.createdAt,
        deliveryKey: draft.deliveryKey,
        context: { ...draft.context, outcome: draft.outcome, response_time_ms: Math.round(draft.elapsedMs()) },
      };
      return interactions.create(row, executor);
    },

    /** Corrects what was recorded in the transaction of a change, when it is known how that ended. */
    amend(deliveryKey: string, facts: Record<string, unknown>): Promise<void> {
      return interactions.amend(deliveryKey, facts);
    },

    /**
     * Notes that an answer is about to be given to what was recorded under this key, so that a run after a crash knows of
     * it. Returns how many were begun, this one included; 0 when nothing is recorded there.
     */
    beginAnswer(deliveryKey: string): Promise<number> {
      return interactions.countAnswer(deliveryKey, 1);
    },

    /** The answer that was begun has certainly not been given. */
    async takeAnswerBack(deliveryKey: string): Promise<void> {
      await interactions.countAnswer(deliveryKey, -1);
    },

    /** Whether this delivery (`deliveryKey`) is recorded, which happens when its update has been dealt with to the end. */
    isRecorded(deliveryKey: string): Promise<boolean> {
      return interactions.isRecorded(deliveryKey);
    },

    /** Whether a part of this album was meant for the bot in the last few minutes: then all of it is. */
    hasAlbum(chatId: number, mediaGroupId: string, now: Date): Promise<boolean> {
      return interactions.hasAlbum(chatId, mediaGroupId, new Date(now.getTime() - ALBUM_MS));
    },

    /** One person's figures. */
    getUserStats(userId: string, question: Question): Promise<UserStats> {
      return activity.getUserStats(userId, windowOf(question));
    },

    /** The team's figures, in some chats only when the question names them. */
    getTeamActivity(question: Question): Promise<TeamActivity> {
      return activity.getTeamActivity(windowOf(question), question.chatIds);
    },

    /** How decisions fell and how long cards waited; of one person when `userId` is given. */
    getContentDecisions(question: Question & { userId?: string }): Promise<ContentDecisions> {
      return activity.getContentDecisions(windowOf(question), { chatIds: question.chatIds, userId: question.userId });
    },
  };
}
