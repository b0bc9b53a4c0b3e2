import { afterEach, beforeEach, expect, test } from 'vitest';
import { users } from '../../src/db/schema/index.ts';
import { STRANGER_SENTENCE } from '../../src/users/refuse-strangers.ts';
import { interactionLines } from '../support/rows.ts';
import { openSettings, press } from '../support/settings.ts';
import { NOON, startTeam, type Team } from '../support/team.ts';

let team: Team;
beforeEach(async () => {
  team = await startTeam();
  // Charlie is in no team chat; an admin let him in as a guest.
  await team.test.db.insert(users).values({ telegramUserId: team.charlie.id, role: 'guest', dateJoined: NOON });
});
afterEach(() => team.stop());

async function says(text: string): Promise<string | undefined> {
  const { charlie, telegram } = team;
  const sent = charlie.send(charlie.privateChat, text);
  await team.settle();
  return telegram.messages(charlie.privateChat).find(({ message_id: id }) => id > sent.message_id)?.text;
}

test('a guest is a stranger to the bot until an admin opens it to guests, and again when it is closed', async () => {
  const { charlie, telegram, group } = team;
  expect(await says('/start')).toBe(
    'You are a guest here. The team has not opened me to guests yet, so there is nothing you can do here for now.',
  );
  const menu = await openSettings(team, group);
  expect(await press(team, menu, 'Reports')).toContain('Guests: closed. Guests are answered like strangers.');
  expect(await press(team, menu, 'Guests')).toContain('Guests: open.');
  expect(await says('/start')).toContain('You are a guest here.');
  expect(await says('/help')).toContain('What you can send me');
  expect(await says('/queue')).toContain('This is for members of the team.');
  await press(team, menu, 'Guests');
  charlie.send(charlie.privateChat, '/help');
  await team.settle();
  // Strangers are answered once in ten minutes.
  expect(telegram.messages(charlie.privateChat).at(-1)?.text).toBe('/help');
  expect(
    (await interactionLines(team.test.db)).filter((line) => line.startsWith('null') || line.startsWith('Charlie')),
  ).toEqual([
    'Charlie /start denied',
    'Charlie /start done',
    'Charlie /help done',
    'Charlie /queue denied',
    'Charlie /help denied',
  ]);
});

test('whatever else a guest writes to a bot that is closed to guests is answered like a stranger’s', async () => {
  expect(await says('/help')).toBe(STRANGER_SENTENCE);
});

test('opening the bot to guests lets no stranger in', async () => {
  const { group, telegram } = team;
  const menu = await openSettings(team, group);
  await press(team, menu, 'Reports');
  await press(team, menu, 'Guests');
  const eve = telegram.createPerson({ first_name: 'Eve' });
  const sent = eve.send(eve.privateChat, '/start');
  const reply = await telegram.waitForMessage(eve.privateChat, ({ message_id: id }) => id > sent.message_id);
  expect(reply.text).toContain('This bot belongs to a team');
});
