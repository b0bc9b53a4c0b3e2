import { expect, test, vi } from 'vitest';
import { isRunning } from '../../src/db/proc.ts';
import { serverFolders } from '../../src/db/server-folders.ts';
import { serverPid } from '../../src/db/server-process.ts';
import { healthOf, originOf, PROJECT, startMain, startProcess } from '../support/bot-process.ts';
import { openDatabaseProxy } from '../support/database-proxy.ts';
import { dataDirectory } from '../support/embedded.ts';
import { startProcessTeam } from '../support/process-team.ts';
import { until } from '../support/until.ts';

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const CLEAN = { code: 0, signal: null };

test('Ctrl-C in the terminal of npm start stops everything cleanly, and a second start keeps the data', async () => {
  const team = await startProcessTeam();
  const dataDir = dataDirectory();
  const env = { ...team.env, DATABASE_URL: '', DATA_DIR: dataDir };
  // npm finds the Node of the packages through the PATH that it makes itself.
  const first = startProcess('npm', ['start'], { env, cwd: PROJECT });
  await first.waitForLine('listening to Telegram');
  const [card] = await team.cards(1);
  const server = serverPid(serverFolders(dataDir));
  first.killGroup('SIGINT');
  expect(await first.ended()).toEqual(CLEAN);
  expect(isRunning(server ?? 0)).toBe(false);
  expect(first.output()).toContain('"msg":"stopped"');
  expect(first.output()).not.toMatch(/"level":"(error|fatal)"/);

  const second = startProcess('npm', ['start'], { env, cwd: PROJECT });
  await second.waitForLine('listening to Telegram');
  expect(card && (await team.bob.press(card, 'Posted'))).toEqual({ text: 'Posted. Not offered again for 30 days.' });
  // As Docker stops it: npm alone gets the signal, and hands it on.
  second.kill('SIGTERM');
  expect(await second.ended()).toEqual(CLEAN);
  expect(second.output()).toContain('"msg":"stopped"');
  expect(serverPid(serverFolders(dataDir))).toBeUndefined();
});

test('a signal that comes while the process starts stops it cleanly and leaves no database server behind', async () => {
  const dataDir = dataDirectory();
  const { env } = await startProcessTeam();
  const run = startMain({ ...env, DATABASE_URL: '', DATA_DIR: dataDir });
  await run.waitForLine('database migrated');
  run.kill('SIGINT');
  expect(await run.ended()).toEqual(CLEAN);
  expect(serverPid(serverFolders(dataDir))).toBeUndefined();
  expect(run.output()).not.toMatch(/"level":"(error|fatal)"/);
});

test('SIGINT stops a bot that cannot reach Telegram', async () => {
  const team = await startProcessTeam();
  team.telegram.arm('getMe', { cut: 'before' }, { times: 1000 });
  const run = startMain(team.env);
  await run.waitForLine('polling ended; starting again');
  expect(await healthOf(await originOf(run))).toMatchObject({ code: 503, telegram: 'no answer from Telegram' });
  run.kill('SIGINT');
  expect(await run.ended({ timeoutMs: 10_000 })).toEqual(CLEAN);
});

test('a Telegram that cannot be reached at the start is asked again until it answers', async () => {
  const team = await startProcessTeam();
  team.telegram.arm('getMe', { cut: 'before' }, { times: 2 });
  await team.start();
  expect(await team.cards(1)).toHaveLength(1);
});

test('SIGINT stops a bot that waits for its database', async () => {
  const team = await startProcessTeam();
  const proxy = await openDatabaseProxy(team.test.target);
  proxy.close();
  const run = startMain({ ...team.env, DATABASE_URL: proxy.url() });
  await run.waitForLine('the database does not answer yet; trying again');
  run.kill('SIGINT');
  expect(await run.ended({ timeoutMs: 5_000 })).toEqual(CLEAN);
});

test('a database that comes later than the bot is waited for', async () => {
  const team = await startProcessTeam();
  const proxy = await openDatabaseProxy(team.test.target);
  proxy.close();
  const run = startMain({ ...team.env, DATABASE_URL: proxy.url() });
  await run.waitForLine('the database does not answer yet; trying again');
  proxy.open();
  await run.waitForLine('listening to Telegram');
  expect(await healthOf(await originOf(run))).toMatchObject({ code: 200 });
});

test('two starts at once in one DATA_DIR end with one bot, and with one clear sentence and exit code 1', async () => {
  const team = await startProcessTeam();
  const env = { ...team.env, DATABASE_URL: '', DATA_DIR: dataDirectory() };
  const runs = [startMain(env), startMain(env)];
  const loser = await Promise.race(runs.map(async (run) => ({ run, ending: await run.ended() })));
  expect(loser.ending).toEqual({ code: 1, signal: null });
  const sentences = loser.run
    .output()
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('{'));
  expect(sentences).toEqual([
    expect.stringMatching(/^Storyline is already running on this database \(process \d+ on .+, since .+ UTC\)\. /),
  ]);
  const winner = runs.find((run) => run !== loser.run);
  await winner?.waitForLine('listening to Telegram');
  expect(await team.cards(1)).toHaveLength(1);
  expect(team.telegram.calls('getUpdates').some(({ answer }) => !answer.ok)).toBe(false);
  winner?.kill('SIGINT');
  expect(await winner?.ended()).toEqual(CLEAN);
});

test('a second start on the same DATABASE_URL is refused and does not disturb the first', async () => {
  const team = await startProcessTeam();
  const first = await team.start();
  const second = startMain(team.env);
  expect(await second.ended()).toEqual({ code: 1, signal: null });
  expect(second.output()).toMatch(
    new RegExp(`^Storyline is already running on this database \\(process ${first.pid} on `),
  );
  expect(await team.cards(1)).toHaveLength(1);
  expect(await healthOf(await originOf(first))).toMatchObject({ code: 200 });
});

test('a port in use is said in one sentence, and the database is let go', async () => {
  const team = await startProcessTeam();
  const port = new URL(team.telegram.apiRoot).port;
  const dataDir = dataDirectory();
  const run = startMain({ ...team.env, DATABASE_URL: '', DATA_DIR: dataDir, PORT: port });
  expect(await run.ended()).toEqual({ code: 1, signal: null });
  expect(run.output()).toContain(`\nPort ${port} is in use: is Storyline running already?`);
  expect(serverPid(serverFolders(dataDir))).toBeUndefined();
});

test('PM2 is told when the bot is ready', async () => {
  const team = await startProcessTeam();
  const run = startMain(team.env, { tellsReady: true });
  const { promise, resolve } = Promise.withResolvers<unknown>();
  run.child.on('message', resolve);
  expect(await promise).toBe('ready');
  expect((await fetch(`${await originOf(run)}/readyz`)).status).toBe(200);
});

test('the first admin’s code is printed while nobody is named admin, works once, and then no more is printed', async () => {
  const team = await startProcessTeam();
  const first = await team.start({ ADMIN_TELEGRAM_IDS: '' });
  const line = await first.waitForLine('There is no admin yet.');
  const code = /\/start ([\w-]{20,})/.exec(line)?.[1] ?? '';
  const { bob, alice, telegram } = team;
  bob.send(bob.privateChat, `/start ${code}`);
  await until(() => team.rows(`select 1 from users where first_name = 'Bob' and role = 'admin'`));
  alice.send(alice.privateChat, `/start ${code}`);
  await telegram.idle({ timeoutMs: 20_000 });
  expect(await team.rows(`select first_name from users where role = 'admin'`)).toEqual([{ first_name: 'Bob' }]);
  first.kill('SIGTERM');
  await first.ended();

  const second = await team.start({ ADMIN_TELEGRAM_IDS: '' });
  expect(second.output()).not.toContain('There is no admin yet');
  expect(second.output()).not.toContain('/start');
});

test('a code that was not used is void at the next start', async () => {
  const team = await startProcessTeam();
  const codes: string[] = [];
  for (const _ of [1, 2]) {
    const run = await team.start({ ADMIN_TELEGRAM_IDS: '' });
    codes.push(/\/start ([\w-]{20,})/.exec(await run.waitForLine('There is no admin yet.'))?.[1] ?? '');
    if (codes.length === 1) {
      run.kill('SIGTERM');
      await run.ended();
    }
  }
  expect(codes[0]).not.toBe(codes[1]);
  team.bob.send(team.bob.privateChat, `/start ${codes[0]}`);
  await team.telegram.idle({ timeoutMs: 20_000 });
  expect(await team.rows(`select 1 from users where role = 'admin'`)).toEqual([]);
});
