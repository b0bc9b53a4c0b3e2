import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SETTINGS, settingOf } from '../../src/settings/setting-list.ts';
import { MIX_LABEL } from '../../src/settings/setting-words.ts';
import { settingsData } from '../../src/settings/settings-keyboard.ts';

const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');

test('the README’s table names every setting, and no other', () => {
  const section = readme.split('\n## Settings of a chat\n')[1]?.split('\n## ')[0] ?? '';
  const named = [...section.matchAll(/^\| ([A-Z][^|]*?) \|/gm)].map(([, name]) => name).slice(1);
  const labels = Object.values(SETTINGS).map(({ label }) => label);
  expect(named.toSorted()).toEqual([...labels, MIX_LABEL, 'Posting'].toSorted());
});

test('every button fits Telegram’s 64 bytes, with the longest chat id and the longest zone', () => {
  const longest = Intl.supportedValuesOf('timeZone').toSorted((a, b) => b.length - a.length)[0] ?? '';
  const chatId = -1_009_999_999_999;
  expect(() => settingsData('zone', chatId, longest)).not.toThrow();
  for (const [key, setting] of Object.entries(SETTINGS)) {
    const more = setting.kind === 'toggle' ? setting.values.map((value) => `${key}.${value}`) : [key];
    for (const one of more) expect(() => settingsData('set', chatId, one)).not.toThrow();
  }
});

test('names from outside are settings or nothing, never what objects inherit', () => {
  for (const name of ['constructor', '__proto__', 'toString', 'VERBOSE', '']) expect(settingOf(name)).toBeUndefined();
  expect(settingOf('verbose')?.label).toBe('Verbose');
});
