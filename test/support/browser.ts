import { existsSync } from 'node:fs';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser of this machine, if it has one; the tests that need it name themselves as skipped otherwise. */
export const browserPath: string | undefined = PLACES.find((path) => existsSync(path));

/** Without these Chromium calls home at start, and root may not use its sandbox. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 800 };

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: browserPath ?? '', args: ARGUMENTS });
}

/** Pages that nobody looks at any more. A page costs 1.3 s of CPU when it is new, and 0.5 s when it is used again. */
const unused = new WeakMap<Browser, Page[]>();

/** A page with nothing in it, alone in its browser context. It goes on to a later test when this one has passed. */
async function emptyPage(browser: Browser, viewport: typeof PHONE): Promise<Page> {
  const pages = unused.get(browser) ?? [];
  unused.set(browser, pages);
  const page = pages.pop() ?? (await browser.newPage());
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail' || page.isClosed()) return;
    page.removeAllListeners();
    await page.unrouteAll();
    await page.mouse.move(0, 0);
    await page.goto('about:blank');
    pages.push(page);
  });
  await page.setViewportSize(viewport);
  return page;
}

/** A page in the hands of somebody, and what went wrong in it so far: exceptions and errors in the console. */
export type Visit = { page: Page; errors: string[] };

export type View = { viewport: typeof PHONE; person: string; chat: string };

/** Opens the simulator's page in a window of its own, which is empty again after the test. */
export async function visit(browser: Browser, url: string, viewport: typeof PHONE): Promise<Visit> {
  const page = await emptyPage(browser, viewport);
  page.setDefaultTimeout(10_000);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(url);
  return { page, errors };
}

/** Opens the simulator's page in a window of its own, in the hands of somebody who looks at a chat. */
export async function visitChat(browser: Browser, url: string, view: View): Promise<Visit> {
  const opened = await visit(browser, url, view.viewport);
  await openChat(opened.page, url, view.person, view.chat);
  return opened;
}

/** The simulator's page in the hands of somebody. */
export async function openChat(page: Page, url: string, person: string, chat: string): Promise<void> {
  await page.goto(url);
  await page.getByRole('radio', { name: new RegExp(person) }).check();
  await page.getByRole('navigation', { name: 'Chats' }).getByText(chat, { exact: true }).click();
  await page.getByRole('heading', { name: chat, exact: true, level: 2 }).waitFor();
}

export async function say(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
}

/** Opens the panel, where it is not open yet, at one of its tabs. */
export async function openPanel(page: Page, tab: string): Promise<void> {
  const panel = page.getByRole('complementary', { name: 'What happens' });
  if (!(await panel.isVisible())) await page.getByRole('button', { name: 'What happens' }).click();
  await panel.getByRole('tab', { name: tab }).click();
}

/** The message with these words, as the item of the list that it is. */
export function messageWith(page: Page, words: string): Locator {
  return page.locator('.message').filter({ hasText: words }).last();
}

/** Opens the menu of a message and chooses from it. */
export async function choose(page: Page, message: Locator, action: string): Promise<void> {
  await message.locator('.bubble').click({ button: 'right', position: { x: 12, y: 12 } });
  await page.getByRole('menu').getByText(action, { exact: true }).click();
}
