import { Composer } from 'grammy';
import type { Background } from '../lib/background.ts';
import { type BotContext, note, personOf, setOutcome, type TeamChat } from '../telegram/bot-context.ts';
import { messageLink } from '../telegram/message-link.ts';
import { requireMember } from '../telegram/require-level.ts';
import { clip, lines, link } from '../telegram/text.ts';
import { isCommand } from '../telegram/typed-command.ts';
import type { ChooseTeam } from '../users/choose-team.ts';
import type { DeliveryResult, DeliveryService, Uploading } from './delivery-service.ts';

/** `/next`: the next card now, into the team chat. */
export function nextHandlers(dependencies: {
  delivery: Pick<DeliveryService, 'deliverNext'>;
  chooseTeam: ChooseTeam;
  background: Background;
}): Composer<BotContext> {
  const { delivery, chooseTeam, background } = dependencies;
  const handlers = new Composer<BotContext>();
  const button = { feature: 'queue', action: 'next' };

  async function deliver(ctx: BotContext, team: TeamChat): Promise<void> {
    const result = await delivery.deliverNext(team.id, personOf(ctx).id);
    if (result.kind === 'uploading') return followUpload(ctx, result, team);
    note(ctx, { success: result.kind === 'sent' });
    if (result.kind === 'sent') note(ctx, { queue_item_id: result.queueItemId, media_filename: result.fileName });
    else setOutcome(ctx, result.kind === 'empty' ? 'noop' : 'failed');
    await tell(ctx, result, team);
  }

  /** Says how an upload ended when it has; nobody else's tap waits for that. */
  async function followUpload(
    ctx: BotContext,
    { queueItemId, medium, done }: Uploading,
    team: TeamChat,
  ): Promise<void> {
    background.run('next card', async () => tell(ctx, await done, team));
    note(ctx, { success: true, queue_item_id: queueItemId, media_filename: medium.fileName });
    background.run('chat action', () => ctx.replyWithChatAction(UPLOAD_ACTIONS[medium.kind]));
    if ((medium.fileSize ?? 0) <= LARGE_BYTES) return;
    const megabytes = Math.round((medium.fileSize ?? 0) / 1024 / 1024);
    await ctx.reply(
      `⏫ “${clip(medium.fileName, 80)}” (${megabytes} MB) goes to Telegram for the first time. The card comes when it is there.`,
    );
  }

  async function tell(ctx: BotContext, result: DeliveryResult, team: TeamChat): Promise<void> {
    // In the group the card itself is the answer.
    if (result.kind === 'sent' && ctx.chat?.id === result.chatId) return;
    const text = nextMessage(result, team);
    await ctx.reply(text.text, { entities: text.entities });
  }

  handlers.filter(isCommand('next'), requireMember, async (ctx) => {
    const team = await chooseTeam(ctx, button);
    if (team) await deliver(ctx, team);
  });

  handlers.callbackQuery(/^queue:next:/, requireMember, async (ctx) => {
    const team = await chooseTeam(ctx, button);
    await ctx.answerTap({ text: team ? 'On its way.' : 'That is not one of your chats.', show_alert: !team });
    if (team) await deliver(ctx, team);
  });

  return handlers;
}

/** From this size on an upload may take longer than the five seconds for which Telegram shows the action below. */
const LARGE_BYTES = 5 * 1024 * 1024;
/** What Telegram shows in the chat while a file is on its way there for the first time. */
const UPLOAD_ACTIONS = {
  photo: 'upload_photo',
  video: 'upload_video',
  animation: 'upload_video',
  document: 'upload_document',
} as const;

function nextMessage(result: DeliveryResult, team: TeamChat) {
  switch (result.kind) {
    case 'sent': {
      const url = messageLink(result.chatId, result.messageId);
      return lines(`The card is in ${team.title}.`, url ? link('Open it', url) : undefined);
    }
    case 'empty':
      return lines(
        '📭 Nothing to show: the queue is empty, and nothing in the library is free.',
        'Send me a picture, video or document in private, and it takes the next slot.',
      );
    case 'later':
      return lines(
        `⏳ Telegram asks me to wait ${result.seconds} s. The card stays first in the queue; try again then.`,
      );
    case 'unknown_outcome':
      return lines('⏳ Telegram did not answer. If no card has arrived in two minutes, I send it again by myself.');
    case 'failed':
      return lines(`⚠️ “${result.fileName}” could not be sent: ${result.reason}`, 'Send /next for the one after it.');
  }
}
