import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

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

/** The simulator's page in the hands of somebody. */
export async function openChat(page: Page, url: string, person: string, chat: string): Promise<void> {
  await page.goto(url);
  await page.getByRole('radio', { name: new RegExp(person) }).check();
  await page.getByRole('navigation', { name: 'Chats' }).getByText(chat, { exact: true }).click();
}

export async function say(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
}
