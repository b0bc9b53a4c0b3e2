import type { Api } from 'grammy';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { createQuietChats } from '../telegram/quiet-chats.ts';
import { classifyTelegramError } from '../telegram/telegram-errors.ts';
import { cardView, standInMessage } from './card-messages.ts';
import type { Card, CardRepository } from './card-repository.ts';

export type CardRenderer = ReturnType<typeof createCardRenderer>;

/** Cards that one sweep looks at; the next one is two seconds away. */
const SWEEP_LIMIT = 50;
/** When Telegram does not answer, the next card of that chat is not tried at once. */
const NO_ANSWER_PAUSE_MS = 5_000;

/**
 * Brings cards in Telegram up to date with their rows. Rendering twice, late or out of order is harmless: each run
 * reads the row, edits the message to match, and looks again when the row has moved on meanwhile.
 */
export function createCardRenderer(dependencies: {
  cards: CardRepository;
  api: Pick<Api, 'editMessageCaption' | 'sendMessage'>;
  clock: Clock;
  /** Milliseconds that only go forwards, for what must not depend on how the clock is set. */
  monotonicMs: () => number;
  logger: Logger;
}) {
  const { cards, api, clock, logger } = dependencies;
  /** One run per card at a time; a call during a run asks for another one after it. */
  const running = new Map<string, { again: boolean; done: Promise<void> }>();
  const quietChats = createQuietChats(dependencies.monotonicMs);

  async function renderOnce(id: string): Promise<void> {
    const card = await cards.find(id);
    if (!card || card.messageId === null) return;
    const now = clock.now();
    const isDue = card.renderAgainAt !== null && card.renderAgainAt <= now;
    if (card.version === card.renderedVersion && !isDue) return;
    if (quietChats.isQuiet(card.chatId)) return;
    if (!(await show(card, card.messageId, now))) return;
    const version = await cards.markRendered(id, card.version, clock.now());
    if (version !== undefined && version > card.version) await renderOnce(id);
  }

  /** Edits the message; true when the row needs no further edit for this version. */
  async function show(card: Card, messageId: number, now: Date): Promise<boolean> {
    const view = cardView(card, now);
    try {
      await api.editMessageCaption(card.chatId, messageId, {
        caption: view.caption.caption,
        caption_entities: view.caption.caption_entities,
        reply_markup: view.keyboard,
      });
      return true;
    } catch (error) {
      const failure = classifyTelegramError(error);
      switch (failure?.kind) {
        case 'unchanged':
          return true;
        case 'gone':
          await standIn(card);
          return true;
        case 'wait':
          quietChats.keepQuiet(card.chatId, failure.seconds * 1000);
          logger.warn(
            { chatId: card.chatId, seconds: failure.seconds },
            'Telegram asks for silence; cards follow later',
          );
          return false;
        case 'unknown_outcome':
          quietChats.keepQuiet(card.chatId, NO_ANSWER_PAUSE_MS);
          logger.warn({ queueItemId: card.id, err: error }, 'no answer to an edit; the sweep repeats it');
          return false;
        case 'unreachable':
        case 'refused':
        case 'moved':
        case 'too_old':
          // Repeating would fail for ever: the row is right, the card stays as it is.
          logger.error({ queueItemId: card.id, err: error }, 'a card cannot be brought up to date');
          return true;
        case undefined:
          throw error;
      }
    }
  }

  /** The card was deleted: a decision is said in a message of its own, once (matrix T10). */
  async function standIn(card: Card): Promise<void> {
    const text = card.renderedVersion < card.version ? standInMessage(card) : undefined;
    if (!text) return;
    try {
      await api.sendMessage(card.chatId, text.text, { entities: text.entities });
    } catch (error) {
      if (!classifyTelegramError(error)) throw error;
      logger.warn({ queueItemId: card.id, err: error }, 'a decision could not be said in the chat');
    }
  }

  async function run(id: string, state: { again: boolean }): Promise<void> {
    try {
      do {
        state.again = false;
        await renderOnce(id);
      } while (state.again);
    } finally {
      running.delete(id);
    }
  }

  return {
    /** Makes the card of this queue item show its row. Throws when the database fails; the sweep comes back to it. */
    render(id: string): Promise<void> {
      const known = running.get(id);
      if (known) {
        known.again = true;
        return known.done;
      }
      const state = { again: false, done: Promise.resolve() };
      running.set(id, state);
      state.done = run(id, state);
      return state.done;
    },

    /** Renders what is behind: after a crash, after silence, and when an undo button's minute is over. Returns how many. */
    async sweep(): Promise<number> {
      const behind = await cards.behind(clock.now(), quietChats.list(), SWEEP_LIMIT);
      for (const { id } of behind) await this.render(id);
      return behind.length;
    },
  };
}
