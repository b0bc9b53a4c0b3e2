import { Composer } from 'grammy';
import type { Background } from '../lib/background.ts';
import { type BotContext, type InteractionDraft, note, setOutcome, type TeamChat } from '../telegram/bot-context.ts';
import { messageLink } from '../telegram/message-link.ts';
import { requireMember } from '../telegram/require-level.ts';
import { clip, lines, link } from '../telegram/text.ts';
import { isCommand } from '../telegram/typed-command.ts';
import type { ChooseTeam } from '../users/choose-team.ts';
import type { DeliveryResult, DeliveryService, Uploading } from './delivery-service.ts';

/** `/next`: the next card now, into the team chat. */
export function nextHandlers(dependencies: {
  delivery: Pick<DeliveryService, 'deliverNext'>;
  /** Corrects what was recorded before its end was known. */
  interactions: { amend: (deliveryKey: string, facts: Record<string, unknown>) => Promise<void> };
  chooseTeam: ChooseTeam;
  background: Background;
}): Composer<BotContext> {
  const { delivery, interactions, chooseTeam, background } = dependencies;
  const handlers = new Composer<BotContext>();
  const button = { feature: 'queue', action: 'next' };

  async function deliver(ctx: BotContext, team: TeamChat): Promise<void> {
    const result = await delivery.deliverNext(team.id, ctx.interaction);
    if (result.kind === 'uploading') return followUpload(ctx, result, team);
    if (result.kind === 'empty') {
      note(ctx, { success: false });
      setOutcome(ctx, 'noop');
    } else await amendRecord(ctx.interaction, result);
    await tell(ctx, result, team);
  }

  /** The claim was recorded as done. What became of the card is known now. */
  async function amendRecord(record: InteractionDraft | undefined, result: DeliveryResult): Promise<void> {
    if (!record || result.kind === 'dealt_with') return;
    const outcome = result.kind === 'sent' ? 'done' : 'failed';
    if (outcome === record.outcome) return;
    await interactions.amend(record.deliveryKey, { outcome, success: outcome === 'done' });
  }

  /** Says how an upload ended when it has; nobody else's tap waits for that. */
  async function followUpload(ctx: BotContext, { medium, done }: Uploading, team: TeamChat): Promise<void> {
    background.run('next card', async () => {
      const result = await done;
      await amendRecord(ctx.interaction, result);
      await tell(ctx, result, team);
    });
    background.run('chat action', () => ctx.replyWithChatAction(UPLOAD_ACTIONS[medium.kind]));
    if ((medium.fileSize ?? 0) <= LARGE_BYTES) return;
    const megabytes = Math.round((medium.fileSize ?? 0) / 1024 / 1024);
    await ctx.reply(
      `⏫ “${clip(medium.fileName, 80)}” (${megabytes} MB) goes to Telegram for the first time. The card comes when it is there.`,
    );
  }

  async function tell(ctx: BotContext, result: DeliveryResult, team: TeamChat): Promise<void> {
    if (result.kind === 'dealt_with') return;
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

function nextMessage(result: Exclude<DeliveryResult, { kind: 'dealt_with' }>, team: TeamChat) {
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
