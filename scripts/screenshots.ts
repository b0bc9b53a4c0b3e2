// What: takes the README's picture of the simulator's page (docs/simulator.png).
// When: after the page or the cards have changed. Needs a Chromium: `node scripts/screenshots.ts` with Node 24 (npx node).
// Changes: docs/simulator.png, and nothing else; bot, database and demo media live in a temporary folder.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBrowser, openChat, say } from '../test/support/browser.ts';

const ROOT = join(import.meta.dirname, '..');
const PORT = 8123;
const folder = mkdtempSync(join(tmpdir(), 'storyline-screenshots-'));
const bot = spawn(process.execPath, [join(ROOT, 'src/main.ts')], {
  cwd: folder,
  env: {
    ...process.env,
    DATA_DIR: folder,
    PORT: String(PORT),
    TIMEZONE: 'Europe/Berlin',
    BOT_TOKEN: '',
    DATABASE_URL: '',
  },
  stdio: ['ignore', 'ignore', 'pipe'],
});
const exited = new Promise((resolve) => bot.once('exit', resolve));
const browser = await openBrowser();
try {
  for await (const chunk of bot.stderr) if (String(chunk).includes('Storyline runs with the simulator')) break;
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  await openChat(page, `http://127.0.0.1:${PORT}/`, 'Bob', 'Storyline team');
  await say(page, '/next');
  await page.getByRole('button', { name: 'Posted' }).last().click();
  await page.getByText('Posted by Bob').last().waitFor();
  await say(page, '/next');
  await page.getByRole('button', { name: 'Reject' }).last().waitFor();
  await page.locator('#toast.shown').waitFor({ state: 'hidden' });
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(ROOT, 'docs/simulator.png') });
} finally {
  await browser.close();
  bot.kill('SIGINT');
  await exited;
  rmSync(folder, { recursive: true, force: true });
}
