import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { startTeam } from '../support/team.ts';
import { until } from '../support/until.ts';

const RUNNING_REPORTS = sql`select pid from pg_stat_activity
  where datname = current_database() and application_name = 'storyline reports' and wait_event = 'PgSleep'`;

test('D09: while reports hold all their connections, and more wait, no tap takes a second', async () => {
  const team = await startTeam({ hasReportsPool: true });
  onTestFinished(team.stop);
  await team.fill(5);
  const cards = [];
  for (let index = 0; index < 5; index += 1) cards.push(await team.nextCard());
  await team.settle();

  const slow = Promise.allSettled(
    [1, 2].map(() => team.reports.db.execute(sql`select pg_sleep(8)`).then((rows) => rows)),
  );
  const { db } = team.test;
  await until(async () => ((await db.execute(RUNNING_REPORTS)).length === 2 ? [true] : []));
  const isSent = (picture: { caption?: string }) => picture.caption?.includes('Your last 7 days');
  team.bob.send(team.group, '/stats');
  team.alice.send(team.group, '/team');

  const durations: number[] = [];
  for (const card of cards) {
    const before = performance.now();
    expect(await team.bob.press(card, 'Posted')).toMatchObject({ text: expect.stringContaining('Posted') });
    durations.push(performance.now() - before);
  }
  expect(Math.max(...durations)).toBeLessThan(1000);
  // They held their connections all the while, and the figures have not come.
  expect(await db.execute(RUNNING_REPORTS)).toHaveLength(2);
  expect(team.telegram.messages(team.group).filter(isSent)).toEqual([]);

  const pids = await db.execute<{ pid: number }>(RUNNING_REPORTS);
  for (const { pid } of pids) await db.execute(sql`select pg_cancel_backend(${pid})`);
  expect((await slow).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await team.settle();
  const answers = team.telegram.messages(team.group).filter(({ photo, date }) => photo && date).length;
  expect(answers).toBe(cards.length + 2);
});

test('figures that cannot be read are told to whoever asked, and nothing else is held up', async () => {
  const team = await startTeam();
  onTestFinished(team.stop);
  team.services.interactions.getUserStats = () =>
    team.test.db.execute(sql`do $$ begin raise exception using errcode = '57014'; end $$`).then(() => {
      throw new Error('unreachable');
    });
  team.bob.send(team.group, '/stats');
  await team.telegram.waitForMessage(team.group, ({ text }) => text?.startsWith('The figures cannot be read') ?? false);
});
