import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath, DESKTOP, openBrowser, PHONE, say, visit, visitChat } from '../support/browser.ts';
import { startTeam, type Team } from '../support/team.ts';

describe.skipIf(browserPath === undefined)('the simulator’s page, in Chromium', () => {
  let team: Team;
  let browser: Browser;
  beforeAll(async () => {
    team = await startTeam();
    await team.fill(6);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await team.stop();
  });

  const open = (viewport: typeof PHONE, person: string, chat: string) =>
    visitChat(browser, team.telegram.url, { viewport, person, chat });

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
    });
  }

  test('a stranger gets the one neutral sentence', async () => {
    const { page } = await open(PHONE, 'Charlie', 'Storyline');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByRole('log').getByText('This bot belongs to a team').waitFor();
  });

  test('an admin asks for the team’s figures', async () => {
    const { page } = await open(DESKTOP, 'Alice', 'Team');
    await say(page, '/team');
    await page.getByText('last 30 days').last().waitFor();
  });

  test('who taps by keyboard keeps the focus while the card changes below it', async () => {
    const { page } = await open(DESKTOP, 'Bob', 'Team');
    const card = await team.nextCard();
    const item = page.locator(`[data-message="${card.message_id}"]`);
    await item.getByRole('button', { name: 'Posted' }).focus();
    await page.keyboard.press('Enter');
    await item.getByRole('button', { name: 'Undo' }).waitFor();
    expect(await page.locator(':focus').textContent()).toContain('Undo');
  });

  test('a tapped button is busy at once, until the bot has answered', async () => {
    const card = await team.nextCard();
    const { page } = await open(PHONE, 'Bob', 'Team');
    const item = page.locator(`[data-message="${card.message_id}"]`);
    await item.getByRole('button', { name: 'Skip' }).waitFor();
    team.telegram.arm('answerCallbackQuery', { delayMs: 400 });
    team.telegram.arm('editMessageCaption', { delayMs: 400 });
    await item.getByRole('button', { name: 'Skip' }).click();
    await item.locator('[aria-busy=true]').getByText('Skip').waitFor();
    await item.getByText('Skipped by Bob').waitFor();
    await item.locator('[aria-busy=true]').waitFor({ state: 'detached' });
  });

  test('a tap on a card that is settled already opens an alert, which Escape closes', async () => {
    const card = await team.nextCard();
    const { page } = await open(DESKTOP, 'Bob', 'Team');
    const item = page.locator(`[data-message="${card.message_id}"]`);
    await item.getByRole('button', { name: 'Posted' }).waitFor();
    team.telegram.arm('editMessageCaption', { delayMs: 1500 });
    const won = team.dana.press(card, 'Posted');
    await item.getByRole('button', { name: 'Posted' }).click();
    const alert = page.getByRole('alertdialog');
    await alert.getByText('Already posted by Dana').waitFor();
    await page.keyboard.press('Escape');
    await alert.waitFor({ state: 'hidden' });
    await won;
  });

  test('the page says that the connection is lost, and goes on when it is back', async () => {
    const { page } = await visit(browser, 'about:blank', DESKTOP);
    await page.route('**/simulator/events', (route) => route.abort());
    await page.goto(team.telegram.url);
    const banner = page.getByText("The bot's process does not answer");
    await banner.waitFor();
    await page.unroute('**/simulator/events');
    await banner.waitFor({ state: 'hidden' });
    await page.getByRole('navigation', { name: 'Chats' }).getByText('Team', { exact: true }).waitFor();
  });
});
