import { afterEach, beforeEach, expect, test } from 'vitest';
import { interactionLines, onlyCard } from '../support/rows.ts';
import { startTeam, type Team } from '../support/team.ts';

let team: Team;
beforeEach(async () => {
  team = await startTeam({ groupType: 'group' });
  team.alice.send(team.alice.privateChat, '/start');
  await team.settle();
});
afterEach(() => team.stop());

/** Lets something happen as the page does, and waits until the real bot has dealt with it. */
async function happen(request: object): Promise<{ sentence: string; chat?: number }> {
  const answer = await fetch(`${team.telegram.url}simulator/happenings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  expect(answer.status).toBe(200);
  await team.settle();
  return (await answer.json()) as { sentence: string; chat?: number };
}

const saidTo = (id: number) =>
  team.telegram.messages({ id }).flatMap(({ text, from }) => (from?.id === team.telegram.bot.id && text ? [text] : []));
const botIsIn = (id: number) => {
  const status = team.telegram.world.chats.get(id)?.members.get(team.telegram.bot.id)?.status;
  return status === 'member';
};

test('A02: from a foreign group the bot takes its leave, and the admin reads who added it', async () => {
  const { alice, charlie, services } = team;
  const { chat: foreign = 0 } = await happen({ kind: 'foreign group', person: charlie.id, title: 'Spam' });
  expect(botIsIn(foreign)).toBe(false);
  expect(saidTo(foreign)).toEqual([expect.stringContaining('Goodbye')]);
  expect(saidTo(alice.id).at(-1)).toBe(
    'Somebody (Charlie) added me to the group “Spam”. I left it: only admins can add me.',
  );
  expect((await services.chats.byId(foreign))?.isActive ?? false).toBe(false);

  const { chat: own = 0 } = await happen({ kind: 'foreign group', person: alice.id, title: 'Second team' });
  expect(botIsIn(own)).toBe(true);
  expect(saidTo(own)).toEqual([expect.stringMatching(/^Hello!/)]);
});

test('T15: after the group has become a supergroup, old buttons and the new id work', async () => {
  const { alice, bob, group, services, telegram } = team;
  await team.fill(1);
  const card = await team.nextCard();
  const { chat: after = 0 } = await happen({ kind: 'supergroup', person: alice.id, chat: group.id });
  expect(await services.chats.byId(after)).toMatchObject({ id: after, migratedFrom: group.id, isActive: true });
  expect(await bob.press(card, 'Skip')).toEqual({ text: 'Skipped. Not offered again for 45 days.' });
  await team.settle();
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'skipped', chatId: after });
  await team.fill(1);
  bob.send({ id: after }, '/next');
  expect(await telegram.waitForMessage({ id: after }, ({ photo }) => photo !== undefined)).toMatchObject({
    chat: { id: after },
  });
});

test('T21: an unknown update is passed over, a message with unknown fields is answered like any other', async () => {
  const { bob, services } = team;
  const failed = () => services.counters.read().updates_failed;
  await happen({ kind: 'unknown update', person: bob.id });
  expect(saidTo(bob.id)).toHaveLength(1);
  expect((await interactionLines(team.test.db)).at(-1)).toBe('Bob /help done');
  expect(failed()).toBeUndefined();
});

test('a tap of which the page sends the update once more decides once', async () => {
  const { bob } = team;
  await team.fill(1);
  const card = await team.nextCard();
  await bob.press(card, 'Posted');
  await team.settle();
  const { sentence } = await happen({ kind: 'redeliver', person: bob.id });
  expect(sentence).toMatch(/^The newest update of Bob \(callback_query “posted:/);
  expect(await onlyCard(team.test.db)).toMatchObject({ status: 'posted', version: 2 });
  expect((await interactionLines(team.test.db)).filter((line) => line.startsWith('Bob'))).toEqual(['Bob posted done']);
});
