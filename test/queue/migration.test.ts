import { afterEach, beforeEach, expect, test } from 'vitest';
import { chats } from '../../src/db/schema/index.ts';
import { decisionRows, interactionRows, onlyCard } from '../support/rows.ts';
import { startTeam, type Team } from '../support/team.ts';

let team: Team;
beforeEach(async () => {
  team = await startTeam({ groupType: 'group' });
});
afterEach(() => team.stop());

test('T15: a group that became a supergroup keeps plan, history and settings under its new id, once', async () => {
  const { telegram, test: database, group, bob } = team;
  await team.fill(2);
  const card = await team.nextCard();
  await bob.press(card, 'Posted');
  await team.settle();
  const after = telegram.migrate(group);
  await team.settle();
  expect(await database.db.select().from(chats)).toMatchObject([
    { id: after.id, migratedFrom: group.id, type: 'supergroup', timeZone: 'Europe/Berlin', isActive: true },
  ]);
  expect(await decisionRows(database.db)).toMatchObject([{ chatId: after.id }]);
  team.clock.advance(48 * 3_600_000);
  expect(await team.services.delivery.deliverDue()).toMatchObject([{ kind: 'sent', chatId: after.id }]);
});

test('T15: an error that names the new id moves the chat, and the card arrives there', async () => {
  const { telegram, services, group, bob } = team;
  await team.fill(1);
  await team.stopBot();
  const after = telegram.migrate(group);
  team.clock.advance(4 * 3_600_000);
  expect(await services.delivery.deliverDue()).toEqual([{ kind: 'later', seconds: 5 }]);
  expect(await services.delivery.deliverDue()).toMatchObject([{ kind: 'sent', chatId: after.id }]);

  // The service messages that tell the same come later and change nothing more.
  team.startBot();
  await team.settle();
  const card = telegram.messages(after).find(({ photo }) => photo);
  if (!card) throw new Error('no card');
  expect(await bob.press(card, 'Posted')).toMatchObject({ text: expect.stringContaining('Posted') });
  await team.settle();
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'posted', chatId: after.id });
  expect(team.now(card).caption).toContain('✅ Posted by Bob');
});

test('T15: buttons of cards in the old group still work', async () => {
  const { telegram, group, bob } = team;
  await team.fill(1);
  const card = await team.nextCard();
  telegram.migrate(group);
  await team.settle();
  expect(await bob.press(card, 'Skip')).toEqual({ text: 'Skipped. Not offered again for 45 days.' });
  await team.settle();
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'skipped' });
  expect((await interactionRows(team.test.db)).at(-1)).toMatchObject({
    interactionName: 'skip',
    context: { outcome: 'done' },
  });
});

test('T15: a tap in the old group never edits the message that has the same number in the new one', async () => {
  const { telegram, group, bob } = team;
  await team.fill(1);
  const card = await team.nextCard();
  const after = telegram.migrate(group);
  await team.settle();
  await bob.press(card, 'Posted');
  await team.settle();
  team.clock.advance(61_000);
  await team.services.renderer.sweep();
  expect(telegram.calls('editMessageCaption')).toEqual([]);
  expect(await team.services.chats.byId(group.id)).toMatchObject({ id: after.id });
});
