import { expect, test, vi } from 'vitest';
import { startMain, terminal } from '../support/bot-process.ts';
import { openDatabaseProxy } from '../support/database-proxy.ts';
import { picture } from '../support/picture.ts';
import { type ProcessTeam, startProcessTeam } from '../support/process-team.ts';
import { until } from '../support/until.ts';

vi.setConfig({ testTimeout: 90_000 });

const TOKEN = '7000000009:AACanaryCanaryCanaryCanaryCanary00';
const PASSWORD = 'canaryPa55word';
const PATIENTLY = { timeoutMs: 20_000 };

/** Every row of every table, as text. */
async function dump(team: ProcessTeam): Promise<string> {
  const tables = await team.rows(`select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema')`);
  const dumps = await Promise.all(
    tables.map(({ name }) => team.rows(`select coalesce(string_agg(t::text, E'\\n'), '') as rows from ${name} t`)),
  );
  return dumps.map(([row]) => String(row?.rows)).join('\n');
}

/** Lets every kind of Telegram's failure meet the bot while people use it. */
async function disturbTelegram({ telegram, bob, group }: ProcessTeam): Promise<void> {
  const faults = [
    { cut: 'before' },
    { cut: 'after' },
    { error: { code: 500, description: 'Internal Server Error' } },
    { error: { code: 403, description: 'Forbidden: bot was blocked by the user' } },
    { error: { code: 400, description: 'Bad Request: chat not found' } },
    { error: { code: 429, description: 'Too Many Requests: retry after 1', parameters: { retry_after: 1 } } },
  ] as const;
  for (const fault of faults) {
    telegram.arm('sendMessage', fault);
    bob.send(group, '/status');
  }
  await telegram.idle(PATIENTLY);
  for (const method of ['getUpdates', 'getFile', 'getChatMember', 'sendChatAction', 'editMessageCaption']) {
    for (const fault of faults.slice(0, 3)) telegram.arm(method, fault);
  }
}

test('R13 no secret is in any output or in the database, whatever fails', async () => {
  const team = await startProcessTeam({ token: TOKEN });
  const { telegram, alice, bob, dana, group } = team;
  const proxy = await openDatabaseProxy(team.test.target);
  const env = { ...team.env, DATABASE_URL: proxy.url(PASSWORD), ADMIN_TELEGRAM_IDS: '', LOG_LEVEL: 'trace' };
  const bot = await team.start(env);
  const invitation = await bot.waitForLine('There is no admin yet.');
  const code = /\/start ([\w-]{20,})/.exec(invitation)?.[1] ?? '';
  expect(code).toHaveLength(22);

  // The code meets a table that is gone, a database that is gone, and, once used, a second person.
  await team.rows('alter table invitations rename to invitations_away');
  bob.send(bob.privateChat, `/start ${code}`);
  await bot.waitForLine('an update failed');
  await telegram.idle(PATIENTLY);
  await team.rows('alter table invitations_away rename to invitations');
  proxy.close();
  bob.send(bob.privateChat, `/start ${code}`);
  await bot.waitForLine('polling ended; starting again');
  proxy.open();
  await until(() => team.rows(`select 1 from users where role = 'admin'`), 20_000);
  alice.send(alice.privateChat, `/start ${code}`);
  alice.send(alice.privateChat, `what is ${code}?`);
  await telegram.idle(PATIENTLY);

  const [card] = await team.cards(1);
  if (!card) throw new Error('no card');
  await disturbTelegram(team);
  alice.sendMedia(alice.privateChat, { kind: 'photo', bytes: picture(990) });
  dana.send(group, '/status');
  void bob.press(card, 'Posted');
  await until(() => team.rows('select 1 from decisions'), 20_000);
  await telegram.waitFor(() => team.now(card).caption?.includes('Posted by Bob'), { timeoutMs: 30_000 });
  telegram.disarm();
  await telegram.idle(PATIENTLY);
  bot.kill('SIGTERM');
  await bot.ended();

  const wrongStarts = [
    { ...env, BOT_TOKEN: TOKEN.replace(':', ' ') },
    { ...env, DATABASE_URL: env.DATABASE_URL.replace('postgres:', 'mysql:') },
    { ...env, DATABASE_URL: `postgres://me:${PASSWORD}@127.0.0.1:99999/name` },
    { ...env, DATABASE_URL: env.DATABASE_URL.replace('storyline_test', 'no_such_database') },
    { ...env, TELEGRAM_API_ROOT: 'not an address' },
    { ...env, BOT_TOKEN: `${TOKEN}X` },
    { ...env, TELEGRAM_API_ROOT: 'http://127.0.0.1:1' },
  ].map((wrong) => startMain(wrong));
  const commands = [
    terminal(['users', 'list'], { ...env, DATABASE_URL: `postgres://me:${PASSWORD}@127.0.0.1:1/none` }),
    terminal(['users', 'list'], { ...env, DATABASE_URL: `postgres://me:${PASSWORD}/slash@127.0.0.1/none` }),
    terminal(['users', 'promote', `@${code}`, '--role', 'admin'], { ...env, BOT_TOKEN: TOKEN.slice(11) }),
  ];
  const failed = wrongStarts.map(async (run) => {
    await Promise.race([run.waitForLine('again').catch(() => {}), run.ended()]);
    run.kill('SIGINT');
    await run.ended();
  });
  await Promise.all(failed);
  const terminals = await Promise.all(commands);
  expect(terminals.map(({ code: exit }) => exit)).toEqual([1, 1, 1]);

  const everything = [
    bot.output().replace(invitation, ''),
    ...wrongStarts.map((run) => run.output()),
    ...terminals.map(({ stdout, stderr }) => stdout + stderr),
    await dump(team),
  ].join('\n');
  expect(everything).toContain('Dana');
  expect(everything).toContain(`"level":"error"`);
  for (const secret of [TOKEN, TOKEN.slice(11), PASSWORD, code]) {
    const at = everything.indexOf(secret);
    expect(at < 0 ? '' : everything.slice(at - 300, at + 100)).toBe('');
  }
  expect(
    telegram
      .messages(group)
      .map(({ text }) => text)
      .join('\n'),
  ).not.toContain(TOKEN.slice(11));
});
