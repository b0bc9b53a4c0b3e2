import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Hono } from 'hono';

const PAGE_FOLDER = join(import.meta.dirname, 'page');
const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};
/** Files of the page, at most one folder deep. No dot but the one before the ending, so no way out of the folder. */
const PAGE_FILE = '(?:[a-z0-9-]+/)?[a-z0-9-]+\\.(?:css|js|svg)';
/** The one script that stands in the page itself: where `import` finds the libraries. */
const IMPORT_MAP = /<script type="importmap">([\s\S]*?)<\/script>/;

const { resolve } = createRequire(import.meta.url);
/** The libraries of the page, as ES modules from the packages. `require` would find htm's CommonJS file, its neighbour. */
const LIBRARIES: ReadonlyMap<string, () => string> = new Map([
  ['preact.js', () => resolve('preact')],
  ['preact-hooks.js', () => resolve('preact/hooks')],
  ['htm.js', () => join(dirname(resolve('htm')), 'htm.mjs')],
]);

/** The page (in `folder`) at `/`, its files under `/simulator/page/` and its libraries under `/simulator/vendor/`. */
export function pageFiles(folder = PAGE_FOLDER): Hono {
  const routes = new Hono();
  routes.get('/', async () => {
    const html = await readFile(join(folder, 'index.html'), 'utf8');
    return fileResponse('index.html', html, policy(importMapHash(html)));
  });
  routes.get(`/simulator/page/:path{${PAGE_FILE}}`, (context) => {
    const path = context.req.param('path');
    return staticFile(path, join(folder, path));
  });
  routes.get('/simulator/vendor/:name', (context) => {
    const name = context.req.param('name');
    const path = LIBRARIES.get(name)?.();
    return path === undefined ? context.notFound() : staticFile(name, path);
  });
  return routes;
}

/** Nothing from outside the machine, no style and no script in the page but its import map, none in files that are sent. */
function policy(scriptHash?: string): string {
  const ownScript = scriptHash === undefined ? '' : ` '${scriptHash}'`;
  return [
    "default-src 'self'",
    `script-src 'self'${ownScript}`,
    "img-src 'self' blob:",
    "media-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Of the very bytes that are sent, so that page and policy always agree. */
function importMapHash(html: string): string | undefined {
  const script = IMPORT_MAP.exec(html)?.[1];
  return script === undefined ? undefined : `sha256-${createHash('sha256').update(script).digest('base64')}`;
}

async function staticFile(name: string, path: string): Promise<Response> {
  try {
    return fileResponse(name, await readFile(path), policy());
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      return new Response('Not Found', { status: 404 });
    }
    throw error;
  }
}

function fileResponse(name: string, body: string | Uint8Array<ArrayBuffer>, contentPolicy: string): Response {
  const type = TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'text/plain';
  return new Response(body, {
    headers: {
      'content-type': type,
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'content-security-policy': contentPolicy,
    },
  });
}
