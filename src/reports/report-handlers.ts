import { Composer } from 'grammy';
import { NOT_READ } from '../interactions/edit-figures.ts';
import type { Background } from '../lib/background.ts';
import { PersonError } from '../lib/errors.ts';
import { changeMessage } from '../settings/change-messages.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import type { SettingsService } from '../settings/settings-service.ts';
import { type BotContext, note, personOf, setOutcome, type TeamChat } from '../telegram/bot-context.ts';
import { editInPlace } from '../telegram/edit-in-place.ts';
import { requireAdmin } from '../telegram/require-level.ts';
import { clip, MAX_TOAST } from '../telegram/text.ts';
import { commandArguments, isCommand } from '../telegram/typed-command.ts';
import type { MembershipService } from '../users/membership-service.ts';
import type { Report } from './report-list.ts';
import { parseMenuButton, reportMenu, scopeQuestion } from './report-menu.ts';
import { withProgress } from './report-progress.ts';
import type { ReportReader } from './report-reader.ts';
import { createReportScopes } from './report-scopes.ts';
import type { Scope } from './report-view.ts';

const SILENT = { text: '', show_alert: false };
const TOPIC_KEY = 'report_topic';

/**
 * `/report` (admins) sends a report on request, of this group, in private of a team or of all; `/report daily 2026-11-18` at once.
 * `/report here` takes the topic it is sent in for the reports that come by themselves.
 */
export function reportHandlers(dependencies: {
  reports: readonly Report[];
  reportReader: ReportReader;
  settings: Pick<SettingsService, 'changeTyped'>;
  chats: Pick<ChatRepository, 'byId'>;
  memberships: Pick<MembershipService, 'teamsOf'>;
  background: Background;
}): Composer<BotContext> {
  const { reports, reportReader, settings, chats, background } = dependencies;
  const scopes = createReportScopes(dependencies);
  const handlers = new Composer<BotContext>();

  handlers.filter(isCommand('report'), requireAdmin, async (ctx) => {
    const [name, ...typed] = commandArguments(ctx).split(/\s+/).filter(Boolean);
    if (name === 'here' || name === 'general') return setTopic(ctx, name);
    const report = reports.find((one) => one.name === name?.toLowerCase());
    if (name !== undefined && !report) {
      const names = reports.map((one) => one.name).join(', ');
      return misunderstood(
        ctx,
        `I know no report “${clip(name, 40)}”. There are: ${names}. /report alone has buttons.`,
      );
    }
    const teams = await scopes.teamsOf(ctx);
    const [first] = teams;
    if (!first) return misunderstood(ctx, 'I am in no team chat yet. Add me to the group of your team first.');
    const scope = teams.length === 1 ? first.id : undefined;
    if (!report) return ask(ctx, scope, teams);
    const period = await periodOf(ctx, report, scope ?? 'all', typed.join(' '));
    if (period === undefined) return;
    if (scope === undefined) return reply(ctx, scopeQuestion(teams, { name: report.name, period }));
    send(ctx, report, scope, period);
  });

  /** The period's id; undefined when it is none, which the person has then been told. */
  async function periodOf(ctx: BotContext, report: Report, scope: Scope, typed: string): Promise<string | undefined> {
    try {
      return report.parsePeriod(typed, await presentOf(ctx, scope));
    } catch (error) {
      if (!(error instanceof PersonError)) throw error;
      setOutcome(ctx, 'noop');
      if (ctx.callbackQuery) await ctx.answerTap({ text: clip(error.message, MAX_TOAST), show_alert: true });
      else await ctx.reply(error.message);
      return undefined;
    }
  }

  async function presentOf(ctx: BotContext, scope: Scope) {
    return { now: ctx.receivedAt, timeZone: await reportReader.timeZoneOf(scope) };
  }

  async function ask(ctx: BotContext, scope: Scope | undefined, teams: readonly TeamChat[]): Promise<void> {
    await reply(ctx, scope === undefined ? scopeQuestion(teams, undefined) : await menuOf(ctx, scope));
  }

  async function menuOf(ctx: BotContext, scope: Scope) {
    const title = scope === 'all' ? 'all chats' : ((await chats.byId(scope))?.title ?? '') || 'this chat';
    return reportMenu({ title, scope, reports, present: await presentOf(ctx, scope) });
  }

  async function reply(ctx: BotContext, { text, keyboard }: ReturnType<typeof reportMenu>): Promise<void> {
    await ctx.reply(text.text, { entities: text.entities, reply_markup: keyboard });
  }

  async function misunderstood(ctx: BotContext, sentence: string): Promise<void> {
    setOutcome(ctx, 'noop');
    await ctx.reply(sentence);
  }

  /** Reading, drawing and sending go on behind the next updates (matrix D09). */
  function send(ctx: BotContext, report: Report, scope: Scope, period: string): void {
    const chatId = ctx.chat?.id;
    if (chatId === undefined) return;
    const topicId = ctx.msg?.is_topic_message ? ctx.msg.message_thread_id : undefined;
    const place = { chatId, topicId };
    const now = ctx.receivedAt;
    note(ctx, { report: report.name, period, ...(scope === 'all' ? {} : { about_chat_id: scope }) });
    background.run('report', async () => {
      try {
        await withProgress(ctx.api, place, () => report.send({ scope, period, place, now }));
      } catch (error) {
        await ctx.reply(NOT_READ);
        throw error;
      }
    });
  }

  handlers.on('callback_query:data', async (ctx, next) => {
    const button = parseMenuButton(ctx.callbackQuery.data);
    if (!button) return next();
    await requireAdmin(ctx, async () => {
      const scope = await scopes.allowed(ctx, button.scope);
      if (scope === undefined) return;
      if (button.action === 'menu') {
        await ctx.answerTap(SILENT);
        return editInPlace(ctx, await menuOf(ctx, scope));
      }
      const report = reports.find(({ name }) => name === button.name);
      if (!report) return next();
      const period = await periodOf(ctx, report, scope, button.period);
      if (period === undefined) return;
      await ctx.answerTap(SILENT);
      send(ctx, report, scope, period);
    });
  });

  async function setTopic(ctx: BotContext, where: 'here' | 'general'): Promise<void> {
    const chat = ctx.team && (await chats.byId(ctx.team.id));
    if (!chat) return misunderstood(ctx, `Send /report ${where} in the group whose reports it is about.`);
    const topicId = ctx.msg?.is_topic_message ? ctx.msg.message_thread_id : undefined;
    const typed = where === 'here' && topicId !== undefined ? String(topicId) : 'general';
    note(ctx, { setting: TOPIC_KEY, about_chat_id: chat.id });
    const about = { chatId: chat.id, by: personOf(ctx).id, now: ctx.receivedAt, interaction: ctx.interaction };
    const result = await settings.changeTyped(TOPIC_KEY, about, typed);
    if (result.kind === 'unchanged') setOutcome(ctx, 'noop');
    else if (ctx.interaction) ctx.interaction.isRecorded = true;
    const text = changeMessage(TOPIC_KEY, result, ctx.receivedAt);
    await ctx.reply(text.text, { entities: text.entities });
  }

  return handlers;
}
