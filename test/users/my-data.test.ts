import { readdir } from 'node:fs/promises';
import { eq } from 'drizzle-orm';
import { Api } from 'grammy';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import type { Job } from '../../src/db/job-worker.ts';
import { mediaItems, userInteractions, users } from '../../src/db/schema/index.ts';
import type { Person } from '../../src/simulator/simulator.ts';
import { startTeam, type Team } from '../support/team.ts';
import { unzip } from '../support/unzip.ts';
import { addMember, lastTo, rowOf, saidTo, say } from './people.ts';

let team: Team;
afterEach(() => team.stop());

/** The files that somebody got by /mydata, typed where they are or elsewhere. */
async function dataOf(person: Person, typedIn: { id: number } = person.privateChat): Promise<Map<string, string>> {
  person.send(typedIn, '/mydata');
  const sent = await team.telegram.waitForMessage(person.privateChat, ({ document }) => document !== undefined);
  const api = new Api(team.telegram.token, { apiRoot: team.telegram.apiRoot });
  const { file_path: path } = await api.getFile(sent.document?.file_id ?? '');
  const file = await fetch(`${team.telegram.apiRoot}/file/bot${team.telegram.token}/${path}`);
  return unzip(Buffer.from(await file.arrayBuffer()));
}

test('a member gets their own rows of every table as CSV and JSON, and nobody else’s', async () => {
  team = await startTeam();
  const { alice, bob, group } = team;
  await team.fill(1);
  await bob.press(await team.nextCard(), 'Posted');
  await say(team, alice, '/help');
  await say(team, bob, '/queue');
  const { id: userId } = await rowOf(team, bob);
  const files = await dataOf(bob);
  const names = ['READ ME.txt', 'user_interactions', 'chat_members', 'decisions', 'users'];
  expect([...files.keys()].map((name) => name.replace(/\.(csv|json)$/, ''))).toEqual(
    names.flatMap((name) => (name === 'READ ME.txt' ? [name] : [name, name])),
  );
  const typed = JSON.parse(files.get('user_interactions.json') ?? '').map(
    (row: { interaction_name: string }) => row.interaction_name,
  );
  expect(typed).toEqual(expect.arrayContaining(['posted', '/queue']));
  expect(typed).not.toContain('/help');
  expect(JSON.parse(files.get('users.json') ?? '')).toEqual([
    expect.objectContaining({ id: userId, telegram_user_id: bob.id, first_name: 'Bob', role: 'member' }),
  ]);
  expect(files.get('decisions.csv')).toMatch(
    /^queue_item_id,media_item_id,chat_id,decision,decided_at,reason,source,handling_ms,decided_by_you,undone_at,undone_by_you\n/,
  );
  // A group's number is negative and stays a number.
  expect(files.get('decisions.csv')).toContain(`,${group.id},posted,`);
  const { id: aliceId } = await rowOf(team, alice);
  expect([...files.values()].filter((text) => text.includes(aliceId) || text.includes('Alice'))).toEqual([]);
  expect(files.get('READ ME.txt')).toContain('decisions (1): cards that you decided');
  await team.settle();
  expect(saidTo(team, bob.privateChat).at(-1)).toMatch(
    /^✅ Everything about you: \d+ rows from 4 tables, in the file below\.$/,
  );
});

test('asked in the group, the file goes into the private chat, with one line in the group', async () => {
  team = await startTeam();
  const { bob, group } = team;
  await say(team, bob, '/start');
  await dataOf(bob, group);
  expect(lastTo(team, group).text).toBe('I have sent you the answer in private.');
});

test('cells are harmless in a spreadsheet and untouched for programs', async () => {
  team = await startTeam();
  const { bob } = team;
  await say(team, bob, '/start');
  const { id: addedBy } = await rowOf(team, bob);
  const title = '=cmd|/c calc';
  await team.test.db.insert(mediaItems).values({ addedBy, title, caption: 'two\nlines, "quoted"' });
  const files = await dataOf(bob);
  expect(files.get('media_items.csv')).toContain(`,'${title},"two\nlines, ""quoted""",`);
  expect(JSON.parse(files.get('media_items.json') ?? '')).toEqual([expect.objectContaining({ title })]);
});

test('strangers and guests get theirs, too; a removed member as well', async () => {
  team = await startTeam();
  const { charlie, bob } = team;
  expect([...(await dataOf(charlie)).keys()]).toContain('users.csv');
  const gwen = await addMember(team, 'Gwen', 'guest');
  expect((await dataOf(gwen)).get('users.csv')).toContain('Gwen');
  await say(team, bob, '/start');
  await team.test.db.update(users).set({ isActive: false, role: 'guest' }).where(eq(users.telegramUserId, bob.id));
  team.services.people.forget(bob.id);
  expect((await dataOf(bob)).get('users.csv')).toContain('Bob');
});

test('/privacy says the same to everybody, names no team, and is recorded', async () => {
  team = await startTeam();
  const { alice, charlie } = team;
  const said = (await say(team, charlie, '/privacy')).text;
  expect(said).toMatch(/^🔒 What I keep about you\n[\s\S]*six months[\s\S]*\/mydata[\s\S]*\/forget/);
  expect((await say(team, alice, '/privacy')).text).toBe(said);
  const rows = await team.test.db
    .select()
    .from(userInteractions)
    .where(eq(userInteractions.interactionName, '/privacy'));
  expect(rows).toHaveLength(2);
  for (let time = 0; time < 7; time += 1) await say(team, charlie, '/privacy');
  expect(saidTo(team, charlie.privateChat)).toHaveLength(6);
});

test('when Telegram does not take the file it is tried again, at last said so, and nothing is left on the disk', async () => {
  team = await startTeam();
  const { bob, telegram, services } = team;
  const note = await say(team, bob, '/start');
  const { id: userId } = await rowOf(team, bob);
  const jobs: Readonly<Record<string, Job>> = services.jobs;
  const send = (isLast: boolean) =>
    jobs['send-my-data']?.({ userId, chatId: bob.id, noteId: note.message_id }, { attempt: 1, isLast });
  vi.stubEnv('TMPDIR', team.dataDir);
  onTestFinished(() => void vi.unstubAllEnvs());
  telegram.arm('sendDocument', { error: { code: 500, description: 'Internal Server Error' } }, { times: 2 });
  await expect(send(false)).rejects.toThrow('Internal Server Error');
  expect(team.now(note).text).toMatch(/^Hello Bob/);
  await expect(send(true)).rejects.toThrow('Internal Server Error');
  expect(team.now(note).text).toBe('I could not put your data together. Please send /mydata again later.');
  expect(await readdir(team.dataDir)).toEqual([]);
});
