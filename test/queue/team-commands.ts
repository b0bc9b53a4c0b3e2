import type { Message } from 'grammy/types';
import { expect } from 'vitest';
import { picture } from '../support/picture.ts';
import { agree, shown, takeOver } from './team-agreement.ts';
import type { Expected } from './team-model.ts';
import { readTeamRows } from './team-rows.ts';
import type { RealTeam, Run, Step } from './team-step.ts';
import { botIdOf, expectSaid, keyOfMessage, queryIdOf, tap, targetOf } from './team-taps.ts';

let pictures = 50_000;

/** The bot's message in answer to a command: the newest text of the chat. */
export function lastText({ telegram, group }: RealTeam): Message | undefined {
  return telegram.messages(group()).findLast(({ text, from }) => text !== undefined && from?.is_bot === true);
}

/** A command of a member in the group; its row, then what the model makes of it. */
async function command(
  run: Run,
  by: number,
  text: string,
  work: (at: number) => Expected,
): Promise<Expected | undefined> {
  const { real, recorded } = run;
  const person = real.people[by];
  if (!person) return undefined;
  const key = keyOfMessage(real, person.send(real.group(), text));
  await real.settle();
  const fate = await real.fateOf(key);
  if (fate.kind === 'given up') return undefined;
  const expected = work(fate.at);
  recorded.set(key, { name: text.split(' ')[0] ?? '', outcome: expected.outcome, by });
  return expected;
}

/** `/next`: the earliest planned card, else one of the library, else a noop. */
export async function next(run: Run, by: number): Promise<void> {
  const { model, real, media } = run;
  const [planned] = model.pending();
  const hasFree = media.some((_, index) => model.isFree(index, real.now()));
  const isThere = planned !== undefined || hasFree;
  let added = 0;
  const answered = await command(run, by, '/next', () => {
    if (planned) shown(run, planned);
    else if (hasFree) added = 1;
    return { outcome: isThere ? 'done' : 'noop', says: '', isAlert: false };
  });
  if (answered) run.asked.push(real.telegram.lastUpdate(({ message }) => message?.text === '/next'));
  if (added === 1) await takeOverNewCard(run);
  await agree(run);
}

/** A `/next` that was dealt with is delivered again: it brings no second card. */
export async function nextAgain(run: Run, back: number): Promise<void> {
  const update = run.asked.at(-1 - (back % Math.max(1, run.asked.length)));
  if (!update) return;
  const cards = () => run.real.telegram.messages(run.real.group()).filter(({ photo }) => photo !== undefined).length;
  const before = cards();
  run.real.telegram.redeliver(update, { newUpdateId: true });
  await run.real.settle();
  expect(cards()).toBe(before);
  await agree(run);
}

/** A card from the library: a new item that is in the chat at once. */
async function takeOverNewCard(run: Run): Promise<void> {
  const { model, real } = run;
  const rows = await readTeamRows(real.db, new Date(real.now() - real.aheadMs()));
  const [row, ...others] = rows.items.filter(({ id }) => !model.items.some((item) => item.id === id));
  expect(others).toEqual([]);
  if (!row) throw new Error('/next brought nothing, and the library has something');
  const item = takeOver(run, row);
  shown(run, item);
}

/** A picture in private: it is in the library and planned, and who sent it has added it. */
export async function add(run: Run, by: number): Promise<void> {
  const { model, real, recorded } = run;
  const person = real.people[by];
  if (!person) return;
  pictures += 1;
  const sent = person.sendMedia(person.privateChat, { kind: 'photo', bytes: picture(pictures) });
  await real.telegram.waitForMessage(
    person.privateChat,
    ({ reply_to_message: to }) => to?.message_id === sent.message_id,
    { timeoutMs: 30_000 },
  );
  await real.settle();
  recorded.set(keyOfMessage(real, sent), { name: 'upload', outcome: 'done', by });
  model.adders.push(by);
  await agree(run, { added: 1 });
}

/** "Other…", and the reason in words as a reply to the question that follows. */
export async function writeReason(run: Run, step: { card: number; by: number; words: string }): Promise<void> {
  const { model, real, recorded } = run;
  const before = lastText(real)?.message_id;
  await tap(run, { do: 'tap', action: 'other', card: step.card, by: step.by });
  const prompt = lastText(real);
  const item = targetOf(run, step);
  const person = real.people[step.by];
  // In the group that became a supergroup nobody can write any more.
  if (!prompt?.text?.startsWith('✏️') || prompt.message_id === before || !item || !person) return;
  const reply = person.send(real.group(), step.words, { replyTo: prompt });
  const key = keyOfMessage(real, reply);
  await real.settle();
  const fate = await real.fateOf(key);
  if (fate.kind === 'given up') return;
  const expected = model.tap('confirm_reject', item, step.by, fate.at, step.words);
  // What changed nothing is no rejection, and keeps its own name.
  const name = expected.outcome === 'done' ? 'confirm_reject' : 'reject_reason';
  recorded.set(key, { name, outcome: expected.outcome, by: step.by });
  if (!fate.mayBeSilent) expectSaid({ says: lastText(real)?.text ?? '', isAlert: expected.isAlert }, expected);
  await agree(run);
}

/** `/pause` and `/resume`, with the button that says what happens to overdue posts. */
export async function pauseOrResume(run: Run, step: Extract<Step, { do: 'pause' | 'resume' }>): Promise<void> {
  const { model, real, recorded } = run;
  let isQuestion = false;
  const expected = await command(run, step.by, `/${step.do}`, (at) => {
    if (step.do === 'pause') return model.pause(step.by, at);
    const result = model.resume(step.by, at);
    isQuestion = result.isQuestion === true;
    return result;
  });
  const said = lastText(real);
  if (expected) expect(said?.text ?? '').toMatch(expected.says);
  if (!isQuestion || step.do !== 'resume' || step.choice === undefined || !said) return agree(run);
  const { choice } = step;
  const data = `resume:${choice}:${real.group().id}`;
  void real.people[step.by]?.tap(real.group(), data, { messageId: said.message_id });
  const update = real.telegram.lastUpdate(({ callback_query: query }) => query?.data === data);
  await real.settle();
  const outcome = model.resume(step.by, real.now(), choice);
  recorded.set(`${botIdOf(real)}:cb:${queryIdOf(update)}`, {
    name: `resume:${choice}`,
    outcome: outcome.outcome,
    by: step.by,
  });
  await agree(run);
  if (choice === 'reschedule') expect(model.pending().every(({ at }) => at > real.now())).toBe(true);
}
