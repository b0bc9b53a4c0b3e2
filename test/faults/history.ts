import type { Message, Update } from 'grammy/types';
import { openDatabase } from '../../src/db/client.ts';
import type { Connection } from '../../src/db/connect.ts';
import type { DatabaseTarget } from '../../src/db/target.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { cardView } from '../../src/queue/card-messages.ts';
import { createCardRepository } from '../../src/queue/card-repository.ts';
import type { Call, Group, Simulator } from '../../src/simulator/simulator.ts';

/** A message's caption and buttons, as one text each, so that two can be compared. */
export type Shown = { caption: string; buttons: string };

/** A tap as Telegram knows it. `answers`: what Telegram accepted as its answer, at most one by its own rules. */
export type Tap = { queryId: string; by: number; messageId: number; data: string; answers: string[] };
/** A command or an upload. */
export type Sent = { chatId: number; messageId: number; by: number; kind: 'command' | 'upload'; text: string };
/** A message with a card's buttons that Telegram accepted, whether or not the bot heard of it. */
export type SentCard = { queueItemId: string; messageId: number; isLabelled: boolean };
/** An answer of the bot to a message of a person. */
export type Reply = { toMessageId: number; chatId: number; text: string };

export type ItemRow = {
  id: string;
  chatId: number;
  mediaItemId: string;
  status: string;
  messageId: number | null;
  isRepeat: boolean;
  /** What the card must show by this row, and what it shows; null when there is no such message. */
  expected: Shown | null;
  shown: Shown | null;
};
export type DecisionRow = {
  id: string;
  queueItemId: string;
  decision: string;
  isUndone: boolean;
  by: number | null;
  source: string;
};
export type InteractionRow = {
  deliveryKey: string | null;
  type: string;
  name: string;
  outcome: string;
  queueItemId: string | null;
  by: number | null;
};

/** All that is known of a run after it has settled, from three sides that know nothing of each other. */
export type History = {
  botId: number;
  taps: Tap[];
  sent: Sent[];
  cards: SentCard[];
  replies: Reply[];
  /** Updates that Telegram still keeps for the bot. */
  pending: number;
  items: ItemRow[];
  decisions: DecisionRow[];
  interactions: InteractionRow[];
  log: string;
  /** Kills, cuts, servers that died: what may excuse a repeat or a tap without an answer. */
  faults: number;
};

/** Reads the three sides at one moment. Call it when nothing happens any more. */
export async function readHistory(sources: {
  telegram: Simulator;
  group: Group;
  sql: Connection;
  target: DatabaseTarget;
  log: string;
  faults: number;
}): Promise<History> {
  const { telegram, group, sql, log, faults } = sources;
  const answers = answersByQuery(telegram.calls('answerCallbackQuery'));
  const taps = telegram.world.updates.log.flatMap((update) => tapOf(update, answers));
  return {
    botId: telegram.bot.id,
    taps: [...new Map(taps.map((tap) => [tap.queryId, tap])).values()],
    sent: telegram.world.updates.log.flatMap(sentOf),
    cards: telegram.history.flatMap(sentCardOf),
    replies: telegram.history.flatMap(replyOf),
    pending: telegram.pendingUpdates().length,
    items: await itemRows(sources.target, sql, (messageId) => telegram.message(group, messageId)),
    decisions: await sql<DecisionRow[]>`
      select d.id, d.queue_item_id as "queueItemId", d.decision, d.undone_at is not null as "isUndone",
             u.telegram_user_id as by, d.source
      from decisions d left join users u on u.id = d.user_id`,
    interactions: await sql<InteractionRow[]>`
      select i.delivery_key as "deliveryKey", i.interaction_type as type, i.interaction_name as name,
             coalesce(i.context->>'outcome', 'done') as outcome, i.context->>'queue_item_id' as "queueItemId",
             u.telegram_user_id as by
      from user_interactions i left join users u on u.id = i.user_id
      where i.interaction_type <> 'bot_response'`,
    log,
    faults,
  };
}

function answersByQuery(calls: readonly Call[]): Map<string, string[]> {
  const answers = new Map<string, string[]>();
  for (const { payload, answer } of calls) {
    if (!answer.ok) continue;
    const id = String(payload.callback_query_id);
    answers.set(id, [...(answers.get(id) ?? []), String(payload.text ?? '')]);
  }
  return answers;
}

function tapOf({ callback_query: query }: Update, answers: ReadonlyMap<string, string[]>): Tap[] {
  if (query?.data === undefined || !query.message) return [];
  const { id, from, message, data } = query;
  return [{ queryId: id, by: from.id, messageId: message.message_id, data, answers: answers.get(id) ?? [] }];
}

function sentOf({ message }: Update): Sent[] {
  if (!message?.from) return [];
  const { chat, message_id: messageId, from, text = '' } = message;
  const kind = text.startsWith('/') ? 'command' : message.photo || message.document ? 'upload' : undefined;
  return kind ? [{ chatId: chat.id, messageId, by: from.id, kind, text }] : [];
}

const CARD_DATA = /"callback_data":"posted:([0-9a-f-]{36})"/;

/** What Telegram did counts, also when the connection was cut before it could say so. */
function sentCardOf({ method, payload, answer }: Call): SentCard[] {
  const [, queueItemId] = CARD_DATA.exec(textOf(payload.reply_markup)) ?? [];
  const messageId = answer.ok ? messageIdOf(answer.result) : undefined;
  if (!/^send(Photo|Document|Video|Animation)$/.test(method) || queueItemId === undefined || messageId === undefined) {
    return [];
  }
  return [{ queueItemId, messageId, isLabelled: String(payload.caption ?? '').includes('🔁 Sent again') }];
}

function replyOf({ method, payload, answer }: Call): Reply[] {
  const { reply_parameters: to, chat_id: chatId, text } = payload;
  const [, toMessageId] = /"message_id":(\d+)/.exec(textOf(to)) ?? [];
  if (method !== 'sendMessage' || !answer.ok || toMessageId === undefined) return [];
  return [{ toMessageId: Number(toMessageId), chatId: Number(chatId), text: String(text ?? '') }];
}

/** Objects come as JSON of a body or as text of a form. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function messageIdOf(result: unknown): number | undefined {
  if (typeof result !== 'object' || result === null || !('message_id' in result)) return undefined;
  return Number(result.message_id);
}

async function itemRows(
  target: DatabaseTarget,
  sql: Connection,
  message: (messageId: number) => Message | undefined,
): Promise<ItemRow[]> {
  const database = openDatabase(target, {
    logger: silentLogger(),
    applicationName: 'storyline history',
    max: 1,
    lockTimeoutMs: 5000,
    statementTimeoutMs: 30_000,
  });
  try {
    const repository = createCardRepository(database);
    const rows = await sql<Omit<ItemRow, 'expected' | 'shown'>[]>`
      select id, chat_id as "chatId", media_item_id as "mediaItemId", status, message_id as "messageId",
             is_repeat as "isRepeat"
      from queue_items order by id`;
    const items: ItemRow[] = [];
    for (const row of rows) {
      const card = row.messageId === null ? undefined : await repository.find(row.id);
      const current = row.messageId === null ? undefined : message(row.messageId);
      const view = card && cardView(card, new Date());
      items.push({
        ...row,
        expected: view ? { caption: view.caption.caption, buttons: buttonsText(view.keyboard) } : null,
        shown: current ? { caption: current.caption ?? '', buttons: buttonsText(current.reply_markup) } : null,
      });
    }
    return items;
  } finally {
    await database.close();
  }
}

/** An empty keyboard is none. */
function buttonsText(markup: { inline_keyboard: readonly (readonly unknown[])[] } | undefined): string {
  return JSON.stringify((markup?.inline_keyboard ?? []).filter((row) => row.length > 0));
}
