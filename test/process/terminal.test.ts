import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { serverFolders } from '../../src/db/server-folders.ts';
import { serverPid } from '../../src/db/server-process.ts';
import { healthOf, originOf, PROJECT, startProcess, temporaryFolder, terminal } from '../support/bot-process.ts';
import { dataDirectory } from '../support/embedded.ts';
import { startProcessTeam } from '../support/process-team.ts';

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

test('terminal commands share the database of the running bot and do not stop it', async () => {
  const team = await startProcessTeam();
  const dataDir = dataDirectory();
  const env = { ...team.env, DATABASE_URL: '', DATA_DIR: dataDir };
  const bot = await team.start(env);
  await team.cards(1);
  const server = serverPid(serverFolders(dataDir));

  const list = await terminal(['users', 'list'], env);
  expect(list).toEqual({ code: 0, stderr: '', stdout: expect.stringMatching(/^102 +member .+ Bob \(@bob\)$/m) });
  const queue = await terminal(['queue', 'list', '--json'], env);
  expect(queue).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(queue.stdout)).toMatchObject({
    chat_id: team.group.id,
    title: 'Team',
    waiting: [{ messageId: expect.any(Number) }],
  });
  expect(await terminal(['users', 'promote', '@bob', '--role', 'admin'], env)).toEqual({
    code: 0,
    stdout: 'Bob is admin now.\n',
    stderr: '',
  });
  expect(await terminal(['users', 'list'], env)).toMatchObject({ stdout: expect.stringMatching(/^102 +admin /m) });

  expect(serverPid(serverFolders(dataDir))).toBe(server);
  expect(await healthOf(await originOf(bot))).toMatchObject({ code: 200 });
  expect(bot.output()).not.toMatch(/"level":"(warn|error|fatal)"/);
});

test('a terminal command alone starts the server and stops it again', async () => {
  const dataDir = dataDirectory();
  const env = { DATA_DIR: dataDir, BOT_TOKEN: '1:AAAAAAAAAAAAAAAAAAAAAAAA' };
  expect(await terminal(['users', 'list'], env)).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(serverPid(serverFolders(dataDir))).toBeUndefined();
});

test('terminal commands end with 0, 1 or 2, data on stdout and words on stderr', async () => {
  const { env } = await startProcessTeam();
  const nobody = await terminal(['users', 'promote', '@nobody', '--role', 'admin'], env);
  expect(nobody).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^I do not know @nobody\./) });
  const noRole = await terminal(['users', 'promote', '@alice', '--role', 'king'], env);
  expect(noRole).toMatchObject({
    code: 1,
    stdout: '',
    stderr: '“king” is no role. Choose one of admin, member, guest.\n',
  });
  const noServer = await terminal(['users', 'list'], {
    DATABASE_URL: 'postgres://me:canary-password@127.0.0.1:1/none',
  });
  expect(noServer).toMatchObject({ code: 1, stdout: '' });
  expect(noServer.stderr).toMatch(/^The database \(none at 127\.0\.0\.1:1\) cannot be used: .+\n$/);

  const help = await terminal(['--help'], {});
  expect(help).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^Usage: storyline /) });
  const wrongs = [['nonsense'], ['users', 'promote'], ['users', 'list', '--nonsense'], ['users', 'list', 'extra'], []];
  const ended = await Promise.all(wrongs.map((wrong) => terminal(wrong, {})));
  for (const end of ended) expect(end).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(/\S/) });
});

test('npx storyline runs a terminal command', async () => {
  const run = startProcess(join(PROJECT, 'node_modules/.bin/node'), [join(PROJECT, 'src/cli.ts'), '--version'], {
    cwd: temporaryFolder(),
  });
  expect(await run.ended()).toMatchObject({ code: 0 });
  expect(run.stdout()).toMatch(/^\d+\.\d+\.\d+\n$/);
});
