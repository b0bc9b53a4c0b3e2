import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTeam, type Team } from '../support/team.ts';

let team: Team;
beforeEach(async () => {
  team = await startTeam();
});
afterEach(() => team.stop());

test('a picture sent in private becomes a card, and one tap settles it', async () => {
  const { alice, bob, telegram, group } = team;
  await team.fill(1);
  bob.send(group, '/next');
  const card = await telegram.waitForMessage(group, ({ photo }) => photo !== undefined);
  expect(card.caption).toMatch(/^📁 photo 2026-11-20/);

  const answer = await bob.press(card, 'Posted');
  expect(answer).toEqual({ text: 'Posted. Not offered again for 30 days.' });
  await team.settle();
  expect(team.now(card).caption).toContain('✅ Posted by Bob\nFri 20 Nov 12:00');

  const late = await alice.press(team.now(card), 'Undo');
  expect(late).toMatchObject({ text: 'Undone: the card is open again.' });
  await team.settle();
  expect(team.now(card).caption).toBe(card.caption);
  expect(team.now(card).reply_markup).toEqual(card.reply_markup);
});
