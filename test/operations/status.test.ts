import { afterAll, beforeAll, expect, test } from 'vitest';
import { interactionRows } from '../support/rows.ts';
import { startTeam, type Team } from '../support/team.ts';

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.stop());

async function status(): Promise<string> {
  team.bob.send(team.group, '/status');
  await team.settle();
  return team.telegram.messages(team.group).findLast(({ text }) => text?.includes('\nQueue: '))?.text ?? '';
}

test('/status of a bot that has just started', async () => {
  expect(await status()).toMatch(
    /^🟢 Running\nQueue: 0 planned, 0 waiting for a decision\nLibrary: 0 media\nNext card: nothing planned\nLast post: never\nUp: 0 s\nDisk: 50 GB free \(50 %\)\nDatabase: PostgreSQL \d+\.\d+, embedded\nVersion: test\nTimes are Europe\/Berlin\.$/,
  );
});

test('/status counts what is planned, waits and lies in the library, and says what comes next and what was last', async () => {
  await team.fill(3);
  const card = await team.nextCard();
  await team.nextCard();
  await team.bob.press(card, 'Posted');
  team.clock.advance(26 * 3_600_000);
  const text = await status();
  expect(text).toContain('Queue: 1 planned, 1 waiting for a decision\nLibrary: 3 media\nMaterial: less than a day\n');
  expect(text).toContain('Next card: Fri 20 Nov 14:00\nLast post: Fri 20 Nov 12:00\nUp: 1 d 2 h\n');
  expect((await interactionRows(team.test.db)).at(-1)).toMatchObject({
    interactionName: '/status',
    context: { queue_size: 1, media_count: 3, uptime_hours: 26, outcome: 'done' },
  });
});

test('an undone post is no last post', async () => {
  const { bob, clock } = team;
  const card = await team.nextCard();
  await bob.press(card, 'Posted');
  await team.settle();
  expect(await status()).toContain('Last post: today 14:00');
  await bob.press(team.now(card), 'Undo');
  clock.advance(1000);
  expect(await status()).toContain('Last post: Fri 20 Nov 12:00');
});

test('/status of a paused chat says so, and since when', async () => {
  team.alice.send(team.group, '/pause');
  await team.settle();
  team.clock.advance(60_000);
  expect(await status()).toMatch(/^⏸️ Paused since today 14:00\n/);
});
