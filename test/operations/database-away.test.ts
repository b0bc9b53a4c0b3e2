import { expect, test } from 'vitest';
import { createIsDatabaseAway } from '../../src/operations/database-away.ts';

/** Asks after each failure of update 7; the word says what the database does at that moment. Gives whether it waits. */
async function waits(...states: ('answers' | 'is away')[]): Promise<boolean[]> {
  let state = '';
  const isDatabaseAway = createIsDatabaseAway({
    pingDatabase: () => (state === 'answers' ? Promise.resolve() : Promise.reject(new Error('away'))),
  });
  const found: boolean[] = [];
  for (state of states) found.push(await isDatabaseAway(7));
  return found;
}

test('an update waits as long as the database is away', async () => {
  expect(await waits('is away', 'is away', 'is away', 'is away', 'is away')).toEqual(Array(5).fill(true));
});

test('an update that fails three times although the database answers waits no longer', async () => {
  expect(await waits('answers', 'answers', 'answers')).toEqual([true, true, false]);
});

test('a database that came back between a failure and the question has not failed because of the update', async () => {
  expect(await waits('is away', 'is away', 'is away', 'answers')).toEqual([true, true, true, true]);
  expect(await waits('answers', 'answers', 'is away', 'answers', 'answers', 'answers')).toEqual([
    true,
    true,
    true,
    true,
    true,
    false,
  ]);
});

test('each update is counted for itself', async () => {
  const isDatabaseAway = createIsDatabaseAway({ pingDatabase: () => Promise.resolve() });
  const found: boolean[] = [];
  for (const updateId of [1, 1, 2, 2, 1]) found.push(await isDatabaseAway(updateId));
  expect(found).toEqual(Array(5).fill(true));
});
