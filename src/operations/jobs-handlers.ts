import { Composer } from 'grammy';
import type { Background } from '../lib/background.ts';
import type { Clock } from '../lib/clock.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import { chatZone } from '../settings/chat-zone.ts';
import { type BotContext, note, personOf, setOutcome } from '../telegram/bot-context.ts';
import { parseCallbackData } from '../telegram/callback-data.ts';
import { editInPlace } from '../telegram/edit-in-place.ts';
import { requireAdmin } from '../telegram/require-level.ts';
import { isCommand } from '../telegram/typed-command.ts';
import type { ClockRunJob } from './clock-run-job.ts';
import { jobMessage, jobsMessage } from './jobs-messages.ts';
import type { JobDetails, JobsService } from './jobs-service.ts';

/** `<name>`, or `<name>.<chat>` where a chat was chosen. */
const BUTTON = /^([a-z][a-z-]*)(?:\.(-?\d{1,16}))?$/;
const SILENT = { text: '', show_alert: false };

/** `/jobs`: what runs by the clock, when it ran last and how; buttons run a job now and pause it. For admins. */
export function jobsHandlers(dependencies: {
  jobsService: JobsService;
  clockRuns: Pick<ClockRunJob, 'onEnd'>;
  chats: Pick<ChatRepository, 'active'>;
  clock: Clock;
  background: Background;
  defaultTimeZone: string;
}): Composer<BotContext> {
  const { jobsService, clockRuns, clock, background } = dependencies;
  const handlers = new Composer<BotContext>();

  async function overview(ctx: BotContext) {
    const zone = await chatZone(ctx, dependencies);
    return jobsMessage(await jobsService.overview(ctx.team?.id, ctx.receivedAt), { zone, now: ctx.receivedAt });
  }

  /** Shows the job in the place of the message, as it is at `now`. */
  async function show(ctx: BotContext, job: JobDetails, now: Date, more?: Parameters<typeof jobMessage>[2]) {
    await editInPlace(ctx, jobMessage(job, { zone: await chatZone(ctx, dependencies), now }, more));
  }

  /**
   * Brings the message up to date once the run is over and its beginning `isShown`; a process that ends before leaves it to
   * the Refresh button.
   */
  function showEnd(ctx: BotContext, name: string, runId: string, isShown: Promise<void>): void {
    clockRuns.onEnd(runId, () =>
      background.run('showing how a job ended', async () => {
        await isShown;
        const now = clock.now();
        const job = await jobsService.details(name, ctx.team?.id, now);
        if (job) await show(ctx, job, now);
      }),
    );
  }

  handlers.filter(isCommand('jobs'), requireAdmin, async (ctx) => {
    const { text, keyboard } = await overview(ctx);
    await ctx.reply(text.text, { entities: text.entities, reply_markup: keyboard });
  });

  handlers.callbackQuery(/^jobs:/, requireAdmin, async (ctx) => {
    const data = parseCallbackData(ctx.callbackQuery.data);
    if (data?.kind !== 'feature') return notValid(ctx);
    if (data.action === 'list') {
      await ctx.answerTap(SILENT);
      return editInPlace(ctx, await overview(ctx));
    }
    const [, name = '', chosen] = BUTTON.exec(data.id ?? '') ?? [];
    const job = await jobsService.details(name, ctx.team?.id, ctx.receivedAt);
    if (!job) return notValid(ctx);
    note(ctx, { job: name });
    switch (data.action) {
      case 'show':
        await ctx.answerTap(SILENT);
        return show(ctx, job, ctx.receivedAt);
      case 'run':
        return run(ctx, job, chosen === undefined ? undefined : Number(chosen));
      case 'pause':
      case 'resume':
        return turn(ctx, job, data.action);
      default:
        return notValid(ctx);
    }
  });

  async function run(ctx: BotContext, job: JobDetails, chosen: number | undefined): Promise<void> {
    const ids = job.targets.flatMap(({ chat }) => (chat ? [chat.id] : []));
    const chatId = chosen ?? (ids.length === 1 ? ids[0] : undefined);
    if (job.isPerChat && (chatId === undefined || !ids.includes(chatId))) {
      if (chosen !== undefined || ids.length === 0) return notValid(ctx);
      await ctx.answerTap(SILENT);
      return show(ctx, job, ctx.receivedAt, { isChoosing: true });
    }
    const { receivedAt: now } = ctx;
    const isShown = Promise.withResolvers<void>();
    const result = await jobsService.request(job.name, job.isPerChat ? chatId : undefined, {
      by: personOf(ctx).id,
      now,
    });
    if (result.kind === 'running') {
      setOutcome(ctx, 'noop');
      await ctx.answerTap({ text: `${job.name} is running already.`, show_alert: false });
    } else {
      showEnd(ctx, job.name, result.runId, isShown.promise);
      await ctx.answerTap({ text: `${job.name} begins.`, show_alert: false });
    }
    try {
      const after = await jobsService.details(job.name, ctx.team?.id, now);
      if (after) await show(ctx, after, now);
    } finally {
      isShown.resolve();
    }
  }

  async function turn(ctx: BotContext, job: JobDetails, action: 'pause' | 'resume'): Promise<void> {
    const { receivedAt: now } = ctx;
    const isChanged = await jobsService[action](job.name, { by: personOf(ctx).id, now });
    if (!isChanged) setOutcome(ctx, 'noop');
    const already = action === 'pause' ? 'was paused already' : 'was not paused';
    const done = action === 'pause' ? 'is paused, in every chat' : 'goes on';
    await ctx.answerTap({ text: `${job.name} ${isChanged ? done : already}.`, show_alert: false });
    const after = await jobsService.details(job.name, ctx.team?.id, now);
    if (after) await show(ctx, after, now);
  }

  async function notValid(ctx: BotContext): Promise<void> {
    setOutcome(ctx, 'denied');
    await ctx.answerTap({ text: 'This button is not valid any more. Send /jobs again.', show_alert: true });
  }

  return handlers;
}
