import type { Background } from '../lib/background.ts';
import type { Chat, ChatRepository } from '../settings/chat-repository.ts';
import { type BotContext, note, personOf, setOutcome } from '../telegram/bot-context.ts';
import type { CardRenderer } from './card-renderer.ts';
import type { Tap } from './decision-repository.ts';
import { tapAnswer } from './tap-messages.ts';
import { isChange, TAP_OUTCOMES, type TapResult } from './tap-result.ts';

type Answer = { text: string; show_alert: boolean };

/** A tap by somebody who may decide here. */
export type AllowedTap = { tap: Tap; chat: Chat; isAdmin: boolean };

export type CardTaps = ReturnType<typeof createCardTaps>;

/**
 * What all buttons of a card have in common: who may press them, how the press is answered, and the card that follows.
 * Neither the answer nor the card holds up the next update, and neither can undo what is committed.
 */
export function createCardTaps(dependencies: {
  chats: Pick<ChatRepository, 'byId'>;
  renderer: Pick<CardRenderer, 'render'>;
  background: Background;
}) {
  const { chats, renderer, background } = dependencies;

  const replyingTo = (messageId: number) => ({ message_id: messageId, allow_sending_without_reply: true });

  /** Answers the tap in the background; a typed answer is answered in the chat. */
  function answer(ctx: BotContext, words: Answer): void {
    background.run('answer to a tap', async () => {
      if (ctx.callbackQuery) await ctx.answerTap(words);
      else if (ctx.message) await ctx.reply(words.text, { reply_parameters: replyingTo(ctx.message.message_id) });
    });
  }

  return {
    answer,

    /** The tap of this update on a card of this chat, by somebody who may decide; undefined when it was refused. */
    async allowed(ctx: BotContext, queueItemId: string): Promise<AllowedTap | undefined> {
      note(ctx, { queue_item_id: queueItemId });
      const chat = ctx.team && (await chats.byId(ctx.team.id));
      if (!chat || !ctx.interaction) {
        setOutcome(ctx, 'denied');
        answer(ctx, { text: 'This card belongs to another chat. It can only be decided there.', show_alert: true });
        return undefined;
      }
      if (ctx.access.level !== 'admin' && ctx.access.level !== 'member') {
        setOutcome(ctx, 'denied');
        answer(ctx, { text: 'You are not allowed to decide here. Ask an admin of the team.', show_alert: true });
        return undefined;
      }
      const userId = personOf(ctx).id;
      const tap = { queueItemId, chatId: chat.id, userId, now: ctx.receivedAt, interaction: ctx.interaction };
      return { tap, chat, isAdmin: ctx.access.level === 'admin' };
    },

    /** Says what the tap came to, and brings the card up to date. */
    finish(ctx: BotContext, { tap, chat }: AllowedTap, result: TapResult): void {
      setOutcome(ctx, TAP_OUTCOMES[result.kind]);
      const isReplay = 'isReplay' in result && result.isReplay;
      if (ctx.interaction && (isReplay || tap.interaction.isRecorded)) ctx.interaction.isRecorded = true;
      answer(ctx, tapAnswer(result, { ...chat, now: ctx.receivedAt }));
      if (isChange(result)) background.run('card', () => renderer.render(tap.queueItemId));
    },
  };
}
