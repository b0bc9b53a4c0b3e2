import { and, eq } from 'drizzle-orm';
import { afterAll, expect, test } from 'vitest';
import { auditLog, invitations, type Role, users } from '../../src/db/schema/index.ts';
import type { Services } from '../../src/services.ts';
import type { Person } from '../../src/telegram/bot-context.ts';
import { addPerson, servicesOver } from '../support/cards.ts';
import { testDatabase } from '../support/database.ts';
import { NOON } from '../support/team.ts';

const database = await testDatabase();
const { db } = database;
/** Four processes, as far as the database can tell. They wait as long as a busy machine needs. */
const processes = Array.from({ length: 4 }, () => servicesOver(database.open({ max: 4, lockTimeoutMs: 9_000 })));
const [first, second] = processes as [Services, Services];
afterAll(database.close);

const asPerson = (id: string, role: Role): Person => ({
  ...{ id, role, telegramUserId: 1, name: 'Somebody', username: null },
  ...{ isActive: true, isAdmitted: true },
});
const admins = () => db.$count(users, and(eq(users.role, 'admin'), users.isActive));
const stranger = async (name: string) => {
  const id = await addPerson(db, name, 'guest');
  await db.update(users).set({ dateJoined: null }).where(eq(users.id, id));
  return id;
};

test('A06: of many who send one code at the same moment exactly one gets the role', { timeout: 60_000 }, async () => {
  const alice = await addPerson(db, 'Alice', 'admin');
  for (let round = 0; round < 10; round += 1) {
    const { code, id } = await first.invitations.invite('member', alice, NOON);
    const people = await Promise.all(Array.from({ length: 20 }, (_, index) => stranger(`P${index}`)));
    const results = await Promise.all(
      people.map((userId, index) => processes[index % 4]?.invitations.redeem(code, userId, NOON)),
    );
    expect(results.filter((result) => result?.kind === 'admitted')).toHaveLength(1);
    expect(results.filter((result) => result?.kind === 'invalid')).toHaveLength(19);
    const winner = people[results.findIndex((result) => result?.kind === 'admitted')] ?? '';
    const [row] = await db.select().from(invitations).where(eq(invitations.id, id));
    expect(row).toMatchObject({ usedBy: winner });
    expect(await db.$count(auditLog, and(eq(auditLog.action, 'invitation_used'), eq(auditLog.userId, winner)))).toBe(1);
    for (const userId of people) {
      const [person] = await db.select().from(users).where(eq(users.id, userId));
      expect(person?.role).toBe(userId === winner ? 'member' : 'guest');
    }
  }
});

test('one person who uses two invitations at once uses one and keeps the other', async () => {
  const alice = await addPerson(db, 'Alice', 'admin');
  for (let round = 0; round < 20; round += 1) {
    const [one, other] = [
      await first.invitations.invite('member', alice, NOON),
      await first.invitations.invite('member', alice, NOON),
    ];
    const userId = await stranger('Twice');
    const results = await Promise.all([
      first.invitations.redeem(one.code, userId, NOON),
      second.invitations.redeem(other.code, userId, NOON),
    ]);
    expect(results.map(({ kind }) => kind).sort()).toEqual(['admitted', 'kept']);
    expect(await db.$count(invitations, eq(invitations.usedBy, userId))).toBe(1);
  }
});

test('an invitation that is used and withdrawn at the same moment is one or the other', async () => {
  const alice = await addPerson(db, 'Alice', 'admin');
  for (let round = 0; round < 20; round += 1) {
    const { id, code } = await first.invitations.invite('guest', alice, NOON);
    const userId = await stranger('Late');
    const [used, withdrawn] = await Promise.all([
      first.invitations.redeem(code, userId, NOON),
      second.invitations.withdraw(id, alice, NOON),
    ]);
    expect([used.kind, withdrawn.kind]).toEqual(
      withdrawn.kind === 'withdrawn' ? ['invalid', 'withdrawn'] : ['admitted', 'used'],
    );
  }
});

test('two admins who demote or remove each other at the same moment leave one', async () => {
  for (let round = 0; round < 30; round += 1) {
    await db.update(users).set({ role: 'guest' });
    const [one, other] = [await addPerson(db, 'One', 'admin'), await addPerson(db, 'Other', 'admin')];
    const step =
      round % 2 === 0 ? ({ action: 'role_changed', role: 'member' } as const) : ({ action: 'member_removed' } as const);
    const results = await Promise.all([
      first.memberService.change(asPerson(one, 'admin'), other, step, NOON),
      second.memberService.change(asPerson(other, 'admin'), one, step, NOON),
    ]);
    expect(results.filter(({ kind }) => kind === 'changed')).toHaveLength(1);
    expect(results).toContainEqual({ kind: 'refused', why: 'not_admin' });
    expect(await admins()).toBe(1);
  }
});

test('two admins who step down at the same moment leave one', async () => {
  for (let round = 0; round < 30; round += 1) {
    await db.update(users).set({ role: 'guest' });
    const [one, other] = [await addPerson(db, 'One', 'admin'), await addPerson(db, 'Other', 'admin')];
    const step = { action: 'role_changed', role: 'member' } as const;
    const results = await Promise.all([
      first.memberService.change(asPerson(one, 'admin'), one, step, NOON),
      second.memberService.change(asPerson(other, 'admin'), other, step, NOON),
    ]);
    expect(results.filter(({ kind }) => kind === 'changed')).toHaveLength(1);
    expect(results).toContainEqual({ kind: 'refused', why: 'last_admin' });
    expect(await admins()).toBe(1);
  }
});

test('ten processes that change one role at once change it once and write it down once', async () => {
  const alice = await addPerson(db, 'Alice', 'admin');
  const bob = await addPerson(db, 'Bob');
  const step = { action: 'role_changed', role: 'guest' } as const;
  const results = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      processes[index % 4]?.memberService.change(asPerson(alice, 'admin'), bob, step, NOON),
    ),
  );
  expect(results.filter((result) => result?.kind === 'changed')).toHaveLength(1);
  expect(results.filter((result) => result?.kind === 'unchanged')).toHaveLength(9);
  expect(await db.$count(auditLog, eq(auditLog.userId, bob))).toBe(1);
});
