import type { InlineKeyboard } from 'grammy';
import type { DecisionsPicture } from '../charts/decisions-picture.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import { chatZone } from '../settings/chat-zone.ts';
import type { BotContext } from '../telegram/bot-context.ts';
import { clipText, MAX_CAPTION, type Text } from '../telegram/text.ts';
import type { UserRepository } from '../users/user-repository.ts';
import type { Window } from './activity-repository.ts';
import { daysKeyboard } from './days-buttons.ts';
import type { DecisionFiguresRepository } from './decision-figures-repository.ts';
import type { DecisionTimesRepository } from './decision-times-repository.ts';
import { type InteractionService, windowOf } from './interaction-service.ts';
import { type DecisionDetails, statsMessage, teamCaption, teamMessage } from './stats-messages.ts';

/** Figures in every form in which they can be shown. */
export type Figures = {
  /** A message of its own. */
  text: Text;
  /** The same with shorter lists, under a picture. */
  caption: Text;
  picture: DecisionsPicture;
  /** Nothing was done in this time: a sentence says it, a picture would add nothing. */
  isEmpty: boolean;
  keyboard: InlineKeyboard;
};

/** A person whose figures are asked for; `isMe` when by that person. */
export type Subject = { id: string; name: string; isMe: boolean };

export type FiguresReader = ReturnType<typeof createFiguresReader>;

/** Rows of a list in a message, and under a picture, whose limit is a quarter of a message's. */
const ROWS = { text: 8, caption: 5 };

/** Reads what /stats and /team show, words and picture from the same window in the same zone. */
export function createFiguresReader(dependencies: {
  interactions: Pick<InteractionService, 'getUserStats' | 'getTeamActivity' | 'getContentDecisions'>;
  decisionTimes: DecisionTimesRepository;
  decisionFigures: DecisionFiguresRepository;
  users: Pick<UserRepository, 'names'>;
  chats: Pick<ChatRepository, 'active' | 'byId'>;
  /** The zone of figures that belong to no single chat. */
  defaultTimeZone: string;
}) {
  const { interactions, decisionTimes, decisionFigures, users, chats } = dependencies;

  /** In a group: that chat, under its old id too. In private: everything an admin may see, hence no restriction. */
  async function chatsOf(ctx: BotContext): Promise<number[] | undefined> {
    if (!ctx.team) return undefined;
    const chat = await chats.byId(ctx.team.id);
    return chat?.migratedFrom ? [ctx.team.id, chat.migratedFrom] : [ctx.team.id];
  }

  async function detailsOf(window: Window, chatIds: readonly number[] | undefined): Promise<DecisionDetails> {
    const [handling, reasons, atOnce] = await Promise.all([
      decisionFigures.getHandlingTime(window, chatIds),
      decisionFigures.getRejectReasons(window, chatIds),
      decisionFigures.getDecidedAtOnce(window, chatIds),
    ]);
    return { handling, reasons, atOnce };
  }

  return {
    /** One person's figures over all chats. */
    async ofPerson(ctx: BotContext, subject: Subject, days: number): Promise<Figures> {
      const question = { now: ctx.receivedAt, days, timeZone: await chatZone(ctx, dependencies) };
      const [stats, decisions, times] = await Promise.all([
        interactions.getUserStats(subject.id, question),
        interactions.getContentDecisions({ ...question, userId: subject.id }),
        decisionTimes.getDecisionTimes(windowOf(question), { userId: subject.id }),
      ]);
      const say = (rows: number) => statsMessage({ stats, decisions, subject, rows, ...question });
      return {
        text: say(ROWS.text),
        caption: clipText(say(ROWS.caption), MAX_CAPTION),
        picture: { title: subject.name, timeZone: question.timeZone, ...times },
        isEmpty: stats.total_interactions === 0 && decisions.total_decisions === 0,
        keyboard: daysKeyboard({ kind: 'person', userId: subject.id }, days),
      };
    },

    /** In a group its team's figures, in private those of all chats. */
    async ofTeam(ctx: BotContext, days: number): Promise<Figures> {
      const question = {
        now: ctx.receivedAt,
        days,
        timeZone: await chatZone(ctx, dependencies),
        chatIds: await chatsOf(ctx),
      };
      const [activity, decisions, details, times, perPerson] = await Promise.all([
        interactions.getTeamActivity(question),
        interactions.getContentDecisions(question),
        detailsOf(windowOf(question), question.chatIds),
        decisionTimes.getDecisionTimes(windowOf(question), question),
        decisionTimes.getDecisionsByPerson(windowOf(question), question),
      ]);
      const deciders = perPerson.flatMap(({ userId }) => userId ?? []);
      const names = await users.names([...new Set([...Object.keys(activity.interactions_by_user), ...deciders])]);
      const people = perPerson.map(({ userId, ...counts }) => ({
        name: names.get(userId ?? '') ?? 'somebody',
        ...counts,
      }));
      const title = ctx.team?.title ?? 'All chats';
      const facts = { activity, decisions, details, names, title, ...question };
      return {
        text: teamMessage({ ...facts, rows: ROWS.text }),
        caption: teamCaption({ ...facts, rows: ROWS.caption }),
        picture: { title, timeZone: question.timeZone, ...times, people },
        isEmpty: activity.total_interactions === 0 && decisions.total_decisions === 0,
        keyboard: daysKeyboard({ kind: 'team' }, days),
      };
    },
  };
}
