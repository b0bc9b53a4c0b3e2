// What: takes the README's pictures of the simulator (docs/simulator.png, docs/phone.png) with a browser of this machine.
// When: after the page or the messages have changed: `node scripts/screenshots.ts` with Node 24 (npx node).
// Changes: those two files, and nothing else; its database lives in a temporary folder. It takes about a minute.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { Temporal } from 'temporal-polyfill';
import { demoPosters } from '../src/simulator/demo-posters.ts';
import { svgRenderer } from '../src/simulator/svg-renderer.ts';
import { messageWith, openBrowser, openChat, PHONE, say } from '../test/support/browser.ts';

const ROOT = join(import.meta.dirname, '..');
const PORT = 8123;
const PAGE = `http://127.0.0.1:${PORT}/`;
const ZONE = 'Europe/Berlin';
const TEAM = 'Storyline team';
/** So many demo media come with a fresh simulator. */
const MEDIA = 14;

/** Local hours at which a fresh team chat gets its cards. */
const SLOTS = [14, 18, 22];
/** The days after the first, so that the figures have something to show: who taps what, minutes after a card has come. */
const DECISIONS: readonly [person: string, button: 'Posted' | 'Skip' | 'Reject', minutes: number][] = [
  ['Bob', 'Posted', 3],
  ['Dana', 'Posted', 41],
  ['Bob', 'Skip', 2],
  ['Alice', 'Posted', 12],
  ['Bob', 'Posted', 4],
  ['Dana', 'Reject', 8],
  ['Bob', 'Posted', 5],
  ['Dana', 'Posted', 90],
  ['Alice', 'Skip', 6],
  ['Bob', 'Posted', 2],
  ['Dana', 'Posted', 7],
];

const folder = mkdtempSync(join(tmpdir(), 'storyline-screenshots-'));
const bot = spawn(process.execPath, [join(ROOT, 'src/main.ts')], {
  cwd: folder,
  env: { ...process.env, DATA_DIR: folder, PORT: String(PORT), TIMEZONE: ZONE, BOT_TOKEN: '', DATABASE_URL: '' },
  stdio: ['ignore', 'ignore', 'pipe'],
});
// Its log is read to the end: a process whose log nobody reads any more would stop.
const started = new Promise<void>((resolve) => {
  bot.stderr.on('data', (chunk) => String(chunk).includes('Storyline runs with the simulator') && resolve());
});
const exited = new Promise((resolve) => bot.once('exit', resolve));
const browser = await openBrowser();
try {
  await started;
  await sideBySide(await newPage(browser, { width: 1280, height: 860 }));
  await figuresOnPhone(await newPage(browser, PHONE));
} finally {
  await browser.close();
  bot.kill('SIGINT');
  await exited;
  rmSync(folder, { recursive: true, force: true });
}

function newPage(from: Browser, viewport: typeof PHONE): Promise<Page> {
  return from.newPage({ viewport, locale: 'en-GB', timezoneId: ZONE });
}

/** Alice sends one more picture to the bot in private; beside her Bob decides in the team's chat. */
async function sideBySide(page: Page): Promise<void> {
  await openChat(page, PAGE, 'Alice', 'Storyline');
  const added = page.locator('[data-pane="0"]').getByText('✅ Added');
  await added.nth(MEDIA - 1).waitFor();
  await page
    .getByLabel('Files to send')
    .setInputFiles({ name: 'warm.png', mimeType: 'image/png', buffer: await warmBread() });
  await page.getByRole('textbox', { name: 'Caption' }).fill('Out of the oven at nine');
  await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click();
  await added.nth(MEDIA).waitFor();
  await page.getByRole('button', { name: 'Open beside' }).click();
  await page.getByRole('navigation', { name: 'Chats' }).getByText(TEAM, { exact: true }).click();
  const bob = page.locator('[data-pane="1"]');
  await tell(bob, '/next');
  await bob.getByRole('button', { name: 'Posted' }).click();
  await bob.getByText('Posted by Bob').waitFor();
  await tell(bob, '/next');
  await bob.getByRole('button', { name: 'Reject' }).waitFor();
  await takePicture(page, 'simulator.png');
  await bob.getByRole('button', { name: 'Skip' }).click();
  await bob.getByText('Skipped by Bob').waitFor();
}

/** A picture that the library does not have: one of the demo's with another word. */
async function warmBread(): Promise<Buffer> {
  const bread = demoPosters().find(({ name }) => name === 'daily-bread');
  const svg = bread?.svg.replace('>Daily<', '>Warm<') ?? '';
  return Buffer.from((await svgRenderer()).draw(svg).png);
}

/** What Alice sees when she asks for the team's figures after some days, in which each card came at its time. */
async function figuresOnPhone(page: Page): Promise<void> {
  const slots = slotsFrom(Temporal.Now.zonedDateTimeISO(ZONE));
  for (const [index, [person, button, minutes]] of DECISIONS.entries()) {
    // Behind the slot's jitter, which is at most half an hour.
    const slot = slots[index]?.add({ minutes: 31 });
    await openChat(page, PAGE, person, TEAM);
    await moveClock(slot);
    // All others are settled. A notice may stand below it.
    const waits = page.getByRole('button', { name: 'Reject' });
    const newest = page.getByRole('log').getByRole('listitem').filter({ has: waits }).last();
    await newest.waitFor();
    const card = page.locator(`[data-message="${await newest.getAttribute('data-message')}"]`);
    await moveClock(slot?.add({ minutes }));
    await card.getByRole('button', { name: button }).click();
    if (button === 'Reject') await card.getByRole('button', { name: 'Yes, reject' }).click();
    await card.getByText(`by ${person}`).waitFor();
  }
  await openChat(page, PAGE, 'Alice', 'Storyline');
  await say(page, '/team');
  await messageWith(page, 'last 30 days').getByRole('button', { name: '7 days' }).click();
  const answer = messageWith(page, 'last 7 days');
  await answer.getByRole('button', { name: '• 7 days' }).waitFor();
  // Once nothing moves any more: the chart at the top of the chat.
  await page.waitForTimeout(1000);
  await answer.evaluate((message) => message.scrollIntoView({ block: 'start' }));
  await takePicture(page, 'phone.png');
}

/** The times of the next cards. */
function slotsFrom(now: Temporal.ZonedDateTime): Temporal.ZonedDateTime[] {
  const days = Array.from({ length: 7 }, (_, day) => now.startOfDay().add({ days: day }));
  const slots = days.flatMap((day) => SLOTS.map((hour) => day.with({ hour })));
  return slots.filter((slot) => Temporal.ZonedDateTime.compare(slot, now.add({ minutes: 31 })) > 0);
}

async function tell(pane: Locator, words: string): Promise<void> {
  await pane.getByRole('textbox', { name: 'Message' }).fill(words);
  await pane.getByRole('button', { name: 'Send', exact: true }).click();
}

async function moveClock(until: Temporal.ZonedDateTime | undefined): Promise<void> {
  if (until === undefined) throw new Error('There are more decisions than slots');
  const { now } = (await (await fetch(`${PAGE}simulator/people`)).json()) as { now: string };
  const body = JSON.stringify({ advanceMs: until.epochMilliseconds - Date.parse(now) });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${PAGE}simulator/clock`, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(`The clock did not move: ${await answer.text()}`);
}

/** Without what comes and goes: toasts, and what the bot is doing. */
async function takePicture(page: Page, name: string): Promise<void> {
  await page.locator('#toast.shown').waitFor({ state: 'hidden' });
  await page.waitForTimeout(1000);
  await page.screenshot({ path: join(ROOT, 'docs', name) });
}
