import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asc, eq, isNotNull, sql } from 'drizzle-orm';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { Db } from '../../src/db/client.ts';
import type { Job } from '../../src/db/job-worker.ts';
import {
  alerts,
  auditLog,
  decisions,
  itemInteractions,
  jobPauses,
  jobRuns,
  mediaItems,
  personalTombstones,
  queueItems,
  reactions,
  upvotes,
  userInteractions,
  users,
} from '../../src/db/schema/index.ts';
import { createUpvoteFileRepository } from '../../src/item-interactions/upvote-file-repository.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { ObjectStorage } from '../../src/lib/object-storage-client.ts';
import type { Person } from '../../src/simulator/simulator.ts';
import { forgetUser } from '../../src/users/users-command.ts';
import { buttonsOf, dataOf } from '../support/buttons.ts';
import { addCards, addMedia, addPerson, tapOn } from '../support/cards.ts';
import { HOSTILE } from '../support/hostile.ts';
import { NOON, startTeam, type Team, type TeamOptions } from '../support/team.ts';
import { until } from '../support/until.ts';
import { addMember, invitation, lastTo, rowOf, saidTo, say } from './people.ts';

let team: Team;
afterEach(() => team.stop());

async function start(options: TeamOptions = {}) {
  team = await startTeam(options);
  return team;
}

/** Presses through both questions of /forget. Returns the message with the questions. */
async function askToForget(person: Person) {
  const question = await say(team, person, '/forget');
  await person.press(question, 'Forget me…');
  await team.settle();
  await person.press(team.now(question), 'Yes, forget me for ever');
  await team.settle();
  return question;
}

/** Until the durable jobs of the forgetting are done. */
async function forgetIsDone() {
  await until(async () => {
    const [row] = z.array(z.object({ jobs: z.coerce.number() })).parse(
      await team.test.db.execute(sql`select count(*) as jobs from graphile_worker._private_jobs j
        join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier in ('forget-person', 'finish-forgetting')`),
    );
    return row?.jobs === 0 ? [true] : [];
  });
  await team.settle();
}

async function forget(person: Person) {
  const question = await askToForget(person);
  await forgetIsDone();
  return question;
}

/** Every row of every table of every schema that is ours, as text. */
async function dump(db: Db): Promise<string> {
  const tables = z.array(z.object({ name: z.string() })).parse(
    await db.execute(sql`select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema')`),
  );
  const parts: string[] = [];
  for (const { name } of tables) {
    const rows = z
      .array(z.object({ row: z.string() }))
      .parse(await db.execute(sql.raw(`select t::text as row from ${name} t`)));
    parts.push(...rows.map(({ row }) => `${name}: ${row}`));
  }
  return parts.join('\n');
}

function hits(text: string, needles: readonly (string | number)[]): string[] {
  return text.split('\n').filter((line) => needles.some((needle) => line.includes(String(needle))));
}

const ZAPHOD = { id: 7_654_321_098, first_name: 'Zaphod', last_name: 'Beeblebrox-Quux', username: 'zaphod_q' };
const EMAIL = 'zaphod@heart-of-gold.example';

/** Somebody about whom there is a row wherever there can be one. */
async function addZaphod(): Promise<{ zaphod: Person; userId: string }> {
  const { telegram, alice, group, test: database } = team;
  const zaphod = telegram.createPerson(ZAPHOD);
  telegram.setMember(group, zaphod, 'member');
  await say(team, zaphod, `/start ${await invitation(team, 'admin')}`);
  const { id: userId } = await rowOf(team, zaphod);
  await database.db.update(users).set({ email: EMAIL, externalId: '0048151623' }).where(eq(users.id, userId));
  // Words in private, an upload, an invitation of theirs, a look at their figures and at the list of people.
  await say(team, zaphod, '/help');
  await say(team, zaphod, '/invite guest');
  await say(team, alice, '/members');
  await team.fill(4);
  await database.db.update(mediaItems).set({ addedBy: userId });
  for (const label of ['Posted', 'Skip', 'Reject']) {
    await zaphod.press(await team.nextCard(), label);
    await team.settle();
  }
  await zaphod.press(await team.nextCard(), 'On it');
  await team.settle();
  const [item] = await database.db.select().from(mediaItems).orderBy(asc(mediaItems.id));
  const itemId = item?.id ?? '';
  await database.db.insert(upvotes).values([
    { userId, itemId },
    { externalUserId: '48151623', itemId: 'elsewhere' },
  ]);
  await database.db.insert(reactions).values({ userId, itemId, chatId: group.id, messageId: 1, reaction: '👍' });
  await database.db.insert(itemInteractions).values([
    { userId, itemId, eventType: 'UPVOTE' },
    { externalUserId: '48151623', itemId: 'elsewhere', eventType: 'UPVOTE' },
  ]);
  // A job that they started and let stand still, and a notice about them.
  const slot = new Date('2026-11-20T09:00:00Z');
  await database.db
    .insert(jobRuns)
    .values({ job: 'keep-plan', slot, period: 'x', cause: 'person', requestedBy: userId });
  await database.db.insert(jobPauses).values({ job: 'keep-plan', pausedAt: slot, pausedBy: userId });
  await database.db.insert(alerts).values({
    name: `activity:busy:${userId}`,
    raisedMessage: { text: 'Zaphod is busy' },
    detail: { name: 'Zaphod' },
    raisedAt: slot,
    told: 'raised',
    toldAt: slot,
  });
  // Admins who looked at their figures, and a question that they left open.
  await database.db.insert(userInteractions).values({
    userId: (await rowOf(team, alice)).id,
    interactionType: 'command',
    interactionName: '/stats',
    context: { about_user_id: userId },
  });
  await database.db.execute(sql`insert into conversation_states (key, state)
    values (${`1:${group.id}:${zaphod.id}`}, ${JSON.stringify({ from: ZAPHOD })}::jsonb)`);
  await team.services.botResponses.flush();
  return { zaphod, userId };
}

test('R12: after /forget neither the database nor the exports hold anything of the person but hashes', async () => {
  await start();
  const { zaphod, userId } = await addZaphod();
  const exports = join(team.dataDir, 'exports');
  await mkdir(exports);
  await writeFile(join(exports, 'user_interactions_export_20261101_000000.csv'), `USER_ID\n${userId}\n`);
  await writeFile(join(exports, '.interactions.abc.part'), 'Zaphod');
  const needles = [ZAPHOD.id, 'Zaphod', 'Beeblebrox', 'zaphod_q', EMAIL, '48151623', userId];
  expect(new Set(hits(await dump(team.test.db), needles).map((line) => line.split(':')[0])).size).toBeGreaterThan(10);

  await forget(zaphod);
  await team.services.botResponses.flush();
  expect(hits(await dump(team.test.db), needles)).toEqual([]);
  expect(await team.test.db.$count(personalTombstones)).toBe(4);
  const files = await readdir(exports);
  expect(files).toEqual([expect.stringMatching(/^personalize_deletion_[0-9a-f]{4}_20261120_\d{6}\.csv$/)]);
  expect(await readFile(join(exports, files[0] ?? ''), 'utf8')).toBe(`USER_ID\n${userId}\n0048151623\n48151623\n`);
});

test('what the team needs stays, by a former member; cards say so, and an open one is free again', async () => {
  const { group, test: database } = await start();
  const { zaphod } = await addZaphod();
  const cards = team.telegram.messages(group).filter(({ photo }) => photo);
  expect(cards.map(({ caption }) => /Zaphod/.test(caption ?? ''))).toEqual([true, true, true, true]);
  await forget(zaphod);
  await team.services.renderer.sweep();
  await team.settle();
  const [former] = await database.db.select().from(users).where(isNotNull(users.forgottenAt));
  const name = `Former member ${former?.id.slice(-4)}`;
  expect(former).toMatchObject({ firstName: name, telegramUserId: null, role: 'guest', isActive: false });
  const captions = cards.map((card) => team.now(card).caption ?? '');
  expect(captions.filter((caption) => caption.includes('Zaphod'))).toEqual([]);
  expect(captions.filter((caption) => caption.includes(name))).toHaveLength(3);
  const settled = await database.db.select().from(decisions);
  expect(settled.map(({ userId }) => userId)).toEqual([former?.id, former?.id]);
  const [audit] = await database.db.select().from(auditLog).where(eq(auditLog.action, 'person_forgotten'));
  expect(audit).toMatchObject({ actorId: former?.id, userId: former?.id });
});

test('both questions stand in private; asked in the group the answer comes there, too', async () => {
  const { bob, group } = await start();
  await say(team, bob, '/start');
  bob.send(group, '/forget');
  await team.settle();
  expect(lastTo(team, group).text).toBe('I have sent you the answer in private.');
  const question = lastTo(team, bob.privateChat);
  expect(question.text).toMatch(/^🗑 Shall I forget you\?[\s\S]*Kept without you:/);
  expect(buttonsOf(question)).toEqual([['Forget me…', 'Keep everything']]);
  await bob.press(question, 'Forget me…');
  await team.settle();
  expect(team.now(question).text).toMatch(/^Are you sure\?/);
  expect(buttonsOf(team.now(question))).toEqual([['Yes, forget me for ever'], ['No, keep everything']]);
  await bob.press(team.now(question), 'No, keep everything');
  await team.settle();
  expect(team.now(question)).toMatchObject({ text: '↩️ Nothing was changed.' });
  expect((await rowOf(team, bob)).firstName).toBe('Bob');
});

test('the second question holds for ten minutes, then it is asked anew', async () => {
  const { bob } = await start();
  const question = await say(team, bob, '/forget');
  await bob.press(question, 'Forget me…');
  await team.settle();
  team.letPass(10 * 60_000 + 1000);
  const answer = await bob.press(team.now(question), 'Yes, forget me for ever');
  expect(answer).toMatchObject({ text: 'That took too long. Here is the question again.', show_alert: true });
  await team.settle();
  expect(team.now(question).text).toMatch(/^🗑 Shall I forget you\?/);
  expect((await rowOf(team, bob)).firstName).toBe('Bob');
});

test('a button with somebody else’s id, without a time or in the group forgets nobody', async () => {
  const { bob, dana, group } = await start();
  await say(team, bob, '/start');
  const { id } = await rowOf(team, bob);
  const own = await say(team, dana, '/forget');
  const messageId = own.message_id;
  expect(await dana.tap(dana.privateChat, `forget:confirm:${id}.zzzzzz`, { messageId })).toMatchObject({
    text: 'This button is not valid any more. Send /forget again.',
  });
  const { id: danas } = await rowOf(team, dana);
  await dana.tap(dana.privateChat, `forget:confirm:${danas}`, { messageId });
  await dana.tap(dana.privateChat, `forget:confirm:${danas}.0`, { messageId });
  const card = dana.send(group, 'hello');
  await dana.tap(group, `forget:confirm:${danas}.0`, { messageId: card.message_id });
  await team.settle();
  expect(await team.test.db.$count(personalTombstones)).toBe(0);
});

test('the only admin is told to name another one first; then it works, and their invitations let nobody in', async () => {
  const { alice, charlie, test: database } = await start({ adminIds: [] });
  const row = { telegramUserId: alice.id, firstName: 'Alice', role: 'admin' as const, dateJoined: new Date(0) };
  await database.db.insert(users).values(row);
  expect((await say(team, alice, '/forget')).text).toMatch(/^You are the only admin[\s\S]*\/members/);
  const code = await invitation(team, 'member');
  const ada = await addMember(team, 'Ada', 'admin');
  await say(team, ada, '/start');
  await forget(alice);
  expect(await database.db.$count(users, eq(users.telegramUserId, alice.id))).toBe(0);
  expect((await say(team, charlie, `/start ${code}`)).text).toMatch(/not valid|expired|does not work|invalid/i);
  expect(lastTo(team, ada.privateChat).text).toMatch(
    /^Somebody asked to be forgotten, and it is done\. What they decided is by “Former member [0-9a-f]{4}” now\.\n☐ Delete downloaded/,
  );
  expect(lastTo(team, alice.privateChat).text).toMatch(/^✅ You are forgotten\.\n\d+ rows deleted, \d rows? kept/);
});

test('of two admins who are forgotten at the same moment one stays', async () => {
  const { alice, services, test: database } = await start();
  await say(team, alice, '/start');
  const ada = await addMember(team, 'Ada', 'admin');
  const both = await Promise.all(
    [alice, ada].map(async (person) => {
      const { id: userId } = await rowOf(team, person);
      return services.forgetting.forget({ userId, by: 'themselves' }, new Date());
    }),
  );
  expect(both.map(({ kind }) => kind).sort()).toEqual(['forgotten', 'only_admin']);
  expect(await database.db.$count(users, eq(users.role, 'admin'))).toBe(1);
});

test('of a guest or a stranger nothing is kept, and the admins have nothing to do', async () => {
  const { alice, charlie, test: database } = await start();
  await say(team, alice, '/start');
  await say(team, charlie, '/queue');
  const before = saidTo(team, alice.privateChat).length;
  await forget(charlie);
  expect(lastTo(team, charlie.privateChat).text).toMatch(/^✅ You are forgotten\.\n\d+ rows deleted, nothing kept\./);
  expect((await database.db.select().from(users)).map(({ firstName }) => firstName)).toEqual(['Alice']);
  expect(hits(await dump(database.db), ['Charlie', 'charlie'])).toEqual([]);
  expect(saidTo(team, alice.privateChat)).toHaveLength(before);
  await expect(readdir(join(team.dataDir, 'exports'))).rejects.toThrow('ENOENT');
});

test('a second tap that comes late, leaving the group and blocking the bot do not bring the person back; a message makes a stranger', async () => {
  const { bob, telegram, test: database } = await start();
  const question = await say(team, bob, '/forget');
  await bob.press(question, 'Forget me…');
  await team.settle();
  const messageId = question.message_id;
  const data = dataOf(team.now(question), 'Yes');
  await bob.tap(bob.privateChat, data, { messageId });
  await team.settle();
  await forgetIsDone();
  expect(await bob.tap(bob.privateChat, data, { messageId })).toMatchObject({ text: 'You are forgotten already.' });
  telegram.setMember(team.group, bob, 'left');
  telegram.blockBot(bob);
  await team.settle();
  expect(hits(await dump(database.db), ['Bob'])).toEqual([]);
  telegram.unblockBot(bob);
  expect((await say(team, bob, '/queue')).text).toMatch(/^This bot belongs to a team/);
  expect(await rowOf(team, bob)).toMatchObject({ role: 'guest', isActive: true, dateJoined: null });
});

test('whoever was removed stays outside after being forgotten, though they are still in the group', async () => {
  const { bob, group, test: database } = await start();
  await say(team, bob, '/start');
  await database.db.update(users).set({ isActive: false, role: 'guest' }).where(eq(users.telegramUserId, bob.id));
  team.services.people.forget(bob.id);
  await forget(bob);
  await team.fill(1);
  await bob.press(await team.nextCard(), 'Posted');
  await team.settle();
  expect(await rowOf(team, bob)).toMatchObject({ role: 'guest', isActive: false });
  expect(await database.db.select().from(decisions)).toEqual([]);
  expect(group.id).toBeLessThan(0);
});

test('neither the import nor an old file brings back who was forgotten; they are counted', async () => {
  const { services, test: database } = await start();
  const { zaphod, userId } = await addZaphod();
  await forget(zaphod);
  await database.db.insert(upvotes).values({ externalUserId: '048151623', itemId: 'elsewhere' });
  const result = await services.itemInteractionImport.import(
    { sources: ['upvotes', 'decisions', 'reactions'], range: { since: null, until: null }, batchSize: 1000 },
    { signal: new AbortController().signal },
  );
  expect(result).toMatchObject({ processed: 3, created: 0, skipped: 3 });
  expect(result.sources.flatMap(({ reasons }) => reasons.map(({ reason, rows }) => [reason, rows]))).toEqual([
    ['forgotten', 1],
    ['forgotten', 2],
  ]);
  const upvoteFile = createUpvoteFileRepository(database.database);
  const filed = [userId, '048151623', '48151623', 'somebody-else'].map((person) => ({
    person,
    itemId: 'new',
    createdAt: NOON,
  }));
  expect(await upvoteFile.load(filed)).toBe(1);
  expect(await database.db.$count(itemInteractions)).toBe(0);
});

test('done again after a crash at any step, the rest is done and nothing is done twice', async () => {
  const { alice, bob, services, test: database } = await start();
  await say(team, alice, '/start');
  await team.fill(1);
  await bob.press(await team.nextCard(), 'Posted');
  await team.settle();
  const { id: userId } = await rowOf(team, bob);
  const result = await services.forgetting.forget({ userId, by: 'themselves' }, NOON);
  if (result.kind !== 'forgotten') throw new Error(result.kind);
  expect(await services.forgetting.forget({ userId, by: 'themselves' }, NOON)).toEqual({ kind: 'gone' });
  const jobs: Readonly<Record<string, Job>> = services.jobs;
  const finish = jobs['finish-forgetting'];
  await finish?.(result.forgotten, { attempt: 1, isLast: false });
  team.letPass(90_000);
  await finish?.(result.forgotten, { attempt: 2, isLast: false });
  await forgetIsDone();
  expect(await readdir(join(team.dataDir, 'exports'))).toHaveLength(1);
  expect(await database.db.$count(auditLog, eq(auditLog.action, 'person_forgotten'))).toBe(1);
  expect(hits(await dump(database.db), ['Bob', userId])).toEqual([]);
});

test('taps in flight are theirs or nobody’s: what comes in while they are forgotten leaves nothing behind', async () => {
  const { bob, group, services, test: database } = await start();
  await say(team, bob, '/start');
  await team.fill(5);
  const cards = [];
  for (let index = 0; index < 5; index += 1) cards.push(await team.nextCard());
  const { id: userId } = await rowOf(team, bob);
  const items = cards.map((card) => dataOf(card, 'Skip').split(':')[1] ?? '');
  const outcomes = await Promise.allSettled([
    ...items.map((item) =>
      services.decisions.tap('skip', tapOn(item, 'skip', { userId, chatId: group.id }), { isAdmin: false }),
    ),
    services.forgetting.forget({ userId, by: 'themselves' }, NOON),
  ]);
  expect(outcomes.at(-1)).toMatchObject({ status: 'fulfilled', value: { kind: 'forgotten' } });
  await forgetIsDone();
  expect(hits(await dump(database.db), ['Bob', userId])).toEqual([]);
});

test('the exports in the bucket go, too', async () => {
  const objects = new Set(['exports/a.csv', 'exports/b.csv', 'other/c.csv']);
  const objectStorage: ObjectStorage = {
    upload: async () => {},
    link: async () => '',
    keys: async (prefix) => [...objects].filter((key) => key.startsWith(prefix)),
    remove: async (keys) => {
      for (const key of keys) objects.delete(key);
    },
  };
  const { charlie } = await start({ objectStorage });
  await say(team, charlie, '/start');
  await forget(charlie);
  await until(async () => (objects.size === 1 ? [true] : []));
  expect([...objects]).toEqual(['other/c.csv']);
});

test('cards of a busy member lose the name by and by, fifteen at a time, the newest first', async () => {
  const { services, group, test: database } = await start();
  const userId = await addPerson(database.db, 'Busy');
  const cards = await addCards(database.db, await addMedia(database.db, 40), group.id);
  for (const card of cards)
    await services.decisions.tap('skip', tapOn(card, 'skip', { userId, chatId: group.id }), { isAdmin: false });
  const result = await services.forgetting.forget({ userId, by: 'operator' }, NOON);
  const former = (result.kind === 'forgotten' && result.forgotten.former?.id) || '';
  const behind = async () => (await database.db.select().from(queueItems)).filter(({ version }) => version > 2).length;
  const seen: number[] = [];
  for (let before: string | null | undefined = null; before !== undefined; ) {
    before = await services.forgetting.renameCards({ former, before, limit: 15 });
    seen.push(await behind());
  }
  expect(seen).toEqual([15, 30, 40]);
});

test.each(HOSTILE)('a person called %j is forgotten like all others', async (name) => {
  const { alice, test: database } = await start();
  await say(team, alice, '/start');
  const odd = team.telegram.createPerson({ first_name: name });
  await say(team, odd, '/start');
  await forget(odd);
  const names = (await database.db.select().from(users)).map(({ firstName }) => firstName);
  expect(names).toEqual(['Alice']);
});

test('a tap of somebody whom the database has just forgotten changes nothing, is no bug, and is said so', async () => {
  const { alice, bob, test: database } = await start();
  await say(team, alice, '/start');
  await team.fill(1);
  const card = await team.nextCard();
  // Twice: admitted by the first one, remembered from the second on.
  await say(team, bob, '/help');
  await say(team, bob, '/help');
  const { id: userId } = await rowOf(team, bob);
  const toAlice = saidTo(team, alice.privateChat).length;
  // Past the job, so that the bot still remembers who he was.
  await database.db.transaction(async (tx) => {
    await tx.delete(userInteractions).where(eq(userInteractions.userId, userId));
    await tx.execute(sql`delete from chat_members where user_id = ${userId}`);
    await tx.delete(users).where(eq(users.id, userId));
  });
  expect(await bob.press(card, 'Posted')).toMatchObject({ text: expect.stringMatching(/^You were forgotten at this/) });
  await team.settle();
  expect(await database.db.$count(decisions)).toBe(0);
  expect(saidTo(team, alice.privateChat)).toHaveLength(toAlice);
});

test('with a folder of exports that cannot be cleared the job is tried again, and at last the admins are told', async () => {
  const { alice, bob, services } = await start();
  await say(team, alice, '/start');
  await say(team, bob, '/start');
  await writeFile(join(team.dataDir, 'exports'), 'a file in the place of the folder');
  const { id: userId } = await rowOf(team, bob);
  const result = await services.forgetting.forget({ userId, by: 'themselves' }, NOON);
  if (result.kind !== 'forgotten') throw new Error(result.kind);
  const jobs: Readonly<Record<string, Job>> = services.jobs;
  const finish = jobs['finish-forgetting'];
  await expect(finish?.(result.forgotten, { attempt: 1, isLast: false })).rejects.toThrow('ENOTDIR');
  await finish?.(result.forgotten, { attempt: 10, isLast: true });
  expect(
    saidTo(team, alice.privateChat).filter((text) => /^Somebody was forgotten, but the folder/.test(text)),
  ).toHaveLength(1);
  expect(lastTo(team, bob.privateChat).text).toMatch(/^✅ You are forgotten\./);
});

test('npx storyline users forget does it for an operator, with --yes, and never to the only admin', async () => {
  const { alice, bob, test: database } = await start();
  await say(team, alice, '/start');
  await say(team, bob, '/start');
  const printed: string[] = [];
  const terminal = {
    database: database.database,
    target: database.target,
    logger: silentLogger(),
    print: (line: string) => void printed.push(line),
  };
  await expect(forgetUser(terminal, '@alice', { yes: true })).rejects.toThrow('Alice is the only admin.');
  await expect(forgetUser(terminal, '@nobody', { yes: true })).rejects.toThrow('I do not know @nobody.');
  await expect(forgetUser(terminal, '102', {})).rejects.toThrow('Add --yes when you are sure; nothing was changed.');
  await forgetUser(terminal, (await rowOf(team, bob)).id, { yes: true });
  expect(printed).toEqual(['The bot forgets Bob: a running one at once, otherwise when it starts.']);
  await forgetIsDone();
  expect(await database.db.$count(users, eq(users.telegramUserId, bob.id))).toBe(0);
  const [audit] = await database.db.select().from(auditLog).where(eq(auditLog.action, 'person_forgotten'));
  expect(audit).toMatchObject({ actorId: null, after: { by: 'operator' } });
});
