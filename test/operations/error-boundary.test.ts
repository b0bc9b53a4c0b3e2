import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { userInteractions } from '../../src/db/schema/index.ts';
import { startTeam, type Team } from '../support/team.ts';

let team: Team;
beforeEach(async () => {
  team = await startTeam();
});
afterEach(() => team.stop());

async function rows(name: string) {
  return team.test.db.select().from(userInteractions).where(eq(userInteractions.interactionName, name));
}

test('a bug is apologised for, recorded as failed, and does not stand in the way of the next update', async () => {
  const { alice, telegram, services, group } = team;
  services.queue.summary = () => Promise.reject(new TypeError('a bug'));
  alice.send(group, '/queue');
  await telegram.waitForMessage(group, ({ text }) => text?.startsWith('Sorry, something went wrong') ?? false);
  alice.send(group, '/help');
  await telegram.waitForMessage(group, ({ text }) => text?.startsWith('What you can send me') ?? false);
  await team.settle();
  expect(await rows('/queue')).toMatchObject([{ context: { outcome: 'failed' } }]);
  expect(await rows('/help')).toMatchObject([{ context: { outcome: 'done' } }]);
  expect(services.counters.read()).toMatchObject({ updates_failed: 1 });
});

test('a tap whose handling has a bug is answered too', async () => {
  await team.fill(1);
  const card = await team.nextCard();
  team.services.decisions.tap = () => Promise.reject(new TypeError('a bug'));
  expect(await team.bob.press(card, 'Posted')).toMatchObject({
    text: expect.stringContaining('Sorry'),
    show_alert: true,
  });
  await team.settle();
  expect(await rows('posted')).toMatchObject([{ context: { outcome: 'failed' } }]);
});

test('Telegram’s failure is named as such', async () => {
  const { alice, telegram, group } = team;
  telegram.arm('sendMessage', { error: { code: 400, description: 'Bad Request: something new' } });
  alice.send(group, '/help');
  await telegram.waitForMessage(group, ({ text }) => text?.startsWith('Telegram did not do its part') ?? false);
});

test('whoever is new gets an answer and a row even when Telegram does not say who they are', async () => {
  const { bob, charlie, group, telegram } = team;
  const noAnswer = { error: { code: 500, description: 'Internal Server Error' } };
  for (const [person, chat] of [
    [charlie, charlie.privateChat],
    [bob, group],
  ] as const) {
    // As often as it is asked: once more after a cut, and once more after that.
    telegram.arm('getChatMember', noAnswer, { times: 3 });
    person.send(chat, '/help');
    await telegram.waitForMessage(chat, ({ text }) => text?.startsWith('Telegram did not do its part') ?? false);
    await team.settle();
  }
  expect(await rows('/help')).toMatchObject([{ context: { outcome: 'failed' } }, { context: { outcome: 'failed' } }]);
});

test.each(['cut before', 'cut after'] as const)(
  'a question to Telegram whose connection is %s does not cost the update that needs its answer',
  async (fault) => {
    const { bob, group, telegram } = team;
    telegram.arm('getChatMember', fault === 'cut before' ? { cut: 'before' } : { cut: 'after' }, { times: 2 });
    bob.send(group, '/help');
    await telegram.waitForMessage(group, ({ text }) => text?.startsWith('What you can send me') ?? false);
    await team.settle();
    expect(telegram.calls('getChatMember')).toHaveLength(3);
    expect(await rows('/help')).toMatchObject([{ context: { outcome: 'done' } }]);
  },
);

test('a tap by somebody of whom Telegram does not say who they are is answered with what to do', async () => {
  await team.fill(1);
  const card = await team.nextCard();
  team.telegram.arm('getChatMember', { error: { code: 502, description: 'Bad Gateway' } }, { times: 3 });
  expect(await team.bob.press(card, 'Posted')).toEqual({
    text: 'Telegram did not do its part just now. Please tap again.',
    show_alert: true,
  });
  expect(await team.bob.press(card, 'Posted')).toMatchObject({ text: expect.stringMatching(/^Posted\./) });
  await team.settle();
  expect(await rows('posted')).toMatchObject([{ context: { outcome: 'failed' } }, { context: { outcome: 'done' } }]);
});

test('an update that the database could not take is handled when it is back, exactly once', async () => {
  const { bob, telegram, group, services, test: database } = team;
  await team.fill(1);
  const card = await team.nextCard();
  const tap = services.decisions.tap;
  let failures = 0;
  services.decisions.tap = async (...given) => {
    failures += 1;
    // What a server says while it stops.
    if (failures === 1) await database.db.execute(sql`do $$ begin raise exception using errcode = '57P01'; end $$`);
    return tap(...given);
  };
  const answered = bob.press(card, 'Posted');
  bob.send(group, '/help');
  expect(await answered).toMatchObject({ text: 'Posted. Not offered again for 30 days.' });
  await telegram.waitForMessage(group, ({ text }) => text?.startsWith('What you can send me') ?? false);
  await team.settle();
  expect(failures).toBe(2);
  expect(await rows('posted')).toHaveLength(1);
  expect(await rows('/help')).toHaveLength(1);
  expect(telegram.pendingUpdates()).toEqual([]);
});

test('an update that alone makes the database fail does not stand in the way for ever', async () => {
  const { bob, telegram, group, services, test: database } = team;
  let attempts = 0;
  services.queue.summary = async () => {
    attempts += 1;
    await database.db.execute(sql`do $$ begin raise exception using errcode = '57014'; end $$`);
    throw new Error('unreachable');
  };
  bob.send(group, '/queue');
  await telegram.waitForMessage(group, ({ text }) => text?.startsWith('Sorry') ?? false);
  await team.settle();
  expect(attempts).toBe(3);
  expect(await rows('/queue')).toMatchObject([{ context: { outcome: 'failed' } }]);
});

test('what nobody understands is answered in private and when addressed, and left alone in talk', async () => {
  const { bob, telegram, group } = team;
  bob.send(group, 'just talking');
  bob.send(group, `@${telegram.bot.username} what about this?`);
  bob.send(bob.privateChat, 'hello?');
  await telegram.waitForMessage(bob.privateChat, ({ text }) => text?.startsWith('I did not understand') ?? false);
  await team.settle();
  expect(telegram.calls('sendMessage').filter(({ payload }) => payload.chat_id === group.id)).toHaveLength(1);
  expect((await rows('text')).map(({ telegramChatId }) => telegramChatId).toSorted()).toEqual(
    [group.id, bob.id].toSorted(),
  );
});
