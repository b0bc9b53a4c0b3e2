import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  browserPath,
  choose,
  DESKTOP,
  messageWith,
  openBrowser,
  openPanel,
  PHONE,
  say,
  visitChat,
} from '../support/browser.ts';
import { startTeam, type Team } from '../support/team.ts';

const INVITATION = 'Invitation: become a member';
const DAY_MS = 24 * 60 * 60 * 1000;
const REFUSED = 'This invitation is not valid any more. Ask for a new one.';

describe.skipIf(browserPath === undefined)('invitations on the simulator’s page', () => {
  let team: Team;
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    team = await startTeam();
    const grace = team.telegram.createPerson({ first_name: 'Grace', id: 105 });
    const members = [team.alice, team.charlie, grace];
    team.telegram.createGroup({ title: 'Friends', type: 'group', members, botIsMember: false });
  });
  afterEach(() => team.stop());

  const open = (viewport: typeof PHONE, person: string, chat: string) =>
    visitChat(browser, team.telegram.url, { viewport, person, chat });

  /** Alice makes an invitation and passes it on to her friends. Returns her page. */
  async function invite(viewport: typeof PHONE): Promise<Page> {
    const { page } = await open(viewport, 'Alice', 'Storyline');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await say(page, '/invite member');
    await choose(page, messageWith(page, INVITATION), 'Forward to …');
    await page.getByRole('dialog', { name: 'Forward to' }).getByText('Friends').click();
    await page.getByText('Forwarded to Friends').waitFor();
    return page;
  }

  /** Somebody opens the link that Alice passed on, and presses Start. */
  async function accept(page: Page): Promise<void> {
    await messageWith(page, INVITATION)
      .getByRole('link', { name: /\?start=/ })
      .click();
    await page.getByRole('heading', { name: 'Storyline', exact: true, level: 2 }).waitFor();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
  }

  for (const [name, viewport] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
    test(`A06: an invitation’s link lets one person in, and nobody after that, on a ${name}`, async () => {
      const alice = await invite(viewport);
      const { page: charlie, errors } = await open(viewport, 'Charlie', 'Friends');
      await accept(charlie);
      await messageWith(charlie, 'You are a member of the team now.').waitFor();
      await messageWith(alice, 'Charlie used your invitation and is a member now.').waitFor();
      const { page: grace } = await open(viewport, 'Grace', 'Friends');
      await accept(grace);
      await messageWith(grace, REFUSED).waitFor();

      await say(alice, '/members');
      const people = messageWith(alice, 'People: 1 admin, ');
      await people.getByRole('button', { name: /Charlie/ }).waitFor();
      expect(await people.getByRole('button', { name: /Grace/ }).count()).toBe(0);
      expect(errors).toEqual([]);
    });
  }

  test('A06: after a day the link lets nobody in any more', async () => {
    const alice = await invite(DESKTOP);
    await openPanel(alice, 'Clock');
    const made = team.clock.now().getTime();
    for (const step of ['+1 day', '+1 min']) await alice.getByRole('button', { name: step, exact: true }).click();
    await team.telegram.waitFor(() => team.clock.now().getTime() > made + DAY_MS);
    const { page: charlie } = await open(PHONE, 'Charlie', 'Friends');
    await accept(charlie);
    await messageWith(charlie, REFUSED).waitFor();
  });
});
