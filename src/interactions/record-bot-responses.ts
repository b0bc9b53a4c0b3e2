import type { Transformer } from 'grammy';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { BotResponse, InteractionService } from './interaction-service.ts';

export type BotResponses = {
  /** Goes into `api.config.use`: sees every message that the bot sent or edited. */
  transformer: Transformer;
  /** Writes what has gathered; also called at the end. Never throws: what cannot be written is logged and tried again. */
  flush(): Promise<void>;
};

/** One statement for this many rows; more than that in one second does not happen. */
const BATCH = 200;
/** With the database away for long, the oldest responses are given up: they explain, they decide nothing. */
const MAX_KEPT = 10_000;

const NAMES: Readonly<Record<string, string>> = {
  sendPhoto: 'media_notification',
  sendVideo: 'media_notification',
  sendAnimation: 'media_notification',
  sendDocument: 'media_notification',
  sendMessage: 'text_reply',
  editMessageCaption: 'caption_update',
  editMessageText: 'text_update',
  editMessageMedia: 'media_update',
};

/**
 * Records the bot's own messages as `bot_response` rows, in batches and behind everybody's back: what was shown, with
 * which buttons, in which message. Texts are not kept (they repeat people's names and captions), their length is.
 */
export function recordBotResponses(dependencies: {
  interactions: Pick<InteractionService, 'logBotResponse'>;
  clock: Clock;
  logger: Logger;
}): BotResponses {
  const { interactions, clock, logger } = dependencies;
  let waiting: BotResponse[] = [];
  /** One flush at a time: two at once would write the same batch twice. */
  let flushed: Promise<void> = Promise.resolve();

  const transformer: Transformer = async (call, method, payload, signal) => {
    const answer = await call(method, payload, signal);
    const name = NAMES[method];
    if (name !== undefined && answer.ok && waiting.length < MAX_KEPT) {
      waiting.push({ name, ...describe(method, payload, answer.result), createdAt: clock.now() });
    }
    return answer;
  };

  return {
    transformer,
    flush() {
      flushed = flushed.then(flushAll);
      return flushed;
    },
  };

  async function flushAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, BATCH);
      try {
        await interactions.logBotResponse(batch);
      } catch (error) {
        logger.warn({ err: error, waiting: waiting.length }, 'bot responses are not recorded yet');
        return;
      }
      waiting = waiting.slice(batch.length);
    }
  }
}

type Described = Pick<BotResponse, 'context' | 'telegramChatId' | 'telegramMessageId'>;

/** Facts from a call and its answer; both are grammY's unions over all methods, so they are read as unknown. */
function describe(method: string, payload: unknown, result: unknown): Described {
  const call = asRecord(payload);
  const message = asRecord(result);
  const chat = asRecord(message.chat);
  const text = call.text ?? call.caption;
  const buttons = buttonsOf(call.reply_markup);
  const cardButton = buttons.find(({ data }) => /^[a-z_]+:[0-9a-f-]{36}$/.test(data));
  return {
    context: {
      method,
      characters: typeof text === 'string' ? text.length : 0,
      buttons: buttons.map(({ text: label }) => label),
      ...(cardButton ? { queue_item_id: cardButton.data.slice(cardButton.data.indexOf(':') + 1) } : {}),
    },
    telegramChatId: numberOf(chat.id ?? call.chat_id),
    telegramMessageId: numberOf(message.message_id ?? call.message_id),
  };
}

function buttonsOf(markup: unknown): { text: string; data: string }[] {
  const rows = asRecord(markup).inline_keyboard;
  if (!Array.isArray(rows)) return [];
  return rows.flat().map((button: unknown) => {
    const { text, callback_data: data } = asRecord(button);
    return { text: String(text ?? ''), data: String(data ?? '') };
  });
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
