import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { writeAtomically } from '../../src/lib/atomic-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'storyline-file-'));
const path = join(folder, 'figures.csv');
afterEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
});

test('the file has its name only when it is whole', async () => {
  writeFileSync(path, 'old');
  const seen: string[] = [];
  await writeAtomically(
    path,
    async (file) => {
      file.write('new');
      seen.push(readFileSync(path, 'utf8'));
    },
    { confirm: async () => void seen.push(readFileSync(path, 'utf8')) },
  );
  expect(seen).toEqual(['old', 'old']);
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(readdirSync(folder)).toEqual(['figures.csv']);
});

test.each(['writing', 'confirming'])('a failure while %s leaves the old content and nothing else', async (moment) => {
  writeFileSync(path, 'old');
  const fail = async () => {
    throw new Error('no');
  };
  const work = writeAtomically(
    path,
    async (file) => {
      file.write('half');
      if (moment === 'writing') await fail();
    },
    { confirm: fail },
  );
  await expect(work).rejects.toThrow('no');
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['figures.csv']);
});

test('what a killed process left is removed when it is a day old, and not while it may still be written', async () => {
  const old = join(folder, '.figures.csv.0123456789ab.part');
  writeFileSync(old, 'half');
  const yesterday = Date.now() / 1000 - 25 * 3600;
  utimesSync(old, yesterday, yesterday);
  writeFileSync(join(folder, '.figures.csv.ba9876543210.part'), 'half');
  await writeAtomically(path, async (file) => void file.write('new'));
  expect(readdirSync(folder).toSorted()).toEqual(['.figures.csv.ba9876543210.part', 'figures.csv']);
});

test('a result that nobody wants leaves the old content', async () => {
  writeFileSync(path, 'old');
  const { bytes } = await writeAtomically(path, async (file) => file.write('new'), { keepIf: () => false });
  expect(bytes).toBe(0);
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['figures.csv']);
});
