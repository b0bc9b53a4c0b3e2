import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { type ProgressStream, startProgress } from '../../src/lib/progress.ts';

/** A stream that remembers what was written. */
function listener(isTTY: boolean): { stream: ProgressStream; text: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY, columns: 80 }), text: () => text };
}

test('without a terminal there is a plain line every five seconds and one at the end', () => {
  const { stream, text } = listener(false);
  let now = 0;
  const progress = startProgress({ total: 1000, what: 'files', stream, now: () => now });
  for (let done = 1; done <= 1000; done += 1) {
    now += 12;
    progress.update(done, `${done} new`);
  }
  progress.stop();
  progress.stop();
  expect(text()).toBe(
    '417 of 1000 files (41 %), 417 new\n834 of 1000 files (83 %), 834 new\n1000 of 1000 files (100 %), 1000 new\n',
  );
});

test('nothing to do is said as well', () => {
  const { stream, text } = listener(false);
  startProgress({ total: 0, what: 'files', stream }).stop();
  expect(text()).toBe('0 of 0 files (100 %)\n');
});

test('lines that are said come between, at once', () => {
  const { stream, text } = listener(false);
  const progress = startProgress({ total: 2, what: 'files', stream });
  progress.update(1);
  progress.say('empty: a.gif');
  progress.update(2);
  progress.stop();
  expect(text()).toBe('empty: a.gif\n2 of 2 files (100 %)\n');
});

test('on a terminal a bar is drawn in its line, what is said stands above it, and nothing of the terminal stays changed', () => {
  const { stream, text } = listener(true);
  const progress = startProgress({ total: 4, what: 'files', stream });
  progress.update(2, '2 new');
  progress.say('empty: a.gif');
  progress.update(4, '3 new');
  progress.stop();
  progress.stop();
  const lines = stripVTControlCharacters(text()).split('\n');
  expect(lines[0]).toMatch(/empty: a\.gif$/);
  expect(lines[1]).toMatch(/={24} 100% 4\/4 files, 3 new$/);
  expect(lines).toHaveLength(3);
  // No cursor that is hidden, saved or put back, no line wrap that is switched off (a killed process would leave it so).
  for (const code of ['[?25l', '[?7l', '7', '8']) expect(text()).not.toContain(`\u001B${code}`);
});
