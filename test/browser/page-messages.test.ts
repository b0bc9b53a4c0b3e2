import { Api } from 'grammy';
import type { MessageEntity } from 'grammy/types';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath, choose, DESKTOP, messageWith, openBrowser, PHONE, visitChat } from '../support/browser.ts';
import { startTeam, type Team } from '../support/team.ts';

const SMALLEST = { width: 360, height: 640 };
describe.skipIf(browserPath === undefined)('messages on the simulator’s page', () => {
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

  test('a reaction is given and taken back, and a message forwarded', async () => {
    const { page } = await open(DESKTOP);
    team.bob.send(team.group, 'Worth a fire');
    const message = messageWith(page, 'Worth a fire');
    await choose(page, message, '🔥');
    const reaction = message.getByRole('button', { name: '🔥 1' });
    await reaction.waitFor();
    expect(await reaction.getAttribute('aria-pressed')).toBe('true');
    await reaction.click();
    await reaction.waitFor({ state: 'hidden' });
    await choose(page, message, 'Forward to …');
    await page.getByRole('dialog', { name: 'Forward to' }).getByText('Storyline').click();
    await page.getByText('Forwarded to Storyline').waitFor();
    expect(team.telegram.messages(team.bob.privateChat).some(({ text }) => text === 'Worth a fire')).toBe(true);
  });

  for (const [name, viewport] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
    test(`a deep link below a message leads into the private chat and waits for Start, on a ${name}`, async () => {
      const url = `https://t.me/${team.telegram.bot.username}?start=card_${name}`;
      const keyboard = { inline_keyboard: [[{ text: `More on a ${name}`, url }]] };
      await bot.sendMessage(team.group.id, `Details for the ${name}`, { reply_markup: keyboard });
      const { page } = await open(viewport);
      await page.getByRole('link', { name: `More on a ${name}` }).click();
      await page.getByRole('heading', { name: 'Storyline', exact: true, level: 2 }).waitFor();
      await page.getByRole('button', { name: 'Start', exact: true }).click();
      await team.telegram.waitForMessage(team.bob.privateChat, ({ text }) => text === `/start card_${name}`);
      await page.getByRole('textbox', { name: 'Message' }).waitFor();
    });
  }

  test('a link to a message goes to it; a link to a chat that one is not in says so', async () => {
    const target = team.dana.send(team.group, 'The one to go to');
    for (let line = 0; line < 30; line += 1) team.dana.send(team.group, `Between ${line}`);
    const address = (chat: number) => `https://t.me/c/${String(chat).replace('-100', '')}/${target.message_id}`;
    team.bob.send(team.bob.privateChat, `See ${address(team.group.id)} and ${address(-1009876543210)}`);
    const { page } = await open(DESKTOP, 'Bob', 'Storyline');
    await page.getByRole('link', { name: address(-1009876543210) }).click();
    await page.getByText('Bob is not in this chat').waitFor();
    await page.getByRole('link', { name: address(team.group.id) }).click();
    const found = page.locator('.message.found');
    await found.getByText('The one to go to').waitFor();
  });

  test('Telegram’s entities are shown, also one inside another', async () => {
    const parts: [words: string, entity?: (at: { offset: number; length: number }) => MessageEntity][] = [
      ['underlined', (at) => ({ type: 'underline', ...at })],
      ['struck', (at) => ({ type: 'strikethrough', ...at })],
      ['secret', (at) => ({ type: 'spoiler', ...at })],
      ['code', (at) => ({ type: 'code', ...at })],
      ['const x = 1;', (at) => ({ type: 'pre', language: 'javascript', ...at })],
      ['a quote', (at) => ({ type: 'blockquote', ...at })],
      ['a long quote', (at) => ({ type: 'expandable_blockquote', ...at })],
      ['a link', (at) => ({ type: 'text_link', url: 'https://example.org/', ...at })],
      ['+49 30 123456', (at) => ({ type: 'phone_number', ...at })],
      ['bold'],
      ['and italic'],
    ];
    const text = parts.map(([words]) => words).join('\n');
    const entities = parts.flatMap(
      ([words, entity]) => entity?.({ offset: text.indexOf(words), length: words.length }) ?? [],
    );
    entities.push({ type: 'bold', offset: text.indexOf('bold'), length: 'bold\nand italic'.length });
    entities.push({ type: 'italic', offset: text.indexOf('italic'), length: 'italic'.length });
    await bot.sendMessage(team.group.id, text, { entities });
    const { page } = await open(DESKTOP);
    const message = messageWith(page, 'underlined');
    const words = (selector: string) => message.locator(selector).first().textContent();
    expect(await words('u')).toBe('underlined');
    expect(await words('s')).toBe('struck');
    expect(await words('code')).toBe('code');
    expect(await words('pre[data-language="javascript"]')).toBe('const x = 1;');
    expect(await words('blockquote')).toBe('a quote');
    expect(await words('blockquote.expandable div')).toBe('a long quote');
    expect(await words('a[href="https://example.org/"][target="_blank"][rel~="noopener"]')).toBe('a link');
    expect(await words('a[href="tel:+4930123456"]')).toBe('+49 30 123456');
    expect(await words('strong em')).toBe('italic');
    await message.getByRole('button', { name: 'Hidden text' }).click();
    await message.getByText('secret', { exact: true }).waitFor();
    await message.getByRole('button', { name: 'Show more', expanded: false }).click();
    await message.getByRole('button', { name: 'Show less', expanded: true }).waitFor();
  });

  test('names and texts that look like markup are words, and run nothing', async () => {
    const markup = '<img src=x onerror="document.title=\'taken\'">';
    const mallory = team.telegram.createPerson({ first_name: markup, id: 666 });
    team.telegram.setMember(team.group, mallory, 'member');
    mallory.send(team.group, `${markup} says it all`);
    const { page, errors } = await open(DESKTOP);
    const message = messageWith(page, 'says it all');
    await message.getByText(markup, { exact: true }).first().waitFor();
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(await page.title()).toBe('Storyline simulator');
    expect(errors).toEqual([]);
  });

  test('the day stands above its messages, and makes room for the next one', async () => {
    for (let line = 0; line < 30; line += 1) team.dana.send(team.group, `Yesterday ${line}`);
    team.clock.advance(24 * 60 * 60 * 1000);
    for (let line = 0; line < 30; line += 1) team.dana.send(team.group, `Today ${line}`);
    const { page } = await open(PHONE, 'Dana');
    await messageWith(page, 'Today 29').waitFor();
    const separators = page.locator('.day');
    expect(await separators.last().textContent()).toContain('Today');
    const [before, after] = await separators.evaluateAll((all) =>
      all.slice(-2).map((element) => element.getBoundingClientRect().toJSON()),
    );
    expect(before.bottom).toBeLessThanOrEqual(after.top);
  });

  test('what the bot is doing is shown until its message comes', async () => {
    const { page } = await open(DESKTOP);
    await bot.sendChatAction(team.group.id, 'typing');
    const doing = page.getByRole('main').getByText('is typing …');
    await doing.waitFor();
    await bot.sendMessage(team.group.id, 'Here it is');
    await messageWith(page, 'Here it is').waitFor();
    expect(await doing.count()).toBe(0);
  });

  test('a message that is edited again and again stays the same element', async () => {
    const { page } = await open(DESKTOP);
    const { message_id: id } = await bot.sendMessage(team.group.id, 'Version 0');
    const item = page.locator(`[data-message="${id}"]`);
    await item.evaluate((element) => element.setAttribute('data-kept', 'yes'));
    for (let version = 1; version <= 10; version += 1) {
      await bot.editMessageText(team.group.id, id, `Version ${version}`);
    }
    await page.locator('[data-kept]').getByText('Version 10').waitFor();
  });

  test('long words, long texts and right-to-left text stay inside the smallest phone', async () => {
    const long = team.telegram.createPerson({ first_name: 'Maximiliane-Wilhelmine '.repeat(2).trim(), id: 777 });
    team.telegram.setMember(team.group, long, 'member');
    long.send(team.group, 'x'.repeat(3000));
    long.send(team.group, 'مرحبا بالعالم، هذه رسالة طويلة '.repeat(30));
    await bot.sendMessage(team.group.id, 'W'.repeat(4096), {
      reply_markup: {
        inline_keyboard: [[{ text: 'Donaudampfschifffahrtsgesellschaft'.repeat(2), callback_data: 'x' }]],
      },
    });
    const { page } = await open(SMALLEST);
    await messageWith(page, 'WWW').waitFor();
    expect(await cutOff(page)).toEqual([]);
    await page.getByRole('button', { name: 'Back to the chats' }).click();
    expect(await cutOff(page)).toEqual([]);
  });
});

/** What can be seen and reaches beyond the window's right edge. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll('.message *, .bar *, .composer *, .sidebar *')]
    .filter((element) => element.checkVisibility() && element.closest('.tools, .unseen') === null)
    .filter((element) => element.getBoundingClientRect().right > innerWidth)
    .map((element) => element.outerHTML.slice(0, 200))`);
}
