import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath, choose, DESKTOP, openBrowser, PHONE, say, type Visit, visitChat } from '../support/browser.ts';
import { startTeam, type Team } from '../support/team.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

describe.skipIf(browserPath === undefined)('the panel of the simulator’s page', () => {
  let team: Team;
  let browser: Browser;
  beforeAll(async () => {
    team = await startTeam();
    await team.fill(3);
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await team.stop();
  });

  async function open(viewport: typeof PHONE, tab: string): Promise<Visit> {
    const opened = await visitChat(browser, team.telegram.url, { viewport, person: 'Bob', chat: 'Team' });
    await opened.page.getByRole('button', { name: 'What happens' }).click();
    await opened.page.getByRole('tab', { name: tab }).click();
    return opened;
  }

  test('shows what the bot calls as it happens, with all that was asked and answered', async () => {
    const { page, errors } = await open(DESKTOP, 'Calls');
    await page.getByRole('button', { name: 'Clear' }).click();
    await say(page, '/help');
    await page.getByLabel('Only methods with').fill('sendmess');
    const call = page.getByRole('list', { name: 'Calls of the bot' }).getByText('sendMessage').last();
    await call.click();
    await page.getByText(`"chat_id": ${team.group.id}`).first().waitFor();
    await page.getByText('"ok": true').first().waitFor();
    await page.getByLabel('Errors').check();
    await page.getByText('No call fits.').waitFor();
    expect(errors).toEqual([]);
  });

  for (const [name, viewport] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
    test(`an armed 429 hits the bot once, which answers all the same, on a ${name}`, async () => {
      const { page } = await open(viewport, 'Faults');
      await page.getByLabel('At which method').fill('sendMessage');
      await page.getByLabel('Seconds').fill('1');
      await page.getByRole('button', { name: 'Arm' }).click();
      await page.getByRole('list', { name: 'Armed' }).getByText('1 left').waitFor();
      const before = team.telegram.messages(team.group).length;
      team.bob.send(team.group, '/help');
      await page.getByText("Nothing. The bot's calls go through.").waitFor();
      await page.getByRole('tab', { name: 'Calls' }).click();
      const calls = page.getByRole('list', { name: 'Calls of the bot' });
      await calls.getByText('429', { exact: true }).last().waitFor();
      await team.telegram.waitFor(() => team.telegram.messages(team.group).length >= before + 2);
    });
  }

  test('disarms what was armed', async () => {
    const { page } = await open(DESKTOP, 'Faults');
    await page.getByLabel('What goes wrong').selectOption('slow');
    await page.getByLabel('How many times').fill('7');
    await page.getByRole('button', { name: 'Arm' }).click();
    await page.getByText('7 left').waitFor();
    await page.getByRole('button', { name: 'Disarm all' }).click();
    await page.getByText("Nothing. The bot's calls go through.").waitFor();
  });

  test('moves the clock of the simulator and the bot, and back', async () => {
    const { page } = await open(DESKTOP, 'Clock');
    const before = team.clock.now().getTime();
    await page.getByRole('button', { name: '+1 day' }).click();
    await team.telegram.waitFor(() => team.clock.now().getTime() >= before + DAY_MS);
    await page.getByRole('button', { name: 'Back to the real time' }).click();
    await team.telegram.waitFor(() => team.clock.now().getTime() < before + DAY_MS);
  });

  test('lets ten people tap one button at once: one settles the card, nine are told who was first', async () => {
    const card = await team.nextCard();
    const { page } = await open(DESKTOP, 'Clock');
    await choose(page, page.locator(`[data-message="${card.message_id}"]`), 'Ten people tap …');
    await page.getByRole('combobox', { name: /^Button/ }).selectOption({ label: '✅ Posted' });
    await page.getByRole('button', { name: 'Ten people tap' }).click();
    const told = page.getByRole('list', { name: 'Who was told what' });
    await told.getByRole('listitem').nth(9).waitFor();
    expect(await told.getByText('Posted. Not offered again').count()).toBe(1);
    expect(await told.getByText('Already posted by').count()).toBe(9);
  });

  test('is used by keyboard: arrow keys change the tab, Escape closes it and gives the focus back', async () => {
    const { page } = await open(PHONE, 'Calls');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('tab', { name: 'Faults', selected: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('complementary', { name: 'What happens' }).waitFor({ state: 'detached' });
    expect(await page.locator(':focus').getAttribute('aria-label')).toBe('What happens');
  });
});
