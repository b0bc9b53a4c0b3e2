import { Composer, type NextFunction } from 'grammy';
import type { Background } from '../lib/background.ts';
import { sendInPrivate } from '../telegram/answer-in-private.ts';
import { type BotContext, note, personOf, setOutcome } from '../telegram/bot-context.ts';
import { requireAdmin, requireMember } from '../telegram/require-level.ts';
import { clip } from '../telegram/text.ts';
import { commandArguments, isCommand } from '../telegram/typed-command.ts';
import { displayName, type UserRepository } from '../users/user-repository.ts';
import { type DaysButton, isShown, parseDaysButton } from './days-buttons.ts';
import { type EditFigures, NOT_READ } from './edit-figures.ts';
import type { Figures, FiguresReader, Subject } from './figures.ts';
import type { FiguresMessages } from './figures-messages.ts';
import { parseStatsArguments } from './stats-arguments.ts';

/** `/stats` (mine; somebody's for admins) and `/team` (admins), and the buttons that change the days they are about. */
export function statsHandlers(dependencies: {
  figures: FiguresReader;
  figuresMessages: Pick<FiguresMessages, 'send'>;
  editFigures: EditFigures;
  users: Pick<UserRepository, 'byUsername' | 'names'>;
  background: Background;
}): Composer<BotContext> {
  const { figures, figuresMessages, editFigures, users, background } = dependencies;
  const handlers = new Composer<BotContext>();

  handlers.filter(isCommand('stats'), requireMember, async (ctx) => {
    const asked = parseStatsArguments(commandArguments(ctx));
    if (typeof asked === 'string') return misunderstood(ctx, asked);
    const subject = await subjectOf(ctx, asked.username);
    if (!subject) return;
    const read = () => figures.ofPerson(ctx, subject, asked.days);
    note(ctx, { days: asked.days, ...(subject.isMe ? {} : { about_user_id: subject.id }) });
    if (subject.isMe || ctx.chat?.type === 'private') return show(ctx, read);
    // What concerns another person is answered in private, with one line in the group (DESIGN, section 6).
    const showTyping = (chatId: number) => ctx.api.sendChatAction(chatId, 'upload_photo');
    if (!(await sendInPrivate(ctx, showTyping))) return;
    const place = { chatId: personOf(ctx).telegramUserId };
    background.run('figures in private', async () => {
      const shown = await readOrTell(ctx, read);
      await figuresMessages.send(place, shown);
    });
  });

  handlers.filter(isCommand('team'), requireAdmin, async (ctx) => {
    const asked = parseStatsArguments(commandArguments(ctx));
    if (typeof asked === 'string') return misunderstood(ctx, asked);
    if (asked.username !== undefined) return misunderstood(ctx, 'For one person’s figures send /stats @name.');
    note(ctx, { days: asked.days });
    show(ctx, () => figures.ofTeam(ctx, asked.days));
  });

  handlers.on('callback_query:data', async (ctx, next) => {
    const button = parseDaysButton(ctx.callbackQuery.data);
    if (!button) return next();
    if (button.about.kind === 'team') await requireAdmin(ctx, () => pressed(ctx, button, next));
    else await requireMember(ctx, () => pressed(ctx, button, next));
  });

  async function misunderstood(ctx: BotContext, sentence: string): Promise<void> {
    setOutcome(ctx, 'noop');
    await ctx.reply(sentence);
  }

  /** Whom `/stats` is about; undefined when that cannot be answered, which the person has then been told. */
  async function subjectOf(ctx: BotContext, username: string | undefined): Promise<Subject | undefined> {
    const me = personOf(ctx);
    if (username === undefined || username.toLowerCase() === me.username?.toLowerCase()) {
      return { id: me.id, name: me.name, isMe: true };
    }
    if (ctx.access.level !== 'admin') {
      setOutcome(ctx, 'denied');
      await ctx.reply('Only admins can see other people’s figures. /stats shows yours.');
      return undefined;
    }
    const found = await users.byUsername(username);
    if (found) return { id: found.id, name: displayName(found), isMe: false };
    await misunderstood(ctx, `I do not know @${username}. Did they ever use me?`);
    return undefined;
  }

  /** Reading, drawing and sending go on behind the next updates: however slow a report is, no tap waits for it (matrix D09). */
  function show(ctx: BotContext, read: () => Promise<Figures>): void {
    const chatId = ctx.chat?.id;
    if (chatId === undefined) return;
    const topicId = ctx.msg?.is_topic_message ? ctx.msg.message_thread_id : undefined;
    background.run('figures', async () => {
      const shown = await readOrTell(ctx, read);
      if (!shown.isEmpty) background.run('chat action', () => ctx.api.sendChatAction(chatId, 'upload_photo'));
      await figuresMessages.send({ chatId, topicId }, shown);
    });
  }

  /** The update was dealt with when this fails, so nothing but this tells the person. */
  async function readOrTell(ctx: BotContext, read: () => Promise<Figures>): Promise<Figures> {
    try {
      return await read();
    } catch (error) {
      await ctx.reply(NOT_READ);
      throw error;
    }
  }

  async function pressed(ctx: BotContext, button: DaysButton, next: NextFunction): Promise<void> {
    const message = ctx.callbackQuery?.message;
    const read = await readerFor(ctx, button);
    if (!message || !read) return next();
    if (read === 'not_yours') return;
    if (isShown(message, button)) {
      setOutcome(ctx, 'noop');
      return ctx.answerTap({ text: `These are the last ${button.days} days.`, show_alert: false });
    }
    const { about, days } = button;
    const isOther = about.kind === 'person' && about.userId !== personOf(ctx).id;
    note(ctx, { days, ...(isOther ? { about_user_id: about.userId } : {}) });
    editFigures(ctx, message, read);
  }

  /** What reads the figures of a button for this presser; they are told when it is not theirs, undefined when it is of nobody. */
  async function readerFor(
    ctx: BotContext,
    { about, days }: DaysButton,
  ): Promise<(() => Promise<Figures>) | 'not_yours' | undefined> {
    if (about.kind === 'team') return () => figures.ofTeam(ctx, days);
    const name = (await users.names([about.userId])).get(about.userId);
    if (name === undefined) return undefined;
    const me = personOf(ctx);
    if (me.id !== about.userId && ctx.access.level !== 'admin') {
      setOutcome(ctx, 'denied');
      await ctx.answerTap({ text: `This is ${clip(name, 60)}’s. Send /stats for yours.`, show_alert: false });
      return 'not_yours';
    }
    // In a group the message answers the one whom it is about, whoever presses.
    const isMe = ctx.chat?.type !== 'private' || me.id === about.userId;
    return () => figures.ofPerson(ctx, { id: about.userId, name, isMe }, days);
  }

  return handlers;
}
