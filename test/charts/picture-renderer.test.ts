import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import type { DecisionsPicture } from '../../src/charts/decisions-picture.ts';
import { createPictureRenderer } from '../../src/charts/picture-renderer.ts';
import { isRunning } from '../../src/db/proc.ts';
import { imageSize } from '../../src/simulator/world/image-size.ts';
import { HOSTILE } from '../support/hostile.ts';

const folder = mkdtempSync(join(tmpdir(), 'storyline-pictures-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A renderer whose process runs this code instead of drawing. */
function rendererOf(code: string | undefined, options: { deadlineMs?: number; idleMs?: number } = {}) {
  let worker: URL | undefined;
  if (code !== undefined) {
    const file = join(folder, `${Math.random().toString(36).slice(2)}.mjs`);
    writeFileSync(file, code);
    worker = pathToFileURL(file);
  }
  // Real drawings share the cores with other tests.
  const renderer = createPictureRenderer({ ...(worker ? { worker } : {}), deadlineMs: 60_000, ...options });
  onTestFinished(renderer.stop);
  return renderer;
}

const PEOPLE = [
  '编辑部的王小明同学',
  'محمد بن عبد الرحمن الطويل',
  'יוסף בן אברהם',
  'ยอดชาย ใจดีมาก',
  '김민준',
  '👩‍👩‍👧‍👦 🏳️‍🌈',
  'नरेन्द्र',
  ...HOSTILE,
];

function picture(days: number, perDay: number): DecisionsPicture {
  return {
    title: HOSTILE.join(' '),
    timeZone: 'Asia/Kathmandu',
    days: Array.from({ length: days }, (_, index) => ({
      date: new Date(Date.UTC(2026, 7, 20 + index)).toISOString().slice(0, 10),
      posted: perDay,
      skipped: index % 7,
      rejected: 1,
    })),
    hours: Array.from({ length: 168 }, (_, index) => ({ weekday: 1 + (index % 7), hour: index % 24, count: index })),
    people: PEOPLE.map((name, index) => ({ name: name.repeat(4), posted: 100 - index, skipped: index, rejected: 2 })),
  };
}

test('ninety days of ten thousand decisions by people with names of every script are a picture that Telegram takes', async () => {
  const png = await rendererOf(undefined).render(picture(91, 110));
  const size = imageSize(png);
  expect(size?.width).toBe(1080);
  expect(size?.height).toBeGreaterThan(1000);
  expect(size?.height).toBeLessThan(1700);
  expect(png.length).toBeLessThan(500_000);
});

test('equal pictures are equal bytes, whatever was drawn in between', async () => {
  const renderer = rendererOf(undefined);
  const [first, , again] = await Promise.all([picture(8, 2), picture(8, 3), picture(8, 2)].map(renderer.render));
  expect(Buffer.from(first ?? []).equals(Buffer.from(again ?? []))).toBe(true);
});

test('a drawing that hangs is given up, and the next picture gets a fresh process', async () => {
  const code = `export default ({ title }) => {
    while (title === 'hang');
    return new Uint8Array([7]);
  }`;
  const renderer = rendererOf(code, { deadlineMs: 3_000 });
  await expect(renderer.render({ ...picture(1, 1), title: 'hang' })).rejects.toThrow();
  expect(await renderer.render({ ...picture(1, 1), title: 'fine' })).toEqual(new Uint8Array([7]));
});

test('a drawing that fails, ends its process, runs out of memory or returns something else spoils one picture only', async () => {
  // What V8 says of its end goes to nobody.
  const code = `import { closeSync, openSync } from 'node:fs';
  export default ({ title }) => {
    if (title === 'memory') for (const channel of [1, 2]) {
      closeSync(channel);
      openSync('/dev/null', 'w');
    }
    if (title === 'exit') process.exit(3);
    if (title === 'kill') process.kill(process.pid, 'SIGKILL');
    if (title === 'memory') for (const kept = []; ; ) kept.push(new Array(4_000_000).fill(title));
    if (title === 'throw') throw new Error('no font');
    return title === 'word' ? 'no picture' : new Uint8Array([7]);
  }`;
  const renderer = rendererOf(code);
  for (const title of ['exit', 'kill', 'memory', 'throw', 'word']) {
    await expect(renderer.render({ ...picture(1, 1), title }), title).rejects.toThrow();
    expect(await renderer.render({ ...picture(1, 1), title: 'fine' }), title).toEqual(new Uint8Array([7]));
  }
});

test('a renderer that was stopped draws nothing, and may be stopped without having drawn', async () => {
  const renderer = rendererOf(undefined);
  await renderer.stop();
  await expect(renderer.render(picture(1, 1))).rejects.toThrow('the process stops');
  await renderer.stop();
});

function hasEnded(pid: string | undefined): Promise<void> {
  return vi.waitFor(() => expect(isRunning(Number(pid))).toBe(false), { timeout: 10_000 });
}

test('the drawing process ends when it is idle, gets no secrets, and its end between two pictures is no failure', async () => {
  process.env.SECRET_OF_THE_TEST = 'x';
  onTestFinished(() => void delete process.env.SECRET_OF_THE_TEST);
  const code = `export default ({ title }) => {
    if (title === 'dies later') setTimeout(() => process.exit(1), 20);
    return new TextEncoder().encode(process.pid + ' ' + Object.keys(process.env).join());
  }`;
  const renderer = rendererOf(code, { idleMs: 300 });
  const ask = async (title: string) =>
    Buffer.from(await renderer.render({ ...picture(1, 1), title }))
      .toString()
      .split(' ');
  const [pid, variables] = await ask('fine');
  expect(variables).toBe('TINYPOOL_WORKER_ID');
  await hasEnded(pid);
  const [next] = await ask('dies later');
  expect(next).not.toBe(pid);
  await hasEnded(next);
  expect((await ask('fine'))[0]).not.toBe(next);
});
