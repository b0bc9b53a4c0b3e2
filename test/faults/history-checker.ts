import type { DecisionRow, History, InteractionRow, ItemRow, Tap } from './history.ts';

export type Figures = {
  taps: number;
  answered: number;
  expired: number;
  decisions: number;
  undone: number;
  /** Taps whose person was told that they had decided, though no row says so. The goal is 0. */
  lostDecisions: number;
  /** Taps, commands and uploads without a row of their own, although everything has settled. */
  lostInteractions: number;
  /** Cards and answers that came a second time. */
  repeats: number;
  /** Cards beyond one for each `/next`. The goal is 0: whatever comes again leads to the card that it brought. */
  extraCards: number;
};

export type Verdict = { problems: string[]; figures: Figures };

const DECIDING: Readonly<Record<string, string>> = {
  posted: 'posted',
  skip: 'skipped',
  confirm_reject: 'rejected',
};
/** How the answer to a tap begins that has decided (tap-messages.ts). */
const SAYS_DECIDED = /^(Posted\.|Skipped\.|Rejected:)/;
const UNRECORDED = 'an interaction could not be recorded';
/** In the words of telegram-errors.ts and main.ts. */
const BUGS = ['a bug ended the process', 'unhandled rejection', 'uncaught exception'];

/**
 * Compares what Telegram saw, what the database says and what was logged. `problems` is empty when every item has one
 * final decision at most, every tap was answered (or a fault excuses it), every row has its cause and every cause its
 * row, cards show their rows, and repeats are labelled and no more than there were faults.
 */
export function checkHistory(history: History): Verdict {
  const keyOf = (tap: Tap) => `${history.botId}:cb:${tap.queryId}`;
  const rows = new Map<string, InteractionRow>();
  const problems: string[] = [];
  for (const row of history.interactions) {
    if (row.deliveryKey === null) continue;
    if (rows.has(row.deliveryKey)) problems.push(`two rows of ${row.deliveryKey}`);
    rows.set(row.deliveryKey, row);
  }
  const { answered, expired, lostDecisions } = checkTaps(history, (tap) => rows.get(keyOf(tap)), problems);
  const lostInteractions = checkRows(history, rows, keyOf, problems);
  checkDecisions(history, problems);
  checkCards(history, problems);
  const { repeats, extraCards } = checkRepeats(history, problems);
  if (history.pending > 0) problems.push(`${history.pending} updates still wait at Telegram`);
  for (const words of BUGS) if (history.log.includes(words)) problems.push(`the log says “${words}”`);
  return {
    problems,
    figures: {
      taps: history.taps.length,
      answered,
      expired,
      decisions: history.decisions.length,
      undone: history.decisions.filter(({ isUndone }) => isUndone).length,
      lostDecisions,
      lostInteractions,
      repeats,
      extraCards,
    },
  };
}

/** Every tap is answered once; one that nobody answered needs a fault between its commit and its answer. */
function checkTaps(history: History, rowOf: (tap: Tap) => InteractionRow | undefined, problems: string[]) {
  let answered = 0;
  let lostDecisions = 0;
  for (const tap of history.taps) {
    if (tap.answers.length > 0) answered += 1;
    if (tap.answers.length > 1) problems.push(`tap ${tap.queryId} was answered ${tap.answers.length} times`);
    if (tap.answers.some((text) => SAYS_DECIDED.test(text)) && rowOf(tap)?.outcome !== 'done') {
      lostDecisions += 1;
      problems.push(`lost: ${tap.by} was told “${tap.answers[0]}” for ${tap.data}, and no row says so`);
    }
  }
  const expired = history.taps.length - answered;
  // A process works one update at a time, but its answers run behind it: a batch of taps may be without theirs.
  if (expired > 0 && history.faults === 0) problems.push(`${expired} taps were never answered, without any fault`);
  return { answered, expired, lostDecisions };
}

/** Every row of a person has its tap, command or upload, by the same person; and each of these has its row. */
function checkRows(
  history: History,
  rows: ReadonlyMap<string, InteractionRow>,
  keyOf: (tap: Tap) => string,
  problems: string[],
): number {
  const causes = new Map<string, { by: number; what: string; item: string | undefined }>();
  for (const tap of history.taps) {
    const [, item] = /([0-9a-f-]{36})/.exec(tap.data) ?? [];
    causes.set(keyOf(tap), { by: tap.by, what: `tap ${tap.data}`, item });
  }
  for (const { chatId, messageId, by, kind, text } of history.sent) {
    causes.set(`${history.botId}:msg:${chatId}:${messageId}`, { by, what: `${kind} ${text}`, item: undefined });
  }
  for (const row of history.interactions) {
    const cause = row.deliveryKey === null ? undefined : causes.get(row.deliveryKey);
    if (!cause) problems.push(`unexplained: a row ${row.type} ${row.name} (${row.deliveryKey}) that nobody caused`);
    else if (cause.by !== row.by) problems.push(`the row of ${row.deliveryKey} is of ${row.by}, not of ${cause.by}`);
    else if (cause.item !== undefined && row.outcome === 'done' && row.queueItemId !== cause.item) {
      problems.push(`the row of ${cause.what} is about ${row.queueItemId}`);
    }
  }
  const missing = [...causes].filter(([key]) => !rows.has(key));
  const admitted = history.log.split(UNRECORDED).length - 1;
  if (missing.length > admitted) {
    const names = missing.slice(0, 3).map(([key, { what }]) => `${what} (${key})`);
    problems.push(`${missing.length} without a row, of which the log admits ${admitted}: ${names.join(', ')}`);
  }
  return missing.length;
}

/** One final decision per item at most, the row's status is that decision, and each decision has the tap that made it. */
function checkDecisions(history: History, problems: string[]): void {
  const byItem = Map.groupBy(history.decisions, ({ queueItemId }) => queueItemId);
  for (const item of history.items) {
    const final = (byItem.get(item.id) ?? []).filter(({ isUndone }) => !isUndone);
    if (final.length > 1) problems.push(`item ${item.id} has ${final.length} final decisions`);
    const isDecided = Object.values(DECIDING).includes(item.status);
    if (isDecided !== final.length > 0) problems.push(`item ${item.id} is ${item.status}, decisions: ${final.length}`);
    else if (isDecided && final[0]?.decision !== item.status) {
      problems.push(`item ${item.id} is ${item.status}, its decision ${final[0]?.decision}`);
    }
  }
  const made = history.interactions.filter(({ name, outcome }) => outcome === 'done' && name in DECIDING);
  const count = <T>(list: readonly T[], key: (one: T) => string) => {
    const counts = new Map<string, number>();
    for (const one of list) counts.set(key(one), (counts.get(key(one)) ?? 0) + 1);
    return counts;
  };
  const decisionKey = ({ queueItemId, decision, by }: DecisionRow) => `${decision} of ${queueItemId} by ${by}`;
  const rowKey = ({ queueItemId, name, by }: InteractionRow) => `${DECIDING[name]} of ${queueItemId} by ${by}`;
  const decided = count(
    history.decisions.filter(({ source }) => source === 'tap'),
    decisionKey,
  );
  const tapped = count(made, rowKey);
  for (const key of new Set([...decided.keys(), ...tapped.keys()])) {
    const [rows, taps] = [decided.get(key) ?? 0, tapped.get(key) ?? 0];
    if (rows !== taps) problems.push(`${key}: ${rows} decisions from ${taps} taps`);
  }
}

/** A card shows its row; nothing is left half-sent; no medium stands twice in what a chat has before it. */
function checkCards(history: History, problems: string[]): void {
  for (const item of history.items) {
    if (item.status === 'sending') problems.push(`item ${item.id} is still being sent`);
    if (item.status === 'delivered' && item.messageId === null) problems.push(`item ${item.id} is nowhere`);
    if (item.messageId !== null) compare(item, problems);
  }
  const ahead = history.items.filter(({ status }) => ['pending', 'sending', 'delivered'].includes(status));
  for (const [place, items] of Map.groupBy(ahead, ({ chatId, mediaItemId }) => `${mediaItemId} in ${chatId}`)) {
    if (items.length > 1) problems.push(`medium ${place} is planned ${items.length} times`);
  }
}

function compare({ id, expected, shown, status }: ItemRow, problems: string[]): void {
  if (!shown) problems.push(`the message of item ${id} is not in the chat`);
  else if (expected?.caption !== shown.caption || expected.buttons !== shown.buttons) {
    problems.push(`the card of item ${id} (${status}) shows ${JSON.stringify(shown)}, not ${JSON.stringify(expected)}`);
  }
}

/**
 * A second card of an item says that it is one, and there is no third. Repeats are no more than there were faults: each
 * may bring one (a kill between Telegram's yes and the row). There is no card that nobody asked for, whatever happens.
 */
function checkRepeats(history: History, problems: string[]): Pick<Figures, 'repeats' | 'extraCards'> {
  let repeats = 0;
  const cards = Map.groupBy(history.cards, ({ queueItemId }) => queueItemId);
  for (const [id, sent] of cards) {
    repeats += sent.length - 1;
    if (sent.length > 2) problems.push(`item ${id} was sent ${sent.length} times`);
    if (sent.slice(1).some(({ isLabelled }) => !isLabelled)) problems.push(`item ${id} was sent again without a label`);
  }
  const asked = history.sent.filter(({ text }) => text.startsWith('/next')).length;
  const extraCards = Math.max(0, cards.size - asked);
  const said = Map.groupBy(history.replies, ({ chatId, toMessageId, text }) => `${chatId}/${toMessageId}: ${text}`);
  for (const same of said.values()) repeats += same.length - 1;
  if (repeats > history.faults) problems.push(`${repeats} repeats, and only ${history.faults} faults`);
  if (extraCards > 0) problems.push(`${extraCards} cards that nobody asked for`);
  return { repeats, extraCards };
}
