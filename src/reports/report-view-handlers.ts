import { Composer } from 'grammy';
import type { MaybeInaccessibleMessage } from 'grammy/types';
import type { EditFigures } from '../interactions/edit-figures.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import { type BotContext, note, setOutcome } from '../telegram/bot-context.ts';
import { requireAdmin } from '../telegram/require-level.ts';
import type { MembershipService } from '../users/membership-service.ts';
import type { ReportReader } from './report-reader.ts';
import { createReportScopes } from './report-scopes.ts';
import { parseView, type ReportView, viewData } from './report-view.ts';

/** The buttons under team reports (admins): other lengths, and the period before, in the same message. */
export function reportViewHandlers(dependencies: {
  reportReader: ReportReader;
  editFigures: EditFigures;
  chats: Pick<ChatRepository, 'byId'>;
  memberships: Pick<MembershipService, 'teamsOf'>;
}): Composer<BotContext> {
  const { reportReader, editFigures } = dependencies;
  const scopes = createReportScopes(dependencies);
  const handlers = new Composer<BotContext>();

  handlers.on('callback_query:data', async (ctx, next) => {
    const view = parseView(ctx.callbackQuery.data);
    const message = ctx.callbackQuery.message;
    if (!view || !message) return next();
    await requireAdmin(ctx, async () => {
      const scope = await scopes.allowed(ctx, view.scope);
      if (scope === undefined) return;
      if (isShown(message, view)) {
        setOutcome(ctx, 'noop');
        return ctx.answerTap({ text: 'That is what you see.', show_alert: false });
      }
      note(ctx, { report: view.report, days: view.days, is_compared: view.isCompared });
      const now = ctx.receivedAt;
      editFigures(ctx, message, async () => (await reportReader.read({ ...view, scope }, now)).show());
    });
  });

  return handlers;
}

/** Whether the message shows this view already: its keyboard, as Telegram sent it with the press, marks the button. */
function isShown(message: MaybeInaccessibleMessage, view: ReportView): boolean {
  if (!('reply_markup' in message)) return false;
  const data = viewData(view);
  const buttons = message.reply_markup?.inline_keyboard.flat() ?? [];
  return buttons.some((one) => 'callback_data' in one && one.callback_data === data && one.text.startsWith('•'));
}
