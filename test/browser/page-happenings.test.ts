import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  browserPath,
  DESKTOP,
  messageWith,
  openBrowser,
  openChat,
  openPanel,
  PHONE,
  say,
  visitChat,
} from '../support/browser.ts';
import { startTeam, type Team } from '../support/team.ts';

const SIZES = Object.entries({ phone: PHONE, desktop: DESKTOP });

describe.skipIf(browserPath === undefined)('what happens by a button of the simulator’s page', () => {
  let team: Team;
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    team = await startTeam({ groupType: 'group' });
    team.alice.send(team.alice.privateChat, '/start');
    await team.settle();
  });
  afterEach(() => team.stop());

  const open = (viewport: typeof PHONE, person: string, chat: string) =>
    visitChat(browser, team.telegram.url, { viewport, person, chat });

  /** Lets it happen; on a phone the panel covers the chat and is closed again. */
  async function happen(page: Page, sentence: string): Promise<void> {
    await openPanel(page, 'Happenings');
    await page.getByRole('button', { name: sentence }).click();
    await page.locator('#toast.shown').waitFor();
    await page.getByRole('button', { name: 'Close the panel' }).click();
  }

  for (const [name, viewport] of SIZES) {
    test(`A02: the bot takes its leave from a stranger’s group, and the admin reads who added it, on a ${name}`, async () => {
      const { page, errors } = await open(viewport, 'Charlie', 'Storyline');
      await happen(page, 'Charlie founds a group and adds the bot');
      await page.getByRole('heading', { name: 'Somebody else' }).waitFor();
      const log = page.getByRole('log');
      await log.getByText('I am a private team bot').waitFor();
      await log.getByText('Storyline left').waitFor();
      await openPanel(page, 'Happenings');
      await page.getByRole('button', { name: 'Charlie adds the bot' }).waitFor();
      await openChat(page, team.telegram.url, 'Alice', 'Storyline');
      await log.getByText("Somebody (Charlie) added me to the group “Somebody else's group”.").waitFor();
      expect(errors).toEqual([]);
    });

    test(`T15: who looks at a group goes on in the supergroup that it becomes; an old card’s button works, on a ${name}`, async () => {
      await team.fill(2);
      const card = await team.nextCard();
      const { page, errors } = await open(viewport, 'Alice', 'Team');
      const { page: other } = await open(viewport, 'Bob', 'Team');
      await other.getByRole('button', { name: 'Skip' }).waitFor();
      await happen(page, 'This group becomes a supergroup');
      await page.getByRole('log').getByText('This supergroup was a group').waitFor();
      await other.getByRole('log').getByText('This supergroup was a group').waitFor();
      await team.settle();

      if (viewport === PHONE) await other.getByRole('button', { name: 'Back to the chats' }).click();
      await other.getByRole('navigation', { name: 'Chats' }).getByText('became a supergroup').click();
      await other.getByRole('button', { name: 'Skip' }).click();
      await other.getByText('Skipped. Not offered again for 45 days.').waitFor();
      expect(await other.getByRole('textbox', { name: 'Message' }).count()).toBe(0);
      await other.getByRole('button', { name: 'Go to the supergroup' }).click();
      await say(other, '/next');
      await other.getByRole('button', { name: 'Posted' }).click();
      await page.getByText('Posted by Bob').waitFor();
      expect(team.telegram.messages(card.chat).at(-1)).toHaveProperty('migrate_to_chat_id');
      expect(errors).toEqual([]);
    });
  }

  test('T15: who has gone back to the old group stays there, also when an answer about the chats was long on its way', async () => {
    const { page } = await open(DESKTOP, 'Bob', 'Team');
    const { page: other } = await open(DESKTOP, 'Alice', 'Team');
    const late = Promise.withResolvers<void>();
    const isKept = Promise.withResolvers<void>();
    await page.route(
      ({ pathname, search }) => pathname === '/simulator/chats' && search === `?person=${team.bob.id}`,
      async (route) => {
        const answer = await route.fetch();
        isKept.resolve();
        await late.promise;
        await route.fulfill({ response: answer });
      },
      { times: 1 },
    );
    team.alice.send(team.group, 'the page asks for the chats, and the answer stays away');
    await isKept.promise;
    await happen(other, 'This group becomes a supergroup');
    await page.getByRole('log').getByText('This supergroup was a group').waitFor();
    await page.getByRole('navigation', { name: 'Chats' }).getByText('became a supergroup').click();
    const hint = page.getByRole('button', { name: 'Go to the supergroup' });
    await hint.waitFor();
    const isShown = page.waitForResponse((response) =>
      response.url().includes(`/simulator/chats?person=${team.bob.id}`),
    );
    late.resolve();
    await isShown;
    // What the late answer would have undone is undone again by the next one, and then Bob is led away.
    await say(other, 'one more message');
    await page.getByRole('navigation', { name: 'Chats' }).getByText('one more message').waitFor();
    expect(await hint.isVisible()).toBe(true);
    await page.close();
    await other.close();
  });

  test('T21: an update of an unknown kind breaks nothing, and the bot answers the next command', async () => {
    await team.fill(1);
    const { page, errors } = await open(DESKTOP, 'Bob', 'Team');
    await happen(page, 'An update of an unknown kind arrives');
    await messageWith(page, '/help').waitFor();
    await say(page, '/next');
    await page.getByRole('button', { name: 'Posted' }).waitFor();
    await openPanel(page, 'Calls');
    await page.getByLabel('Errors').check();
    await page.getByText('No call fits.').waitFor();
    expect(team.services.counters.read().updates_failed).toBeUndefined();
    expect(errors).toEqual([]);
  });

  test('who has blocked the bot cannot write to it before unblocking it', async () => {
    const { page } = await open(PHONE, 'Alice', 'Storyline');
    await happen(page, 'Alice blocks the bot in private');
    const unblock = page.getByRole('button', { name: 'Unblock', exact: true });
    await unblock.waitFor();
    expect(await page.getByRole('textbox', { name: 'Message' }).count()).toBe(0);
    await unblock.click();
    await say(page, '/help');
    await messageWith(page, '/next').waitFor();
  });

  test('who leaves a group is shown another chat, and can come back', async () => {
    const { page } = await open(DESKTOP, 'Bob', 'Team');
    await happen(page, 'Bob leaves this group');
    await page.getByRole('heading', { name: 'Storyline', level: 2 }).waitFor();
    expect(await page.getByRole('navigation', { name: 'Chats' }).getByText('Team').count()).toBe(0);
    await openPanel(page, 'Happenings');
    expect(await page.getByRole('button', { name: 'Bob leaves this group' }).isDisabled()).toBe(true);
    await page.getByLabel('Group to join').selectOption('Team');
    await page.getByRole('button', { name: 'Bob joins' }).click();
    await page.getByRole('navigation', { name: 'Chats' }).getByText('Team').click();
    await page.getByRole('button', { name: 'Bob leaves this group' }).waitFor();
  });

  test('what Telegram does not offer is refused with a sentence', async () => {
    const { page } = await open(DESKTOP, 'Bob', 'Team');
    await happen(page, 'Bob removes the bot');
    await page.getByText('Only the administrators of “Team” can remove the bot; Bob is none').waitFor();
  });
});
