import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createProgram } from '../src/cli.ts';
import { VARIABLES } from '../src/config.ts';
import { CLOCK_JOBS, SCHEDULE } from '../src/schedule.ts';
import { BOT_COMMANDS } from '../src/telegram/bot-commands.ts';
import { helpMessage } from '../src/users/start-handlers.ts';

const read = (path: string) => readFileSync(join(import.meta.dirname, '..', path), 'utf8');
const readme = read('README.md');

/** The text between a heading and the next one of the same or a higher level. */
function section(heading: string): string {
  const start = readme.indexOf(`\n## ${heading}\n`);
  expect(start, `README has no section “${heading}”`).toBeGreaterThan(-1);
  const end = readme.indexOf('\n## ', start + 1);
  return readme.slice(start, end < 0 ? undefined : end);
}

/** First cells of a section's table rows that stand in backquotes. */
function firstCells(heading: string): string[] {
  return [...section(heading).matchAll(/^\| `([^`]+)`/gm)].map(([, cell]) => cell ?? '');
}

test('README, .env.example and the code name the same variables', () => {
  const inExample = [...read('.env.example').matchAll(/^([A-Z0-9_]+)=/gm)].map(([, name]) => name);
  expect(inExample.toSorted()).toEqual([...VARIABLES].toSorted());
  expect(firstCells('Environment').toSorted()).toEqual([...VARIABLES].toSorted());
});

test('.env.example sets nothing, so that a copy of it is the default', () => {
  expect(read('.env.example').match(/^[A-Z0-9_]+=.+$/gm)).toBeNull();
});

test('the README’s table, /help and the menu name the same bot commands', () => {
  const commands = BOT_COMMANDS.map(({ command }) => `/${command}`);
  expect(firstCells('Commands in the chat')).toEqual(commands);
  const help = helpMessage('admin').text;
  for (const { command, summary } of BOT_COMMANDS) expect(help).toContain(`/${command} · ${summary}`);
});

test('the README names every terminal command', () => {
  const names = createProgram().commands.flatMap((command) =>
    command.commands.length === 0
      ? [command.name()]
      : command.commands.map((nested) => `${command.name()} ${nested.name()}`),
  );
  const inReadme = firstCells('Commands in the terminal').map((cell) =>
    cell.replace('npx storyline ', '').replace(/ (<|--).*/, ''),
  );
  expect(inReadme.toSorted()).toEqual(names.toSorted());
});

test('the README’s schedule is the schedule', () => {
  const names = [...SCHEDULE, ...CLOCK_JOBS].map(({ name }) => name);
  expect(firstCells('What runs by the clock')).toEqual(names);
});

test('the README’s map names every folder and entrance that there is', () => {
  const map = section('The map of the code');
  for (const path of [
    'main.ts',
    'app.ts',
    'services.ts',
    'bot.ts',
    'server.ts',
    'schedule.ts',
    'cli.ts',
    'config.ts',
  ]) {
    expect(map).toContain(path);
  }
  for (const folder of [
    'interactions',
    'queue',
    'media',
    'users',
    'settings',
    'operations',
    'simulator',
    'db',
    'telegram',
    'lib',
  ]) {
    expect(map).toContain(`${folder}/`);
  }
});

test('the two commands of the README are scripts of the package', () => {
  expect(readme).toContain('npm ci && npm start');
  expect(readme).toContain('npm ci && npm test');
  const { scripts } = JSON.parse(read('package.json'));
  expect(scripts.start).toBe('exec node --max-semi-space-size=2 src/main.ts');
});

test('every process is started with the same memory flag', () => {
  const flag = '--max-semi-space-size=2';
  expect(read('ecosystem.config.cjs')).toContain(flag);
  expect(read('src/cli.ts').split('\n')[0]).toContain(flag);
  const { scripts } = JSON.parse(read('package.json'));
  expect(scripts.storyline).toContain(flag);
});
