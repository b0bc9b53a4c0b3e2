import { expect, test, vi } from 'vitest';
import { createJobRunRepository } from '../../src/operations/job-run-repository.ts';
import { terminal } from '../support/bot-process.ts';
import { ageRuns } from '../support/clockwork.ts';
import { startProcessTeam } from '../support/process-team.ts';
import { until } from '../support/until.ts';

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const RUNS = `select job, outcome, attempt, cause from job_runs where cause = 'person' order by slot`;
const SLEEPS = `pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`;

test('C09: a job whose process is killed with kill -9 in the middle of it runs again after the next start', async () => {
  const team = await startProcessTeam();
  const bot = await team.start();
  const statement = (words: string) => team.test.db.execute(words);
  await statement(
    `create function wait_here() returns trigger language plpgsql as 'begin perform pg_sleep(9); return null; end'`,
  );
  await statement('create trigger wait_here before delete on job_runs for each statement execute function wait_here()');
  const runs = createJobRunRepository(team.test.database);
  await runs.request({ job: 'prune-job-runs', chatId: undefined, by: null, now: new Date() });
  const [sleeping] = await until(() => team.rows(`select pid from ${SLEEPS}`));
  bot.kill('SIGKILL');
  await bot.ended();
  // What a power cut does too: a server that lives on would carry the statement out to its end.
  await team.rows(`select pg_terminate_backend(${Number(sleeping?.pid)})`);
  await until(() => team.rows(`select 1 where not exists (select from ${SLEEPS})`));
  await statement('drop trigger wait_here on job_runs');
  expect(await team.rows(RUNS)).toMatchObject([{ outcome: null, attempt: 1 }]);
  // Half a minute without a sign of life.
  await ageRuns(team.test, 31);

  await team.start();
  await until(() =>
    team.rows(`select 1 from job_runs where job = 'prune-job-runs' and outcome is not null and cause = 'person'`),
  );
  expect(await team.rows(RUNS)).toEqual([{ job: 'prune-job-runs', outcome: 'done', attempt: 2, cause: 'person' }]);
});

test('jobs list and run work beside the bot, which runs the job, and without it, in the terminal itself', async () => {
  const team = await startProcessTeam();
  const bot = await team.start();
  const beside = await terminal(['jobs', 'run', 'export-job', '--json'], team.env);
  expect(beside).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^The bot \(process \d+ on .*\) runs the job\.\n$/),
  });
  expect(JSON.parse(beside.stdout)).toMatchObject({
    job: 'export-job',
    outcome: 'skipped',
    words: 'personalize: skipped',
  });
  bot.kill('SIGTERM');
  await bot.ended();

  const alone = await terminal(['jobs', 'run', 'daily-digest'], team.env);
  expect(alone).toMatchObject({ code: 0, stderr: 'No bot runs on this database: the job runs here.\n' });
  expect(alone.stdout).toMatch(/^daily-digest:-\d+: skipped/);
  const list = await terminal(['jobs', 'list'], team.env);
  expect(list).toMatchObject({ code: 0, stderr: '' });
  expect(list.stdout).toMatch(/^daily-digest: daily at 09:00\n {2}Team: last .*, skipped .*; next .* 09:00 \(UTC\)\n/);
  const unknown = await terminal(['jobs', 'run', 'nothing'], team.env);
  expect(unknown).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^There is no job “nothing”\. There are: daily-digest, /),
  });
});
