import type { DecisionsPicture } from '../charts/decisions-picture.ts';
import type { ActivityRepository } from '../interactions/activity-repository.ts';
import type { DecisionFiguresRepository } from '../interactions/decision-figures-repository.ts';
import type { DecisionTimesRepository } from '../interactions/decision-times-repository.ts';
import type { Figures } from '../interactions/figures.ts';
import type { Chat, ChatRepository } from '../settings/chat-repository.ts';
import type { Text } from '../telegram/text.ts';
import type { UserRepository } from '../users/user-repository.ts';
import { isQuiet, type Lessons, type PeriodFigures, type ReportFacts } from './report-facts.ts';
import type { ChatIds, ReportFiguresRepository } from './report-figures-repository.ts';
import { reportCaption, reportMessage } from './report-messages.ts';
import { type Period, periodBefore, periodEnding, weekBefore } from './report-periods.ts';
import { type ReportView, viewKeyboard } from './report-view.ts';

/** A team report that was read. */
export type TeamReportRead = {
  /** Nothing was decided and nothing is left to decide: a chat may not want to hear of it. */
  isQuiet: boolean;
  /** What is shown of it; a label (report-messages.ts) stands on top. */
  show: (label?: Text) => Figures;
};

export type ReportReader = ReturnType<typeof createReportReader>;

/** Days beside the one of a daily report: back to the same weekday of the week before. */
const DAYS_BESIDE = 7;

/**
 * Reads team reports, words and picture from the same periods in the same zone. The figures that /team has too come from the
 * same functions, so that they are the same numbers.
 */
export function createReportReader(dependencies: {
  activity: Pick<ActivityRepository, 'getContentDecisions'>;
  decisionTimes: DecisionTimesRepository;
  decisionFigures: DecisionFiguresRepository;
  reportFigures: ReportFiguresRepository;
  users: Pick<UserRepository, 'names'>;
  chats: Pick<ChatRepository, 'byId' | 'active'>;
  /** The zone of reports about all chats while there is none. */
  defaultTimeZone: string;
}) {
  const { activity, decisionTimes, decisionFigures, reportFigures, users, chats, defaultTimeZone } = dependencies;

  async function columnOf(period: Period, now: Date, chatIds: ChatIds): Promise<PeriodFigures> {
    // A period that is not over is counted as far as it is.
    const at = period.until < now ? period.until : now;
    const [decisions, waiting] = await Promise.all([
      activity.getContentDecisions(period, { chatIds }),
      reportFigures.getWaiting(at, now, chatIds),
    ]);
    return { period, decisions, waiting: waiting.count };
  }

  async function lessonsOf(period: Period, now: Date, chatIds: ChatIds, chat: Chat | undefined): Promise<Lessons> {
    const [handling, reasons, hours, rejections, disagreement, dead, categories] = await Promise.all([
      decisionFigures.getHandlingTime(period, chatIds),
      decisionFigures.getRejectReasons(period, chatIds),
      reportFigures.getArrivalHours(period, chatIds),
      reportFigures.getRejections(period, chatIds),
      reportFigures.getDisagreement(period, chatIds),
      reportFigures.getDeadContent(now, chatIds),
      chat ? reportFigures.getCategoryPosts(period, chat.id) : [],
    ]);
    return { handling, reasons, hours, rejections, disagreement, dead, categories };
  }

  async function peopleOf(period: Period, chatIds: ChatIds) {
    const perPerson = await decisionTimes.getDecisionsByPerson(period, { chatIds });
    const names = await users.names(perPerson.flatMap(({ userId }) => userId ?? []));
    return perPerson.map(({ userId, ...counts }) => ({ name: names.get(userId ?? '') ?? 'somebody', ...counts }));
  }

  /** The chat of a view; undefined when it is about all of them. The caller has checked that there is such a chat. */
  async function chatOf({ scope }: ReportView): Promise<Chat | undefined> {
    if (scope === 'all') return undefined;
    const chat = await chats.byId(scope);
    if (!chat) throw new Error(`team chat ${scope} does not exist`);
    return chat;
  }

  /** The days of the view, those before them as marks; of a single day the week that leads to it. */
  async function pictureOf(
    view: ReportView,
    facts: ReportFacts,
    before: Period | undefined,
    chatIds: ChatIds,
  ): Promise<DecisionsPicture> {
    const { title, period, people } = facts;
    const { timeZone } = period;
    if (view.days === 1) {
      const beside = periodEnding(view.end, 1 + DAYS_BESIDE, timeZone);
      const { days } = await decisionTimes.getDecisionTimes(beside, { chatIds });
      return { title, timeZone, days, focus: view.end, hours: [], people };
    }
    const [times, timesBefore] = await Promise.all([
      decisionTimes.getDecisionTimes(period, { chatIds }),
      before ? decisionTimes.getDecisionTimes(before, { chatIds }) : undefined,
    ]);
    return { title, timeZone, ...times, ...(timesBefore ? { before: timesBefore.days } : {}), people };
  }

  return {
    /** The zone in which a scope's days begin: the chat's, for all chats that of the oldest one. */
    async timeZoneOf(scope: ReportView['scope']): Promise<string> {
      const chat = scope === 'all' ? (await chats.active())[0] : await chats.byId(scope);
      return chat?.timeZone ?? defaultTimeZone;
    },

    /** Reads what a view shows. Throws when the database fails. */
    async read(view: ReportView, now: Date): Promise<TeamReportRead> {
      const chat = await chatOf(view);
      const timeZone = await this.timeZoneOf(view.scope);
      // Under its old id too: what people did there before it was a supergroup is recorded with that.
      const chatIds = chat ? [chat.id, ...(chat.migratedFrom === null ? [] : [chat.migratedFrom])] : undefined;
      const period = periodEnding(view.end, view.days, timeZone);
      const before = view.isCompared ? periodBefore(period) : undefined;
      const others = before ? [before, ...(view.days === 1 ? [weekBefore(period)] : [])] : [];
      const [own, people, waitingNow, lessons, ...compared] = await Promise.all([
        columnOf(period, now, chatIds),
        peopleOf(period, chatIds),
        reportFigures.getWaiting(now, now, chatIds),
        view.report === 'weekly' ? lessonsOf(period, now, chatIds, chat) : undefined,
        ...others.map((other) => columnOf(other, now, chatIds)),
      ]);
      const facts: ReportFacts = {
        report: view.report,
        title: chat ? chat.title || 'This chat' : 'All chats',
        now,
        period,
        columns: [own, ...compared],
        people,
        waitingNow,
        lessons,
      };
      const picture = await pictureOf(view, facts, before, chatIds);
      return {
        isQuiet: isQuiet(facts),
        show: (label) => ({
          text: reportMessage(facts, label),
          caption: reportCaption(facts, label),
          picture,
          isEmpty: own.decisions.total_decisions === 0,
          keyboard: viewKeyboard(view),
        }),
      };
    },
  };
}
