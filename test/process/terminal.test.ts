import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { serverFolders } from '../../src/db/server-folders.ts';
import { serverPid } from '../../src/db/server-process.ts';
import { healthOf, originOf, PROJECT, startProcess, temporaryFolder, terminal } from '../support/bot-process.ts';
import { dataDirectory } from '../support/embedded.ts';
import { picturesFolder } from '../support/pictures-folder.ts';
import { startProcessTeam } from '../support/process-team.ts';
import { until } from '../support/until.ts';

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

const indexing = (folder: string, env: Readonly<Record<string, string>>) =>
  startProcess(process.execPath, [join(PROJECT, 'src/cli.ts'), 'media', 'index', folder], { env });

test('media index and media list: figures and rows on stdout, names and progress on stderr, while the bot runs', async () => {
  const team = await startProcessTeam();
  await team.start();
  const { root, write } = picturesFolder();
  write('memes/a.jpg', 1);
  write('memes/the same.jpg', 1);
  write('broken.jpg', 'text');
  const first = await terminal(['media', 'index', root], team.env);
  expect(first).toMatchObject({ code: 0, stdout: `${root}: 1 new, 0 unchanged\n  1 duplicate, 1 unreadable\n` });
  expect(first.stderr.split('\n').toSorted()).toEqual([
    '',
    '3 of 3 files (100 %), 1 new',
    expect.stringMatching(/^duplicate: memes\/.+\.jpg is the same as memes\/.+\.jpg \([0-9a-f-]{36}\)$/),
    'unreadable: broken.jpg: its content is no picture or video that Telegram takes',
  ]);
  const again = await terminal(['media', 'index', root, '--json'], team.env);
  expect(JSON.parse(again.stdout)).toMatchObject({
    folder: root,
    added: 0,
    unchanged: 1,
    duplicates: 1,
    isStopped: false,
  });
  const list = await terminal(['media', 'list', '--category', 'memes'], team.env);
  expect(list).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(/^id .+ state\n[0-9a-f-]{36} photo memes .+ active\n$/),
  });

  team.bob.send(team.group, '/next');
  const card = await team.telegram.waitForMessage(team.group, ({ photo }) => photo !== undefined, {
    timeoutMs: 20_000,
  });
  expect(card.caption).toMatch(/\.jpg · memes\n/);

  const nowhere = await terminal(['media', 'index', join(root, 'nowhere')], team.env);
  expect(nowhere).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^There is no folder “.+nowhere”/),
  });
  const file = await terminal(['media', 'index', join(root, 'broken.jpg')], team.env);
  expect(file).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/ is a file\./) });
  expect(await terminal(['media', 'list', '--limit', 'x'], team.env)).toMatchObject({ code: 1, stdout: '' });
});

test('media index is stopped by Ctrl-C in order, killed without loss, and goes on where it was', async () => {
  const team = await startProcessTeam();
  const { root, write } = picturesFolder();
  const files = 3_000;
  for (let number = 0; number < files; number += 1) write(`${number % 9}/${number}.jpg`, number);
  const count = async () => Number((await team.rows('select count(*)::int as count from media_items'))[0]?.count ?? 0);
  const more = (than: number) => until(async () => ((await count()) > than ? [true] : []), 20_000);

  const killed = indexing(root, team.env);
  await more(0);
  killed.kill('SIGKILL');
  await killed.ended();
  const kept = await count();
  expect(kept).toBeLessThan(files);

  const stopped = indexing(root, team.env);
  await more(kept);
  stopped.killGroup('SIGINT');
  expect(await stopped.ended()).toEqual({ code: 1, signal: null });
  expect(stopped.stdout()).toMatch(new RegExp(`^${root}: \\d+ new, \\d+ unchanged\n$`));
  expect(stopped.stderr()).toMatch(
    /Stopped after \d+ of 3000 files\. Run it again to go on: what is done is not read again\.\n$/,
  );
  const then = await count();
  expect(then).toBeGreaterThan(kept);
  expect(then).toBeLessThan(files);

  const { stdout } = await terminal(['media', 'index', root], team.env);
  expect(stdout).toBe(`${root}: ${files - then} new, ${then} unchanged\n`);
  expect(await count()).toBe(files);
});

test('a reader that has seen enough ends no command', async () => {
  const team = await startProcessTeam();
  const { root, write } = picturesFolder();
  for (let number = 0; number < 700; number += 1) write(`${number}.jpg`, number);
  await terminal(['media', 'index', root], team.env);
  const command = `"${process.execPath}" "${join(PROJECT, 'src/cli.ts')}" media list --json | head -1; echo "\${PIPESTATUS[0]}"`;
  const run = startProcess('/bin/bash', ['-c', command], { env: team.env });
  await run.ended();
  expect(run.stderr()).toBe('');
  expect(run.stdout()).toMatch(/^\{.+\}\n0\n$/);
});

test('npx storyline runs a terminal command', async () => {
  const run = startProcess(join(PROJECT, 'node_modules/.bin/node'), [join(PROJECT, 'src/cli.ts'), '--version'], {
    cwd: temporaryFolder(),
  });
  expect(await run.ended()).toMatchObject({ code: 0 });
  expect(run.stdout()).toMatch(/^\d+\.\d+\.\d+\n$/);
});
