import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { pageFiles } from '../../src/simulator/page-files.ts';
import { startTelegram } from './cast.ts';

/** What a page or a file of it loads: addresses, import map, imports of scripts and styles. */
function namedIn(text: string): string[] {
  const patterns = [/(?:href|src)="([^"#]+)"/g, /"(\/simulator\/[^"]+)"/g, /(?:from|import) ?\(?'([^']+)'/g];
  const styles = [/@import (?:url\()?["']([^"']+)["']/g, /url\(["']?([^"')]+)["']?\)/g];
  return [...patterns, ...styles].flatMap((pattern) => [...text.matchAll(pattern)].map(([, name]) => name ?? ''));
}

/** Everything that the page loads, followed from file to file as a browser does; with its status and type. */
async function loadedBy(url: string) {
  const html = await (await fetch(url)).text();
  const known = new Map([[url, { status: 200, type: 'text/html; charset=utf-8', text: html }]]);
  const waiting = [[url, html] as const];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [base, text] = next;
    for (const name of namedIn(text).filter((candidate) => /^([./]|https?:)/.test(candidate))) {
      const address = new URL(name, base).href;
      if (known.has(address)) continue;
      expect(new URL(address).origin).toBe(new URL(url).origin);
      const response = await fetch(address);
      const type = response.headers.get('content-type') ?? '';
      const content = await response.text();
      known.set(address, { status: response.status, type, text: content });
      waiting.push([address, content]);
    }
  }
  return known;
}

/** The status of a path that `fetch` would tidy up before it asks. */
function statusOfPath(origin: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const call = request({ hostname, port, path }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on('error', reject).end();
  });
}

test('everything that the page loads comes from the machine itself', async () => {
  const { telegram } = await startTelegram();
  const files = await loadedBy(telegram.url);
  expect([...files].filter(([, { status }]) => status !== 200).map(([address]) => address)).toEqual([]);
  expect(files.size).toBeGreaterThan(5);
  for (const [address, { type }] of files) {
    const expected = address.endsWith('.js') ? 'text/javascript; charset=utf-8' : expect.any(String);
    expect([address, type]).toEqual([address, expected]);
  }
});

const IMPORT_MAP = `
      { "imports": { "preact": "/simulator/vendor/preact.js" } }
    `;

test('the policy allows nothing from outside, no inline style, and one script in the page: its import map', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'page-files-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const policyOf = async (html: string) => {
    await writeFile(join(folder, 'index.html'), html);
    return (await pageFiles(folder).request('/')).headers.get('content-security-policy')?.split('; ');
  };
  const script = `<script type="importmap">${IMPORT_MAP}</script>`;
  const hash = createHash('sha256').update(IMPORT_MAP).digest('base64');
  const policy = await policyOf(`<head>${script}<script>alert(1)</script></head>`);
  expect(policy).toContain(`script-src 'self' 'sha256-${hash}'`);
  expect(policy).toContain("default-src 'self'");
  expect(policy?.join()).not.toMatch(/unsafe|style-src|https?:|\*/);
  expect(await policyOf('<script>alert(1)</script>')).toContain("script-src 'self'");
});

test('the page that is served has no inline script but the one that its policy allows, and no inline style', async () => {
  const { telegram } = await startTelegram();
  const page = await fetch(telegram.url);
  const html = await page.text();
  const inline = [...html.matchAll(/<script(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, script]) => script ?? '',
  );
  const hashes = inline.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  const policy = page.headers.get('content-security-policy') ?? '';
  expect(policy).toContain(`script-src ${["'self'", ...hashes].join(' ')};`);
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
});

test('preact, its hooks and htm are served as ES modules, and nothing else of the packages', async () => {
  const { telegram } = await startTelegram();
  const exports = {
    'preact.js': /export\s*\{.*\bh\b/s,
    'preact-hooks.js': /export\s*\{.*useState/s,
    'htm.js': /export default/,
  };
  for (const [name, pattern] of Object.entries(exports)) {
    const response = await fetch(`${telegram.url}simulator/vendor/${name}`);
    expect([name, response.status]).toEqual([name, 200]);
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toContain("script-src 'self';");
    expect(await response.text()).toMatch(pattern);
  }
  for (const name of ['react.js', 'package.json', '..%2Fpreact%2Fpackage.json', 'constructor', '__proto__']) {
    expect([name, (await fetch(`${telegram.url}simulator/vendor/${name}`)).status]).toEqual([name, 404]);
  }
});

test('no path leads out of the folder of the page', async () => {
  const { telegram } = await startTelegram();
  const paths = [
    '../simulator.ts',
    '..%2Fsimulator.ts',
    '%2e%2e/simulator.ts',
    '%2e%2e%2fpage%2fmain.js',
    'chat/../../simulator.ts',
    'chat/../../page.js',
    'chat%2F..%2F..%2Fsimulator.ts',
    'chat%5C..%5Cmain.js',
    'a/b/c.js',
    '/etc/passwd',
    '%2Fetc%2Fpasswd',
    'index.html',
    'main.js/',
    'main.js%00.css',
    'nothing-here.js',
    'nothing/here.js',
    'main.js/here.js',
  ];
  const answers = await Promise.all(
    paths.map(async (path) => [path, await statusOfPath(telegram.apiRoot, `/simulator/page/${path}`)]),
  );
  expect(answers).toEqual(paths.map((path) => [path, 404]));
  expect(await statusOfPath(telegram.apiRoot, '/simulator/page/main.js')).toBe(200);
});
