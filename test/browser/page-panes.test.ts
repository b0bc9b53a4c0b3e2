import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath, DESKTOP, openBrowser, PHONE, say, visit, visitChat } from '../support/browser.ts';
import { startTeam, type Team } from '../support/team.ts';

describe.skipIf(browserPath === undefined)('several people on the simulator’s page', () => {
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

  const open = (viewport: typeof PHONE, person: string, chat: string) =>
    visitChat(browser, team.telegram.url, { viewport, person, chat });

  test('two people stand side by side, and one sees what the other does', async () => {
    const { page, errors } = await open(DESKTOP, 'Alice', 'Team');
    await page.getByRole('button', { name: 'Open beside' }).click();
    const [first, second] = [page.locator('[data-pane="0"]'), page.locator('[data-pane="1"]')];
    await second.getByRole('textbox', { name: 'Message' }).fill('/next');
    await page.keyboard.press('Enter');
    await second.getByRole('button', { name: 'Posted' }).click();
    await first.getByText('Posted by Bob').waitFor();
    expect(new URL(page.url()).hash).toBe(`#101/${team.group.id}+102/${team.group.id}`);

    await page.reload();
    await first.getByText('Posted by Bob').waitFor();
    await second.getByLabel('Who is looking').selectOption('Dana (member)');
    await second.getByRole('textbox', { name: 'Message' }).fill('I am Dana');
    await page.keyboard.press('Enter');
    await first.getByText('I am Dana').waitFor();
    await first.getByRole('button', { name: 'Close this pane' }).click();
    await second.waitFor({ state: 'detached' });
    expect(new URL(page.url()).hash).toBe(`#104/${team.group.id}`);
    expect(errors).toEqual([]);
  });

  for (const [name, viewport] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
    test(`what is unread is counted until somebody reads it, on a ${name}`, async () => {
      const { page: reader } = await open(DESKTOP, 'Dana', 'Team');
      await reader.getByRole('radio', { name: 'Dana member', exact: true }).waitFor();
      await reader.close();

      const { page } = await visit(browser, team.telegram.url, viewport);
      await page.getByRole('radio', { name: /Charlie/ }).check();
      team.bob.send(team.group, `Look at this on a ${name}`);
      team.bob.send(team.group, 'And at that');
      const dana = page.getByRole('radio', { name: /Dana/ });
      await page.getByRole('radio', { name: 'Dana member , 2 unread' }).check();
      const chat = page.getByRole('navigation', { name: 'Chats' }).getByRole('link', { name: /Team/ });
      if (viewport === PHONE) await chat.getByText('2 unread').waitFor();
      await chat.click();
      await page.getByRole('log').getByText('New messages').waitFor();
      if (viewport === PHONE) await page.getByRole('button', { name: 'Back to the chats' }).click();
      await chat.getByText('unread').waitFor({ state: 'detached' });
      expect(await dana.isChecked()).toBe(true);
    });
  }

  test('who has scrolled up is led to what is new by a button', async () => {
    for (let line = 0; line < 40; line += 1) team.dana.send(team.group, `Line ${line}`);
    const { page } = await open(PHONE, 'Bob', 'Team');
    const toNewest = page.getByRole('button', { name: /Go to the newest message/ });
    await toNewest.waitFor();
    await page.getByRole('log').getByText('New messages').waitFor();
    await toNewest.click();
    await toNewest.waitFor({ state: 'hidden' });
    await page.getByRole('log').getByText('Line 39').waitFor();
    team.dana.send(team.group, 'One more');
    await page.getByRole('log').getByText('One more').waitFor();
    expect(await toNewest.isVisible()).toBe(false);
  });

  test('on a phone the list and the chat take turns, and the person changes in the chat', async () => {
    const { page } = await open(PHONE, 'Bob', 'Team');
    await page.getByLabel('Who is looking').selectOption('Dana (member)');
    await say(page, 'From my phone');
    await team.telegram.waitForMessage(
      team.group,
      ({ text, from }) => text === 'From my phone' && from?.id === team.dana.id,
    );
    await page.getByRole('button', { name: 'Back to the chats' }).click();
    await page.getByRole('radio', { name: /Dana/, checked: true }).waitFor();
    expect(await page.getByRole('log').isVisible()).toBe(false);
  });

  test('landmarks, log and controls have names for a screen reader', async () => {
    const { page } = await open(DESKTOP, 'Bob', 'Team');
    await page.getByRole('main').waitFor();
    await page.getByRole('region', { name: 'Team' }).waitFor();
    await page.getByRole('complementary', { name: 'People and chats' }).waitFor();
    const nameless = await page.evaluate(`[...document.querySelectorAll('button, a, input, textarea, select')]
      .filter((element) => element.checkVisibility() && !element.ariaLabel && !element.closest('label'))
      .filter((element) => !element.textContent.trim())
      .map((element) => element.outerHTML)`);
    expect(nameless).toEqual([]);
  });
});
