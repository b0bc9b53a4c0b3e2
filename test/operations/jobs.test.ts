import { sql } from 'drizzle-orm';
import type { Message } from 'grammy/types';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditLog } from '../../src/db/schema/index.ts';
import { buttonsOf } from '../support/buttons.ts';
import { interactionRows } from '../support/rows.ts';
import { press } from '../support/settings.ts';
import { startTeam, type Team } from '../support/team.ts';

let team: Team;
beforeAll(async () => {
  team = await startTeam();
  await team.services.clockTick();
});
afterAll(() => team.stop());

/** Somebody sends /jobs; the answer. */
async function jobs(chat: { id: number } = team.group, person = team.alice): Promise<Message> {
  const sent = person.send(chat, '/jobs');
  return team.telegram.waitForMessage(chat, ({ message_id: id, text }) => id > sent.message_id && text !== undefined);
}

/** Waits until the message says so. */
async function textBecomes(message: Message, words: RegExp): Promise<void> {
  await team.telegram.waitFor(() => words.test(team.now(message).text ?? ''));
  await team.settle();
}

/** Waits until no durable job of the clock is left, and what came of it is written. */
async function jobsAreDone(): Promise<void> {
  await expect
    .poll(
      async () => {
        const rows = await team.test.db.execute(sql`
        select 1 where exists (select from job_runs where outcome is null)`);
        return rows.length;
      },
      { timeout: 10_000, interval: 20 },
    )
    .toBe(0);
  await team.settle();
}

test('/jobs lists every job with its next run in the chat’s zone, and a button for each', async () => {
  const message = await jobs();
  expect(message.text).toMatch(
    /^🗓 Jobs\nTimes are Europe\/Berlin\.\n\n▫️ daily-digest\nhas not run yet\nnext tomorrow 09:00\n/,
  );
  expect(message.text).toContain('▫️ weekly-team-report\nhas not run yet\nnext Mon 23 Nov 09:00');
  expect(message.text).toContain('▫️ keep-plan\nhas not run yet\nnext today 12:05');
  expect(buttonsOf(message).flat()).toEqual([
    'daily-digest',
    'weekly-team-report',
    'stats-job',
    'nightly-import',
    'export-job',
    'keep-plan',
    'watch-library',
    'watch-activity',
    'prune-job-runs',
  ]);
});

test('members are refused, and the refusal is recorded', async () => {
  expect((await jobs(team.group, team.bob)).text).toBe('This is for admins. /stats shows your own figures.');
  await team.settle();
  expect((await interactionRows(team.test.db)).at(-1)).toMatchObject({
    by: 'Bob',
    interactionName: '/jobs',
    context: { outcome: 'denied' },
  });
});

test('Run now runs the job, and the message shows how it ended', async () => {
  const message = await jobs();
  expect(await press(team, message, 'stats-job')).toMatch(
    /^🗓 stats-job\nfigures that are kept ready; daily at 03:10\nNext: tomorrow 04:10 \(Europe\/Berlin\)\n\nIt has not run yet\.$/,
  );
  expect(await team.alice.press(team.now(message), '▶️ Run now')).toEqual({ text: 'stats-job begins.' });
  await textBecomes(
    message,
    /\n\n➖ today 12:00 \(by hand\): Nothing to compute: all figures are read as they are asked for\.$/,
  );
  expect(await press(team, message, '◀️ All jobs')).toContain('➖ stats-job\nlast today 12:00\nnext tomorrow 04:10');
  const [audit] = await team.test.db.select().from(auditLog).where(sql`action = 'job_requested'`);
  expect(audit).toMatchObject({ after: { job: 'stats-job' } });
  expect((await interactionRows(team.test.db)).map(({ interactionName }) => interactionName)).toContain('jobs:run');
});

test('Pause stops a job in every chat and says who did; Resume lets it go on', async () => {
  const message = await jobs();
  await press(team, message, 'keep-plan');
  expect(await team.alice.press(team.now(message), '⏸️ Pause')).toEqual({
    text: 'keep-plan is paused, in every chat.',
  });
  await team.settle();
  expect(team.now(message).text).toContain('⏸️ Paused by Alice since today 12:00.');
  expect(await press(team, message, '◀️ All jobs')).toContain('⏸️ keep-plan\nhas not run yet\npaused since today 12:00');
  team.clock.advance(300_000);
  await team.services.clockTick();
  await press(team, message, 'keep-plan');
  expect(team.now(message).text).toContain('➖ today 12:05: The job is paused.');
  expect(await team.alice.press(team.now(message), '⏯ Resume')).toEqual({ text: 'keep-plan goes on.' });
  await team.settle();
  team.clock.advance(3_600_000);
  await team.services.clockTick();
  await jobsAreDone();
  expect(await press(team, message, '🔄 Refresh')).toContain(
    '➖ today 13:05: Nothing to plan.\n➖ today 12:05: The job is paused.',
  );
  const rows = await team.test.db.select().from(auditLog).where(sql`action in ('job_paused', 'job_resumed')`);
  expect(rows.map(({ action, actorId }) => [action, actorId !== null])).toEqual([
    ['job_paused', true],
    ['job_resumed', true],
  ]);
});

test('a job that fails shows why, and its message becomes right when it works again', async () => {
  const { db } = team.test;
  await db.execute(sql`insert into job_runs (job, slot, outcome, words, claimed_at, attempt, duration_ms)
    values ('stats-job', ${team.clock.now().toISOString()}, 'failed', ${'Telegram: sendMessage: 500 🔥 <b>Bad</b>'}, now(), 10, 65000)`);
  const message = await jobs();
  expect(message.text).toContain('❌ stats-job\nlast today 13:05, 1 min\nTelegram: sendMessage: 500 🔥 <b>Bad</b>\n');
  await press(team, message, 'stats-job');
  team.clock.advance(60_000);
  await team.alice.press(team.now(message), '▶️ Run now');
  await textBecomes(message, /➖ today 13:06 \(by hand\): Nothing to compute.*\n❌ today 13:05, 1 min: Telegram/);
});

describe('of a second team', () => {
  const second = -1_009_999;
  beforeAll(async () => {
    await team.services.chats.admit({
      id: second,
      title: '<b>Zweites & Team</b> mit einem sehr langen Namen',
      type: 'supergroup',
      timeZone: 'Asia/Kolkata',
      addedBy: null,
    });
  });

  test('in private the job asks for which chat it is to run', async () => {
    const message = await jobs(team.alice.privateChat);
    expect(message.text).toContain('▫️ daily-digest\nhas not run yet\nnext tomorrow 04:30');
    await press(team, message, 'daily-digest');
    expect(await press(team, message, '▶️ Run now')).toMatch(/For which chat\?$/);
    expect(buttonsOf(team.now(message)).flat()).toEqual(['Team', '<b>Zweites & Team</b> m…', '◀️ Back']);
    expect(await team.alice.press(team.now(message), 'Team')).toEqual({ text: 'daily-digest begins.' });
    await textBecomes(message, /today 13:06 \(by hand\) · Team/);
  });

  test('in its own group the team sees and runs its own alone', async () => {
    const message = await jobs();
    await press(team, message, 'daily-digest');
    expect(team.now(message).text).toContain('Next: tomorrow 09:00 (Europe/Berlin)');
    expect(team.now(message).text).not.toContain('Zweites');
  });
});

test('forged and outdated buttons are refused', async () => {
  await jobs();
  for (const data of [
    'jobs:run:daily-digest.-1009999',
    'jobs:show:nothing',
    'jobs:eat:keep-plan',
    'jobs:show',
    'jobs:run:keep-plan;drop',
  ]) {
    const answer = await team.alice.tap(team.group, data);
    expect([data, answer]).toEqual([
      data,
      { text: 'This button is not valid any more. Send /jobs again.', show_alert: true },
    ]);
  }
});
