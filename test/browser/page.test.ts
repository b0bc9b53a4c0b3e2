import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath, DESKTOP, openBrowser, openChat, PHONE, say } from '../support/browser.ts';
import { startTeam, type Team } from '../support/team.ts';

describe.skipIf(browserPath === undefined)('the simulator’s page, in Chromium', () => {
  let team: Team;
  let browser: Browser;
  beforeAll(async () => {
    team = await startTeam();
    await team.fill(2);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await team.stop();
  });

  async function open(viewport: typeof PHONE, person: string, chat: string): Promise<{ page: Page; errors: string[] }> {
    const page = await browser.newPage({ viewport });
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await openChat(page, team.telegram.url, person, chat);
    return { page, errors };
  }

  for (const [name, viewport] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
    test(`a member brings a card and settles it on a ${name}, and another one sees it happen`, async () => {
      const { page, errors } = await open(viewport, 'Bob', 'Team');
      const { page: other } = await open(viewport, 'Dana', 'Team');
      await say(page, '/next');
      await page.getByRole('button', { name: 'Reject' }).last().click();
      await page.getByText('Reject for ever? (asked by Bob)').last().waitFor();
      await page.getByRole('button', { name: 'No, keep it' }).last().click();
      await page.getByRole('button', { name: 'Posted' }).last().click();
      await page.getByText('Posted. Not offered again for 30 days.').waitFor();
      await other.getByText('Posted by Bob').last().waitFor();
      await page.getByRole('button', { name: 'Undo' }).last().click();
      await other.getByRole('button', { name: 'Skip' }).last().click();
      await page.getByText('Skipped by Dana').last().waitFor();
      expect(errors).toEqual([]);
      await page.close();
      await other.close();
    });
  }

  test('a stranger gets the one neutral sentence', async () => {
    const { page } = await open(PHONE, 'Charlie', 'Storyline');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByRole('log').getByText('This bot belongs to a team').waitFor();
    await page.close();
  });

  test('an admin asks for the team’s figures', async () => {
    const { page } = await open(DESKTOP, 'Alice', 'Team');
    await say(page, '/team');
    await page.getByText('last 30 days').last().waitFor();
    await page.close();
  });
});
