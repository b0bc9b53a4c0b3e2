import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath, DESKTOP, messageWith, openBrowser, PHONE, say, visitChat } from '../support/browser.ts';
import { picture } from '../support/picture.ts';
import { startTeam, type Team } from '../support/team.ts';

const SIZES = Object.entries({ phone: PHONE, desktop: DESKTOP });

describe.skipIf(browserPath === undefined)('the bot’s longer answers on the simulator’s page', () => {
  let team: Team;
  let browser: Browser;
  beforeAll(async () => {
    team = await startTeam();
    team.alice.send(team.alice.privateChat, '/start');
    await team.fill(3);
    for (const [person, button] of [
      [team.bob, 'Posted'],
      [team.dana, 'Skip'],
    ] as const) {
      await person.press(await team.nextCard(), button);
    }
    await team.settle();
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await team.stop();
  });

  const open = (viewport: typeof PHONE, person: string, chat: string) =>
    visitChat(browser, team.telegram.url, { viewport, person, chat });

  for (const [name, viewport] of SIZES) {
    for (const [command, title] of Object.entries({ '/stats': 'Your figures', '/team': 'Team' })) {
      test(`${command} is one picture with its caption, and a button shows other days in the same message, on a ${name}`, async () => {
        const { page, errors } = await open(viewport, command === '/team' ? 'Alice' : 'Bob', 'Team');
        await say(page, command);
        const answer = messageWith(page, `${title}, last 30 days`);
        const image = answer.getByRole('button', { name: 'View the picture' }).getByRole('img');
        await image.waitFor();
        const id = await answer.getAttribute('data-message');
        const before = await image.getAttribute('src');
        await answer.getByRole('button', { name: '7 days' }).click();
        const same = page.locator(`[data-message="${id}"]`);
        await same.getByText(`${title}, last 7 days`).waitFor();
        await same.getByRole('button', { name: '• 7 days' }).waitFor();
        expect(await same.getByRole('img').getAttribute('src')).not.toBe(before);
        const isDrawn = `[...document.querySelectorAll('[data-message="${id}"] img')]
          .every((image) => image.complete && image.naturalWidth >= 800)`;
        await page.waitForFunction(isDrawn);
        expect(errors).toEqual([]);
      });
    }

    test(`a picture sent by the file button is answered with when it comes, on a ${name}`, async () => {
      const { page, errors } = await open(viewport, 'Alice', 'Storyline');
      const file = { name: `${name}.png`, mimeType: 'image/png', buffer: Buffer.from(picture(viewport.width)) };
      await page.getByRole('button', { name: 'Send a picture or file' }).waitFor();
      await page.getByLabel('Files to send').setInputFiles(file);
      await page.getByRole('textbox', { name: 'Caption' }).fill(`Sent from a ${name}`);
      await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click();
      await messageWith(page, `Sent from a ${name}`).waitFor();
      const answer = page.getByRole('log').getByRole('listitem').last();
      await answer.getByText('✅ Added').waitFor();
      await answer.getByText(/Team gets it .*\d\d:\d\d \(Europe\/Berlin\)/).waitFor();
      expect(errors).toEqual([]);
    });
  }

  test('/members opens a person, makes them a guest, and goes back to the list', async () => {
    const { page, errors } = await open(PHONE, 'Alice', 'Storyline');
    await say(page, '/members');
    const list = messageWith(page, 'People: 1 admin, ');
    const id = await list.getAttribute('data-message');
    const message = page.locator(`[data-message="${id}"]`);
    await message.getByRole('button', { name: /Dana/ }).click();
    await message.getByText('Is a member.').waitFor();
    await message.getByRole('button', { name: 'Make guest' }).click();
    await message.getByText('Is a guest.').waitFor();
    await message.getByRole('button', { name: '‹ Back' }).click();
    await message.getByText(/1 guest/).waitFor();
    expect(errors).toEqual([]);
  });
});
