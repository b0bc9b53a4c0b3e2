import { eq, sql } from 'drizzle-orm';
import type { Message } from 'grammy/types';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { queueItems } from '../../src/db/schema/index.ts';
import { createCardRepository } from '../../src/queue/card-repository.ts';
import { dataOf } from '../support/buttons.ts';
import { tapOn } from '../support/cards.ts';
import { onlyCard } from '../support/rows.ts';
import { startTeam, type Team } from '../support/team.ts';

let team: Team;
let card: Message;
beforeEach(async () => {
  team = await startTeam();
  await team.fill(1);
  card = await team.nextCard();
});
afterEach(() => team.stop());

const silence = { error: { code: 429, description: 'Too Many Requests', parameters: { retry_after: 30 } } };
const edits = () => team.telegram.calls('editMessageCaption').length;

test('T12: after 429 to an edit the decision stands, and the card follows when the silence is over', async () => {
  const { bob, telegram, services } = team;
  telegram.arm('editMessageCaption', silence);
  expect(await bob.press(card, 'Posted')).toMatchObject({ text: expect.stringContaining('Posted') });
  await team.settle();
  expect(team.now(card).caption).toBe(card.caption);

  team.letPass(29_999);
  expect(await services.renderer.sweep()).toBe(0);
  expect(edits()).toBe(1);
  team.letPass(1);
  expect(await services.renderer.sweep()).toBe(1);
  expect(team.now(card).caption).toContain('✅ Posted by Bob');
  expect(edits()).toBe(2);
});

test('T12: what is tapped during the silence is shown at once afterwards, in one edit', async () => {
  const { bob, telegram, services } = team;
  telegram.arm('editMessageCaption', silence);
  await bob.press(card, 'Posted');
  await team.settle();
  await bob.tap(team.group, dataOf(card, 'Posted').replace('posted', 'undo'), { messageId: card.message_id });
  await bob.press(card, 'Skip');
  await team.settle();
  expect(edits()).toBe(1);
  team.letPass(30_000);
  await services.renderer.sweep();
  expect(team.now(card).caption).toContain('⏭️ Skipped by Bob');
  expect(edits()).toBe(2);
});

test('C08: a clock that jumps makes the silence neither longer nor shorter', async () => {
  const { bob, telegram, clock, services } = team;
  telegram.arm('editMessageCaption', silence);
  await bob.press(card, 'Posted');
  await team.settle();
  clock.advance(3_600_000);
  expect(await services.renderer.sweep()).toBe(0);
  clock.advance(-2 * 3_600_000);
  team.letPass(29_999);
  expect(await services.renderer.sweep()).toBe(0);
  team.letPass(1);
  expect(await services.renderer.sweep()).toBe(1);
  expect(team.now(card).caption).toContain('✅ Posted by Bob');
});

test('T12: silence in one chat leaves the cards of another alone', async () => {
  const { bob, dana, telegram, services, clock } = team;
  const second = telegram.createGroup({ title: 'Second', members: [dana] });
  await services.chats.admit({ id: second.id, title: 'Second', type: 'supergroup', timeZone: 'UTC', addedBy: null });
  await team.fill(1);
  await team.test.db.update(queueItems).set({ chatId: second.id }).where(eq(queueItems.status, 'pending'));
  await services.delivery.deliverNext(second.id);
  const other = await telegram.waitForMessage(second, ({ photo }) => photo !== undefined);

  telegram.arm('editMessageCaption', silence);
  await bob.press(card, 'Posted');
  await team.settle();
  clock.advance(1000);
  await dana.press(other, 'Posted');
  await team.settle();
  expect(team.now(other).caption).toContain('✅ Posted by Dana');
  expect(team.now(card).caption).toBe(card.caption);
});

test('what another process changes while the card is being edited is shown right after', async () => {
  const { alice, bob, telegram, services } = team;
  const isEditing = Promise.withResolvers<void>();
  const where = () => {
    isEditing.resolve();
    return true;
  };
  telegram.arm('editMessageCaption', { delayMs: 150 }, { where });
  await bob.press(card, 'Posted');
  await isEditing.promise;
  const { id } = await onlyCard(team.test.db);
  const userId = (await services.users.byTelegramId(alice.id))?.id ?? '';
  const undo = tapOn(id, 'undo', { userId, chatId: team.group.id });
  expect(await services.decisions.tap('undo', undo, { isAdmin: true })).toMatchObject({ kind: 'changed' });
  await team.settle();
  expect(edits()).toBe(2);
  expect(team.now(card).caption).toBe(card.caption);
});

test('an edit whose answer was lost is repeated by the sweep and harms nothing', async () => {
  const { bob, telegram, services } = team;
  telegram.arm('editMessageCaption', { cut: 'after' });
  await bob.press(card, 'Posted');
  await team.settle();
  expect(team.now(card).caption).toContain('✅ Posted by Bob');
  expect(await services.renderer.sweep(), 'a Telegram that does not answer is not asked again at once').toBe(0);
  team.letPass(5_000);
  expect(await services.renderer.sweep()).toBe(1);
  const { version, renderedVersion } = await onlyCard(team.test.db);
  expect(renderedVersion).toBe(version);
  expect(telegram.versions(card)).toHaveLength(1);
});

test('a bot that was killed before the edit shows the decision at its next sweep', async () => {
  const { bob, telegram, services } = team;
  telegram.arm('editMessageCaption', { cut: 'before' });
  await bob.press(card, 'Posted');
  await team.settle();
  expect(team.now(card).caption).toBe(card.caption);
  team.letPass(5_000);
  await services.renderer.sweep();
  expect(team.now(card).caption).toContain('✅ Posted by Bob');
});

test('a card that Telegram refuses for ever is not tried for ever', async () => {
  const { bob, telegram, services } = team;
  telegram.arm('editMessageCaption', { error: { code: 400, description: 'Bad Request: CHAT_RESTRICTED' } });
  await bob.press(card, 'Posted');
  await team.settle();
  expect(await services.renderer.sweep()).toBe(0);
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'posted' });
});

test('a name that changed is on the card with its next change only', async () => {
  const { bob, test: database, services } = team;
  await bob.press(card, 'Posted');
  await team.settle();
  await database.db.execute(sql`update users set first_name = 'Robert' where telegram_user_id = ${bob.id}`);
  expect(await services.renderer.sweep()).toBe(0);
  team.clock.advance(60_000);
  await services.renderer.sweep();
  expect(team.now(card).caption).toContain('✅ Posted by Robert');
});

test('only the note that a card was shown does not wait for the disk; the connection does again behind it', async () => {
  const database = team.test.open({ max: 1 });
  await database.db.execute(sql`set synchronous_commit = on`);
  const { id } = await onlyCard(team.test.db);
  const cards = createCardRepository(database);
  expect(await cards.markRendered(id, 1, team.clock.now())).toBe(1);
  const [during] = await database.db.execute(sql`select rendered_version as shown from queue_items where id = ${id}`);
  expect(during).toEqual({ shown: 1 });
  expect(await database.db.execute(sql`show synchronous_commit`)).toEqual([{ synchronous_commit: 'on' }]);
});
