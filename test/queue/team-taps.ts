import type { Update } from 'grammy/types';
import { expect } from 'vitest';
import { reasonKey } from '../../src/queue/card-buttons.ts';
import { agree } from './team-agreement.ts';
import { type Action, type Expected, type Item, REFUSED_TAP } from './team-model.ts';
import type { RealTeam, Run, TapStep } from './team-step.ts';

/** The bot's id, with which delivery keys begin. */
export const botIdOf = ({ telegram }: RealTeam) => telegram.bot.id;
/** The delivery key of a message (DESIGN, section 5). */
export const keyOfMessage = (real: RealTeam, message: { chat: { id: number }; message_id: number }) =>
  `${botIdOf(real)}:msg:${message.chat.id}:${message.message_id}`;

/** The card that a step means, of those that were ever sent; undefined when there is none yet. */
export function targetOf({ model }: Run, { card }: { card: number }): Item | undefined {
  const sent = model.sent();
  return sent[card % Math.max(1, sent.length)];
}

function dataOf({ action, reason = '' }: TapStep, item: Item): string {
  if (action === 'reason') return `queue:reason:${item.id}.${reasonKey(reason)}`;
  return action === 'claim' || action === 'other' ? `queue:${action}:${item.id}` : `${action}:${item.id}`;
}

/** A reason stands for "Yes, reject" (README); refused at the door, a button has its own name. */
function nameOf({ action }: TapStep, expected: Expected): string {
  if (action === 'reason' && expected !== REFUSED_TAP) return 'confirm_reject';
  return ['reason', 'claim', 'other'].includes(action) ? `queue:${action}` : action;
}

const BUTTONS: readonly (readonly [string, Action])[] = [
  ['✅ Posted', 'posted'],
  ['⏭️ Skip', 'skip'],
  ['🚫 Reject', 'reject'],
  ['🙋 On it', 'claim'],
  ['↩️ Undo', 'undo'],
  ['↩️ Take my approval back', 'undo'],
  ['🚫 Yes, reject', 'confirm_reject'],
  ['↩️ No, keep it', 'cancel_reject'],
  ['✏️ Other…', 'other'],
];

/** Nothing that the model follows. */
const ASIDE = ['👍', 'ℹ️'];

/** The button that is meant, of those that the card shows; whoever presses where there is none, presses an old Undo. */
function onShown({ model, real }: Run, step: TapStep, item: Item): TapStep {
  if (step.action !== 'shown') return step;
  const labels = model.card(item, real.now()).buttons.filter((label) => !ASIDE.includes(label));
  const label = labels[(step.button ?? 0) % Math.max(1, labels.length)] ?? '↩️ Undo';
  const [, action] = BUTTONS.find(([begin]) => label.startsWith(begin)) ?? [];
  return action ? { ...step, action } : { ...step, action: 'reason', reason: label.replace('🚫 ', '') };
}

/** Presses; the update waits at Telegram. */
export function press(run: Run, any: TapStep): Run['taps'][number] | undefined {
  const item = targetOf(run, any);
  const step = item && onShown(run, any, item);
  if (!step) return undefined;
  const person = run.real.people[step.by];
  if (!item?.shownIn || !person) return undefined;
  const { chatId, messageId } = item.shownIn;
  const data = dataOf(step, item);
  void person.tap({ id: chatId }, data, { messageId });
  const update = run.real.telegram.lastUpdate(({ callback_query: query }) => query?.data === data);
  return { update, step, item };
}

const keyOfTap = (real: RealTeam, update: Update) => `${botIdOf(real)}:cb:${queryIdOf(update)}`;
/** The id of the tap that an update brings; empty for other updates. */
export const queryIdOf = ({ callback_query: query }: Update) => query?.id ?? '';

/** All that a person was told about a tap. */
function answersTo({ telegram }: RealTeam, queryId: string) {
  return telegram
    .calls('answerCallbackQuery')
    .filter(({ payload, answer }) => answer.ok && payload.callback_query_id === queryId)
    .map(({ payload }) => ({ says: String(payload.text ?? ''), isAlert: String(payload.show_alert) === 'true' }));
}

/** Compares what a person was told, word by word, with what the model says. */
export function expectSaid(answer: { says: string; isAlert: boolean } | undefined, { says, isAlert }: Expected): void {
  if (typeof says === 'string') expect(answer).toEqual({ says, isAlert });
  else {
    expect(answer?.says).toMatch(says);
    expect(answer?.isAlert).toBe(isAlert);
  }
}

/** Works a tap that the bot has dealt with into the model, and compares answer and row. */
export async function account(run: Run, { step, item }: Pick<Run['taps'][number], 'step' | 'item'>, queryId: string) {
  const { model, real, recorded } = run;
  const key = `${botIdOf(real)}:cb:${queryId}`;
  const fate = await real.fateOf(key);
  if (fate.kind === 'given up') return;
  const { action, by, reason } = step;
  if (action === 'shown') throw new Error('a button that was pressed has an action');
  const expected =
    action === 'reason'
      ? model.tapReason(reason ?? '', item, by, fate.at)
      : model.tap(action, item, by, fate.at, reason);
  recorded.set(key, { name: nameOf(step, expected), outcome: expected.outcome, by });
  const answers = answersTo(real, queryId);
  if (answers.length === 0 && fate.mayBeSilent) return;
  expect(answers).toHaveLength(1);
  expectSaid(answers[0], expected);
}

/** One tap to its end: pressed, dealt with, answered, and all of the team compared. */
export async function tap(run: Run, step: TapStep): Promise<void> {
  const pressed = press(run, step);
  if (!pressed) return;
  run.taps.push(pressed);
  await run.real.settle();
  await account(run, pressed, queryIdOf(pressed.update));
  await agree(run);
}

/** The same update once more, the same tap in another update, or a client's second try: the same tap with a new id (T04). */
export async function again(
  run: Run,
  { back, as }: { back: number; as: 'same' | 'new update' | 'new query' },
): Promise<void> {
  const { real, taps, recorded } = run;
  const earlier = taps.at(-1 - (back % Math.max(1, taps.length)));
  // One that was given up has not happened yet.
  if (!earlier || earlier.step.action === 'other' || !recorded.has(keyOfTap(real, earlier.update))) return;
  const update = real.telegram.redeliver(
    earlier.update,
    as === 'new query' ? { newQueryId: true } : { newUpdateId: as === 'new update' },
  );
  await real.settle();
  if (as === 'new query') {
    taps.push({ ...earlier, update });
    await account(run, earlier, queryIdOf(update));
  }
  await agree(run);
}
