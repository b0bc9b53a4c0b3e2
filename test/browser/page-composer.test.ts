import { Api } from 'grammy';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath, choose, DESKTOP, messageWith, openBrowser, PHONE, say, visitChat } from '../support/browser.ts';
import { picture } from '../support/picture.ts';
import { startTeam, type Team } from '../support/team.ts';

const pictures = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    name: `picture-${index}.png`,
    mimeType: 'image/png',
    buffer: Buffer.from(picture(9000 + index)),
  }));

describe.skipIf(browserPath === undefined)('writing on the simulator’s page', () => {
  let team: Team;
  let browser: Browser;
  let bot: Api;
  beforeAll(async () => {
    team = await startTeam();
    bot = new Api(team.telegram.token, { apiRoot: team.telegram.apiRoot });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await team.stop();
  });

  const open = (viewport: typeof PHONE, person = 'Bob', chat = 'Team') =>
    visitChat(browser, team.telegram.url, { viewport, person, chat });
  const newest = () => team.telegram.messages(team.group).at(-1);

  for (const [name, viewport] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
    test(`several pictures go as one album with one caption, on a ${name}`, async () => {
      const { page, errors } = await open(viewport);
      await page.getByLabel('Files to send').setInputFiles(pictures(3));
      const dialog = page.getByRole('dialog', { name: 'Send 3 files' });
      await dialog.getByRole('textbox', { name: 'Caption' }).fill(`Three at once on a ${name}`);
      await dialog.getByRole('button', { name: 'Send', exact: true }).click();
      const album = messageWith(page, `Three at once on a ${name}`).getByRole('group', { name: 'Album of 3' });
      await album.waitFor();
      const sent = team.telegram.messages(team.group).slice(-3);
      expect(new Set(sent.map(({ media_group_id: id }) => id)).size).toBe(1);
      await album
        .getByRole('button', { name: /View the picture/ })
        .first()
        .click();
      await page.getByRole('dialog', { name: 'Picture' }).getByText('1 of 3').waitFor();
      await page.keyboard.press('ArrowRight');
      await page.getByText('2 of 3').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog', { name: 'Picture' }).waitFor({ state: 'hidden' });
      expect(errors).toEqual([]);
    });
  }

  for (const [done, event] of Object.entries({ dropped: 'drop', pasted: 'paste' })) {
    test(`a picture that is ${done} is shown first, and sent as a picture`, async () => {
      const { page } = await open(DESKTOP);
      await page.evaluate(`
        const transfer = new DataTransfer();
        const bytes = Uint8Array.from(atob('${Buffer.from(picture(9500)).toString('base64')}'), (byte) => byte.charCodeAt(0));
        transfer.items.add(new File([bytes], 'new.png', { type: 'image/png' }));
        const about = { bubbles: true, cancelable: true };
        const happening = '${event}' === 'drop'
          ? new DragEvent('drop', { ...about, dataTransfer: transfer })
          : new ClipboardEvent('paste', { ...about, clipboardData: transfer });
        document.querySelector('.pane textarea').dispatchEvent(happening);`);
      await page.getByRole('dialog', { name: 'Send a file' }).getByRole('img', { name: 'new.png' }).waitFor();
      await page.getByRole('textbox', { name: 'Caption' }).fill(`It was ${done}`);
      await page.keyboard.press('Enter');
      await messageWith(page, `It was ${done}`).getByRole('button', { name: 'View the picture' }).waitFor();
      expect(newest()).toMatchObject({ caption: `It was ${done}`, photo: expect.any(Array) });
    });
  }

  test('a picture can go as a file, which others download', async () => {
    const { page } = await open(DESKTOP);
    await page.getByLabel('Files to send').setInputFiles(pictures(1));
    await page.getByLabel('Send as a file').check();
    await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click();
    const link = page.getByRole('link', { name: /picture-0\.png/ });
    const download = page.waitForEvent('download');
    await link.click();
    expect((await download).suggestedFilename()).toBe('picture-0.png');
    expect(newest()?.document?.file_name).toBe('picture-0.png');
  });

  test('a message is answered, edited in place and deleted', async () => {
    const { page, errors } = await open(DESKTOP);
    const question = team.dana.send(team.group, 'Who writes the words?');
    await choose(page, messageWith(page, 'Who writes the words?'), 'Reply');
    await page.getByText('Reply to Dana').waitFor();
    await say(page, 'I do');
    await messageWith(page, 'I do').getByText('Who writes the words?').waitFor();
    expect(newest()?.reply_to_message?.message_id).toBe(question.message_id);

    await page.getByRole('textbox', { name: 'Message' }).focus();
    await page.keyboard.press('ArrowUp');
    await page.getByText('Edit message').waitFor();
    await say(page, 'I do, tomorrow');
    const edited = messageWith(page, 'I do, tomorrow');
    await edited.getByText('edited').waitFor();
    expect(await page.getByRole('log').getByText('I do', { exact: true }).count()).toBe(0);
    await choose(page, edited, 'Delete');
    await edited.waitFor({ state: 'detached' });
    expect(errors).toEqual([]);
  });

  test('the command menu opens with a slash and is used by keyboard alone', async () => {
    await bot.setMyCommands([
      { command: 'next', description: 'Show the next card now' },
      { command: 'help', description: 'All commands' },
    ]);
    const { page } = await open(PHONE);
    await page.getByRole('textbox', { name: 'Message' }).focus();
    await page.keyboard.type('/he');
    const option = page.getByRole('listbox', { name: 'Commands' }).getByRole('option', { name: /\/help/ });
    await option.waitFor();
    await page.keyboard.press('Escape');
    await option.waitFor({ state: 'hidden' });
    await page.keyboard.type('l');
    await page.keyboard.press('ArrowDown');
    expect(await option.getAttribute('aria-selected')).toBe('true');
    expect(await page.getByRole('textbox', { name: 'Message' }).getAttribute('aria-activedescendant')).toBe(
      await option.getAttribute('id'),
    );
    await page.keyboard.press('Enter');
    await team.telegram.waitForMessage(team.group, ({ text, from }) => text === '/help' && from?.id === team.bob.id);
  });

  test('Enter sends, and Shift and Enter make a new line', async () => {
    const { page } = await open(DESKTOP);
    await page.getByRole('textbox', { name: 'Message' }).focus();
    await page.keyboard.type('first line');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('second line');
    await page.keyboard.press('Enter');
    await team.telegram.waitForMessage(team.group, ({ text }) => text === 'first line\nsecond line');
  });
});
