import { expect, test } from 'vitest';
import type { History, InteractionRow, ItemRow, Tap } from './history.ts';
import { checkHistory } from './history-checker.ts';

const ITEM = '0198f000-0000-7000-8000-000000000001';
const OTHER = '0198f000-0000-7000-8000-000000000002';
const MEDIUM = '0198f000-0000-7000-8000-00000000000a';
const CARD = { caption: '✅ Posted by Bob', buttons: '[]' };

const TAP: Tap = {
  queryId: '7',
  by: 102,
  messageId: 5,
  data: `posted:${ITEM}`,
  answers: ['Posted. Not offered again.'],
};
const TAP_ROW: InteractionRow = {
  deliveryKey: '1:cb:7',
  type: 'callback',
  name: 'posted',
  outcome: 'done',
  queueItemId: ITEM,
  by: 102,
};
const ITEM_ROW: ItemRow = {
  id: ITEM,
  chatId: -100,
  mediaItemId: MEDIUM,
  status: 'posted',
  messageId: 5,
  isRepeat: false,
  expected: CARD,
  shown: CARD,
};

/** Alice asked for a card, Bob posted it, and all three sides agree. */
function honest(): History {
  return {
    botId: 1,
    taps: [TAP],
    sent: [{ chatId: -100, messageId: 4, by: 101, kind: 'command', text: '/next' }],
    cards: [{ queueItemId: ITEM, messageId: 5, isLabelled: false }],
    replies: [],
    pending: 0,
    items: [ITEM_ROW],
    decisions: [{ id: 'd', queueItemId: ITEM, decision: 'posted', isUndone: false, by: 102, source: 'tap' }],
    interactions: [
      { deliveryKey: '1:msg:-100:4', type: 'command', name: '/next', outcome: 'done', queueItemId: ITEM, by: 101 },
      TAP_ROW,
    ],
    log: '{"msg":"listening to Telegram"}',
    faults: 0,
  };
}

test('a history in which all sides agree has no problem', () => {
  expect(checkHistory(honest())).toEqual({
    problems: [],
    figures: {
      taps: 1,
      answered: 1,
      expired: 0,
      decisions: 1,
      undone: 0,
      lostDecisions: 0,
      lostInteractions: 0,
      repeats: 0,
      extraCards: 0,
    },
  });
});

/** What is wrong with the history, and words of the problem that names it. */
const CORRUPTED: Readonly<Record<string, { spoil: (history: History) => void; says: RegExp }>> = {
  'a confirmed decision without its row': {
    spoil: (history) => {
      history.interactions.pop();
    },
    says: /^lost: 102 was told/,
  },
  'a decision that vanished though its tap is recorded': {
    spoil: (history) => {
      history.decisions = [];
    },
    says: /is posted, decisions: 0/,
  },
  'two final decisions on one item': {
    spoil: (history) => {
      history.decisions.push({ ...decision(history), id: 'e', decision: 'skipped', by: 103 });
    },
    says: /has 2 final decisions/,
  },
  'an undone decision on a posted item': {
    spoil: (history) => {
      history.decisions = [{ ...decision(history), isUndone: true }];
    },
    says: /is posted, decisions: 0/,
  },
  'a decision that is another one than the status': {
    spoil: (history) => {
      history.decisions = [{ ...decision(history), decision: 'skipped' }];
    },
    says: /is posted, its decision skipped/,
  },
  'a decision that no tap made': {
    spoil: (history) => {
      history.decisions = [{ ...decision(history), by: 103 }];
    },
    says: /1 decisions from 0 taps/,
  },
  'one tap that decided twice, the first one undone': {
    spoil: (history) => {
      history.decisions.push({ ...decision(history), id: 'e', isUndone: true });
    },
    says: /2 decisions from 1 taps/,
  },
  'a tap that was never answered, without a fault': {
    spoil: (history) => {
      history.taps = [{ ...TAP, answers: [] }];
    },
    says: /1 taps were never answered/,
  },
  'a tap that was answered twice': {
    spoil: (history) => {
      history.taps = [{ ...TAP, answers: ['Posted.', 'Posted.'] }];
    },
    says: /answered 2 times/,
  },
  'a row that nobody caused': {
    spoil: (history) => {
      history.interactions.push({ ...TAP_ROW, deliveryKey: '1:cb:8', name: 'reject', outcome: 'noop' });
    },
    says: /^unexplained: a row callback reject/,
  },
  'a row without a key': {
    spoil: (history) => {
      history.interactions.push({ ...TAP_ROW, deliveryKey: null, name: 'reject' });
    },
    says: /^unexplained/,
  },
  'a row of somebody else': {
    spoil: (history) => {
      history.interactions = [...history.interactions.slice(0, 1), { ...TAP_ROW, by: 103 }];
    },
    says: /is of 103, not of 102/,
  },
  'a row about another card': {
    spoil: (history) => {
      history.interactions = [...history.interactions.slice(0, 1), { ...TAP_ROW, queueItemId: OTHER }];
    },
    says: /is about/,
  },
  'two rows of one tap': {
    spoil: (history) => {
      history.interactions.push(TAP_ROW);
    },
    says: /^two rows of 1:cb:7/,
  },
  'a command without its row': {
    spoil: (history) => {
      history.interactions.shift();
    },
    says: /1 without a row, of which the log admits 0: command \/next/,
  },
  'a card that shows something else than its row': {
    spoil: (history) => {
      history.items = [{ ...ITEM_ROW, shown: { ...CARD, caption: 'picture.png' } }];
    },
    says: /shows .*picture\.png/,
  },
  'a card with buttons that it must not have': {
    spoil: (history) => {
      history.items = [{ ...ITEM_ROW, shown: { ...CARD, buttons: '[[{"text":"✅ Posted"}]]' } }];
    },
    says: /shows .*not/,
  },
  'a card that is not in the chat': {
    spoil: (history) => {
      history.items = [{ ...ITEM_ROW, shown: null }];
    },
    says: /is not in the chat/,
  },
  'a card that is sent for ever': {
    spoil: (history) => {
      history.items.push({ ...ITEM_ROW, id: OTHER, status: 'sending', messageId: null });
    },
    says: /is still being sent/,
  },
  'a medium that stands twice in the plan': {
    spoil: (history) => {
      const planned = { ...ITEM_ROW, status: 'pending', messageId: null, mediaItemId: OTHER };
      history.items.push({ ...planned, id: 'p' }, { ...planned, id: 'q' });
    },
    says: /is planned 2 times/,
  },
  'a second card without a label': {
    spoil: (history) => {
      history.faults = 1;
      history.cards.push({ queueItemId: ITEM, messageId: 6, isLabelled: false });
    },
    says: /sent again without a label/,
  },
  'a third card of the same item': {
    spoil: (history) => {
      history.faults = 2;
      for (const messageId of [6, 7]) history.cards.push({ queueItemId: ITEM, messageId, isLabelled: true });
    },
    says: /was sent 3 times/,
  },
  'a labelled repeat without a fault': {
    spoil: (history) => {
      history.cards.push({ queueItemId: ITEM, messageId: 6, isLabelled: true });
    },
    says: /1 repeats, and only 0 faults/,
  },
  'two cards for one /next': {
    spoil: (history) => {
      history.cards.push({ queueItemId: OTHER, messageId: 6, isLabelled: false });
    },
    says: /1 cards that nobody asked for/,
  },
  'an answer that was said twice': {
    spoil: (history) => {
      const reply = { toMessageId: 4, chatId: 101, text: '✅ Added' };
      history.replies = [reply, reply];
    },
    says: /1 repeats, and only 0 faults/,
  },
  'an update that was left behind': {
    spoil: (history) => {
      history.pending = 1;
    },
    says: /still wait at Telegram/,
  },
  'a process that ended of a bug': {
    spoil: (history) => {
      history.log += '{"msg":"a bug ended the process"}';
    },
    says: /a bug ended the process/,
  },
};

test.each(Object.entries(CORRUPTED))('%s is found', (_, { spoil, says }) => {
  const history = honest();
  spoil(history);
  expect(checkHistory(history).problems).toContainEqual(expect.stringMatching(says));
});

test('what a fault excuses is counted, not held against the bot', () => {
  const history = honest();
  history.faults = 1;
  history.taps.push({ ...TAP, queryId: '8', answers: [] });
  history.cards.push({ queueItemId: ITEM, messageId: 6, isLabelled: true });
  history.log += '{"msg":"an interaction could not be recorded"}';
  const { problems, figures } = checkHistory(history);
  expect(problems).toEqual([]);
  expect(figures).toMatchObject({ expired: 1, repeats: 1, lostInteractions: 1, lostDecisions: 0 });
});

function decision({ decisions: [first] }: History) {
  if (!first) throw new Error('no decision');
  return first;
}
