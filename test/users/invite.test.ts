import { createHash } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { chats, invitations, users } from '../../src/db/schema/index.ts';
import { INVALID_INVITATION } from '../../src/users/invitation-messages.ts';
import { STRANGER_SENTENCE } from '../../src/users/refuse-strangers.ts';
import { buttonsOf, dataOf } from '../support/buttons.ts';
import { interactionLines, interactionRows } from '../support/rows.ts';
import { NOON, startTeam, type Team, type TeamOptions } from '../support/team.ts';
import { addMember, auditLines, codeIn, invitation, lastTo, rowOf, saidTo, say } from './people.ts';

let team: Team;
afterEach(() => team.stop());

async function start(options: TeamOptions = {}) {
  team = await startTeam(options);
  return team;
}
const DAY_MS = 24 * 3_600_000;
const rows = () => team.test.db.select().from(invitations);

test('/invite member makes a link that works once, for 24 hours, worded so that it can be forwarded', async () => {
  const { alice, telegram } = await start();
  const message = await say(team, alice, '/invite member');
  const code = codeIn(message);
  expect(message.text).toBe(`🔑 Invitation: become a member of our team

Open this link and press Start:
https://t.me/${telegram.bot.username}?start=${code}

It works once, for one person, until tomorrow 12:00 (Europe/Berlin).`);
  expect(buttonsOf(message)).toEqual([['Share', 'Copy link'], ['Withdraw']]);
  expect(Buffer.from(code, 'base64url').length * 8).toBeGreaterThanOrEqual(128);
  expect(await rows()).toMatchObject([
    {
      role: 'member',
      codeHash: createHash('sha256').update(code).digest('hex'),
      createdBy: (await rowOf(team, alice)).id,
      expiresAt: new Date(NOON.getTime() + DAY_MS),
      usedAt: null,
    },
  ]);
  expect((await auditLines(team.test.db)).at(-1)).toBe(
    'Alice invitation_created - > {"role":"member","expires_at":"2026-11-21T11:00:00.000Z","invitation_id":<id>}',
  );
});

test('/invite without a role asks for one, member first, and the answer takes the question’s place', async () => {
  const { alice } = await start();
  const question = await say(team, alice, '/invite');
  expect(question.text).toMatch(/^Whom do you invite\?/);
  expect(buttonsOf(question)).toEqual([['Member', 'Guest', 'Admin']]);
  expect(await rows()).toEqual([]);
  await alice.press(question, 'Guest');
  await team.settle();
  expect(team.now(question).text).toMatch(/^🔑 Invitation: become a guest/);
  expect(await rows()).toMatchObject([{ role: 'guest' }]);
});

test('a guest’s invitation says that guests can do nothing yet, until a chat is open to them', async () => {
  const { alice, group } = await start();
  const wait = 'Guests can use me once /settings opens a chat to guests.';
  expect((await say(team, alice, '/invite')).text?.endsWith(`Admin: may do everything\n\n${wait}`)).toBe(true);
  expect((await say(team, alice, '/invite guest')).text?.endsWith(`(Europe/Berlin).\n\n${wait}`)).toBe(true);
  expect((await say(team, alice, '/invite member')).text).not.toContain(wait);
  await team.test.db.update(chats).set({ isOpenToGuests: true, isActive: false });
  expect((await say(team, alice, '/invite guest')).text).toContain(wait);
  await team.test.db.update(chats).set({ isActive: true });
  team.services.chats.forget(group.id);
  expect((await say(team, alice, '/invite')).text).not.toContain(wait);
  expect((await say(team, alice, '/invite guest')).text).not.toContain(wait);
});

test.each(['/invite admin', '/invite'])('an admin’s invitation by %s asks first and can be given up', async (typed) => {
  const { alice } = await start();
  const question = await say(team, alice, typed);
  if (typed === '/invite') {
    await alice.press(question, 'Admin');
    await team.settle();
  }
  expect(team.now(question).text).toMatch(/^Really an admin\?\nAdmins see/);
  await alice.press(team.now(question), 'Cancel');
  await team.settle();
  expect(team.now(question).text).toBe('No invitation was made. /invite asks again.');
  expect(await rows()).toEqual([]);

  const again = await say(team, alice, '/invite admin');
  await alice.press(again, 'Yes, an admin');
  await team.settle();
  expect(team.now(again).text).toMatch(/become an admin of our team/);
  expect(await rows()).toMatchObject([{ role: 'admin' }]);
});

test('in a group the link goes to the admin in private, and one line in the group says so', async () => {
  const { alice, group } = await start();
  await say(team, alice, '/start');
  alice.send(group, '/invite member');
  await team.settle();
  expect(saidTo(team, group)).toEqual(['I have sent you the answer in private.']);
  expect(codeIn(lastTo(team, alice.privateChat))).toHaveLength(22);
});

test('in a group, an admin whom the bot may not write to is told what to do', async () => {
  const { alice, group } = await start();
  alice.send(group, '/invite member');
  await team.settle();
  expect(saidTo(team, group)).toEqual([expect.stringMatching(/^I may not write to you yet\. Open a private chat/)]);
  expect((await interactionLines(team.test.db)).at(-1)).toBe('Alice /invite failed');
});

test('a role that does not exist is answered with those that do', async () => {
  const { alice } = await start();
  expect((await say(team, alice, '/invite king')).text).toMatch(/^I know three roles/);
  expect(await interactionLines(team.test.db)).toEqual(['Alice /invite noop']);
  expect(await rows()).toEqual([]);
});

test('members, guests and strangers cannot invite, by command or by forged button, and every try is a row', async () => {
  const { bob, charlie } = await start();
  const gwen = await addMember(team, 'Gwen', 'guest');
  for (const person of [bob, gwen, charlie]) {
    const answer = await say(team, person, '/invite member');
    // As long as no chat is open to guests, they are strangers to the bot.
    expect(answer.text).toBe(person === bob ? 'This is for admins. /stats shows your own figures.' : STRANGER_SENTENCE);
    for (const data of ['invite:role:member', 'invite:confirm_role:admin']) {
      const messageId = answer.message_id;
      expect(await person.tap(person.privateChat, data, { messageId })).toMatchObject({ show_alert: true });
    }
  }
  await team.settle();
  expect(await interactionLines(team.test.db)).toEqual(
    ['Bob', 'Gwen', 'Charlie'].flatMap((name) =>
      ['/invite', 'invite:role', 'invite:confirm_role'].map((what) => `${name} ${what} denied`),
    ),
  );
  expect(await rows()).toEqual([]);
});

test('a withdrawn invitation is no way in, its link disappears, and a second tap changes nothing', async () => {
  const { alice, charlie } = await start();
  const message = await say(team, alice, '/invite member');
  const withdraw = dataOf(message, 'Withdraw');
  expect(await alice.press(message, 'Withdraw')).toMatchObject({ text: expect.stringContaining('Withdrawn') });
  await team.settle();
  expect(team.now(message).text).toBe(
    '🔑 Withdrawn: this invitation cannot be used any more. /invite makes a new one.',
  );
  expect(buttonsOf(team.now(message))).toEqual([]);
  expect((await say(team, charlie, `/start ${codeIn(message)}`)).text).toBe(INVALID_INVITATION);
  const { message_id: messageId } = message;
  expect(await alice.tap(alice.privateChat, withdraw, { messageId })).toMatchObject({
    text: expect.stringContaining('not open any more'),
  });
  await team.settle();
  expect((await auditLines(team.test.db)).slice(-1)).toEqual([
    'Alice invitation_withdrawn - {"role":"member","invitation_id":<id>} >',
  ]);
  expect((await interactionLines(team.test.db)).at(-1)).toBe('Alice invite:withdraw noop');
});

test('an invitation that was used cannot be withdrawn, and the tap says who has it', async () => {
  const { alice, charlie } = await start();
  const message = await say(team, alice, '/invite guest');
  await say(team, charlie, `/start ${codeIn(message)}`);
  expect(await alice.press(message, 'Withdraw')).toEqual({
    text: '🔑 Charlie has used this invitation. /members shows who is here.',
    show_alert: true,
  });
  await team.settle();
  expect(team.now(message).text).toContain('Charlie has used this invitation');
  expect(await rowOf(team, charlie)).toMatchObject({ role: 'guest' });
});

test('a forwarded invitation’s buttons do nothing in another chat, and forged data nothing at all', async () => {
  const { alice, group } = await start();
  const message = await say(team, alice, '/invite member');
  const copy = alice.forward(message, group);
  expect(await alice.press(copy, 'Withdraw')).toMatchObject({ text: expect.stringContaining('not valid any more') });
  for (const data of ['invite:withdraw:x', 'invite:role:king', 'invite:role', 'invite:sing']) {
    expect(await alice.tap(alice.privateChat, data, { messageId: message.message_id })).toMatchObject({
      text: expect.stringContaining('not valid any more'),
    });
  }
  await team.settle();
  expect(await rows()).toMatchObject([{ expiresAt: new Date(NOON.getTime() + DAY_MS) }]);
});

test('after a whole invitation the code is nowhere in the database and in no log, failures included', async () => {
  const logged: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
  const { alice, bob, charlie, group, telegram } = await start({ logger });
  await say(team, bob, '/start');
  await say(team, alice, '/start');
  alice.send(group, '/invite member');
  await team.settle();
  const codes = [
    codeIn(lastTo(team, alice.privateChat)),
    await invitation(team, 'guest'),
    await invitation(team, 'admin'),
  ];
  const [used = '', withdrawn = '', kept = ''] = codes;
  const toWithdraw = telegram.messages(alice.privateChat).find(({ text }) => text?.includes(withdrawn));
  if (!toWithdraw) throw new Error('no message');
  await alice.press(toWithdraw, 'Withdraw');
  // The welcome cannot be sent: an error on the very update that holds the code.
  telegram.arm('sendMessage', { error: { code: 400, description: 'Bad Request: chat not found' } });
  await say(team, charlie, `/start ${used}`);
  await say(team, charlie, `/start ${used}`);
  await say(team, bob, `/start ${withdrawn}`);
  await say(team, alice, `/start ${kept}`);
  bob.send(group, `/start ${kept}`);
  await team.settle();
  await team.services.botResponses.flush();

  const { db } = team.test;
  const tables = await db.execute<{ name: string }>(sql`select format('%I.%I', schemaname, tablename) as name
    from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`);
  const contents = await Promise.all(
    tables.map(({ name }) => db.execute(sql.raw(`select t::text as row from ${name} t`))),
  );
  const everything = JSON.stringify(contents);
  expect(tables.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'public.user_interactions',
      'public.audit_log',
      'public.invitations',
      'graphile_worker._private_jobs',
    ]),
  );
  expect(everything).toContain('invitation_used');
  expect(everything).toContain(createHash('sha256').update(used).digest('hex'));
  expect(logged.join('')).toContain('an update failed');
  for (const code of codes) {
    expect(everything).not.toContain(code);
    expect(logged.join('')).not.toContain(code);
  }
  expect((await interactionRows(db)).filter(({ interactionName }) => interactionName === '/invite')).toMatchObject([
    { context: { role: 'member', invitation_id: expect.any(String) } },
    { context: { role: 'guest' } },
    {},
  ]);
  expect(await db.select().from(users)).toHaveLength(3);
});
