import { expect } from 'vitest';
import type { Item } from './team-model.ts';
import { expectCards, expectRows, readTeamRows, type Sides, type TeamRows } from './team-rows.ts';
import type { Run } from './team-step.ts';

/** Both sides as they are now, for a comparison. */
export function sidesOf({ model, real, media, recorded }: Run): Sides {
  const people = real.people.map(({ id }) => id);
  const isLenient = (key: string) => real.givenUp.has(key);
  return {
    model,
    people,
    isLenient,
    chatId: real.group().id,
    media,
    recorded,
    now: real.now(),
    aheadMs: real.aheadMs(),
  };
}

/** A queue item that is new; what is planned was free a moment ago. */
export function takeOver({ model, real, media }: Run, row: TeamRows['items'][number]): Item {
  const medium = media.indexOf(row.media);
  expect(model.isFree(medium, real.now())).toBe(true);
  const item: Item = {
    id: row.id,
    media: medium,
    status: 'pending',
    at: row.at + real.aheadMs(),
    shownIn: undefined,
    isEditable: false,
    since: 0,
    asked: undefined,
    claim: undefined,
    votes: new Set(),
  };
  model.items.push(item);
  return item;
}

/** Takes over what the model cannot know: ids of new items, and the times of the plan. */
export async function agree(run: Run, expected: { added: number } = { added: 0 }): Promise<void> {
  const { model, real, media } = run;
  const rows = await readTeamRows(real.db, new Date(real.now() - real.aheadMs()));
  for (const { id } of rows.media) if (!media.includes(id)) media.push(id);
  const added = rows.items.filter(({ id }) => !model.items.some((item) => item.id === id));
  expect(added).toHaveLength(expected.added);
  for (const row of added) takeOver(run, row);
  for (const item of model.items) {
    const row = rows.items.find(({ id }) => id === item.id);
    if (row && item.status === 'pending') item.at = row.at + real.aheadMs();
    // Where the new card is.
    if (item.shownIn?.messageId === UNKNOWN && row?.messageId) item.shownIn.messageId = row.messageId;
  }
  expectRows(rows, sidesOf(run));
}

/** A message id that the next comparison fills in. */
const UNKNOWN = -1;

/** A card has come into the chat; where it stands is read with the next comparison. */
export function shown(run: Run, item: Item): void {
  run.model.show(item, { chatId: run.real.group().id, messageId: UNKNOWN }, run.real.now());
}

/** At the end: every card shows its row, and what the model says. */
export async function finish(run: Run): Promise<void> {
  await run.real.sweep();
  await expectCards({ ...sidesOf(run), cards: run.real.cards, telegram: run.real.telegram });
}
