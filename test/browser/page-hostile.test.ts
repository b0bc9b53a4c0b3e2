import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath, DESKTOP, openBrowser, visitChat } from '../support/browser.ts';
import { HOSTILE } from '../support/hostile.ts';
import { picture } from '../support/picture.ts';
import { startTeam, type Team } from '../support/team.ts';

const CAPTION_LIMIT = 1024;
const LONGEST = '👩‍👩‍👧‍👦<i>&amp;'.repeat(100).slice(0, CAPTION_LIMIT);
const CASES: readonly [called: string, words: string][] = [
  ...HOSTILE.map((words): [string, string] => [words, words]),
  ['as long as Telegram allows', LONGEST],
];

describe.skipIf(browserPath === undefined)('T22: hostile names and captions on the simulator’s page', () => {
  let team: Team;
  let browser: Browser;
  beforeAll(async () => {
    team = await startTeam();
    team.bob.send(team.bob.privateChat, '/start');
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await team.stop();
  });

  test.each(CASES)('T22: a file with the name and caption %j is sent, answered and decided on', async (_, words) => {
    const { page, errors } = await visitChat(browser, team.telegram.url, {
      viewport: DESKTOP,
      person: 'Bob',
      chat: 'Storyline',
    });
    let dialogs = 0;
    page.on('dialog', (dialog) => {
      dialogs += 1;
      void dialog.dismiss();
    });
    const buffer = Buffer.from(picture(7000 + team.telegram.messages(team.bob.privateChat).length));
    const given = `${words.slice(0, 100)}.png`;
    await page.getByLabel('Files to send').setInputFiles({ name: given, mimeType: 'image/png', buffer });
    await page.getByRole('textbox', { name: 'Caption' }).fill(words);
    await page.getByLabel('Send as a file').check();
    await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click();
    const sent = await team.telegram.waitForMessage(team.bob.privateChat, ({ caption }) => caption === words);
    const answer = await team.telegram.waitForMessage(
      team.bob.privateChat,
      ({ reply_to_message: to, text }) => to?.message_id === sent.message_id && text !== undefined,
    );
    const shown = (id: number) => page.locator(`[data-message="${id}"] .text`);
    const name = sent.document?.file_name ?? '';
    expect(name).toBe(given);
    await shown(answer.message_id).waitFor();
    expect(await shown(answer.message_id).textContent()).toBe(answer.text);
    expect(answer.text?.split('\n')[0]).toContain(name.slice(0, 60));

    const card = await team.nextCard();
    await page.getByRole('navigation', { name: 'Chats' }).getByText('Team', { exact: true }).click();
    const item = page.locator(`[data-message="${card.message_id}"]`);
    await item.getByRole('button', { name: 'Posted' }).click();
    await item.getByText('Posted by Bob').waitFor();
    const caption = team.now(card).caption ?? '';
    expect(caption.length).toBeLessThanOrEqual(CAPTION_LIMIT);
    expect(await item.locator('.text').textContent()).toBe(caption);
    if (words.length < 200) expect(caption.startsWith(`${words}\n`)).toBe(true);
    else expect(words.startsWith(caption.slice(0, 800))).toBe(true);
    expect(caption).toContain(`📁 ${name.slice(0, 60)}`);

    expect(dialogs).toBe(0);
    expect(await page.title()).toBe('Storyline simulator');
    expect(await page.locator('.text b:text("not bold"), .text i').count()).toBe(0);
    expect(errors).toEqual([]);
  });
});
