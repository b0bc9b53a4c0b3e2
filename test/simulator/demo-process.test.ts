import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { DEMO_PEOPLE, DEMO_TEAM_CHAT_ID } from '../../src/simulator/demo-cast.ts';
import { originOf, startMain } from '../support/bot-process.ts';
import { dataDirectory } from '../support/embedded.ts';
import { until } from '../support/until.ts';

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const DAY_MS = 86_400_000;
const views = z.array(z.object({ message: z.object({ text: z.string().optional() }).loose() }));

/** `npm start` without BOT_TOKEN, and what its page asks. */
async function startDemoProcess() {
  const run = startMain({ DATA_DIR: dataDirectory(), PORT: '0' });
  const origin = await originOf(run);
  await run.waitForLine('Storyline runs with the simulator');
  return {
    messages: async (person: number, chat: number) =>
      views
        .parse(await (await fetch(`${origin}/simulator/messages?person=${person}&chat=${chat}`)).json())
        .map(({ message }) => message),
    post: async (path: string, body: object): Promise<unknown> => {
      const headers = { 'content-type': 'application/json' };
      const request = { method: 'POST', body: JSON.stringify(body), headers };
      const answer = await fetch(`${origin}/simulator/${path}`, request);
      expect([path, answer.status]).toEqual([path, 200]);
      return answer.json();
    },
  };
}

test('the bot of the demo knows its guest, and its clock is the simulator’s: a moved clock brings due cards', async () => {
  const { messages, post } = await startDemoProcess();
  const { alice, charlie, grace } = DEMO_PEOPLE;
  const textsOf = async (id: number) => (await messages(id, id)).flatMap(({ text }) => text ?? []);

  await post('send', { person: charlie.id, chat: charlie.id, text: '/help' });
  await until(async () => (await textsOf(charlie.id)).filter((text) => text.includes('belongs to a team')));
  expect(await until(async () => (await textsOf(grace.id)).filter((text) => text.startsWith('Hello Grace')))).toEqual([
    expect.stringContaining('guest'),
  ]);

  // All 14 files are planned, three a day at most, so none of the later ones is due today.
  const isAnswered = ({ reply_to_message }: Record<string, unknown>) => reply_to_message !== undefined;
  await until(
    async () => ((await messages(alice.id, alice.id)).filter(isAnswered).length === 14 ? [true] : []),
    30_000,
  );
  const cards = async () =>
    (await messages(alice.id, DEMO_TEAM_CHAT_ID)).filter((shown) => JSON.stringify(shown).includes('"posted:'));
  const before = await cards();
  expect(before.length).toBeLessThan(4);
  expect(await post('clock', { advanceMs: 2 * DAY_MS })).toMatchObject({ offsetMs: 2 * DAY_MS });
  const after = await until(async () => {
    const shown = await cards();
    return shown.length > before.length ? shown : [];
  }, 15_000);
  expect(Number(after.at(-1)?.date) * 1000).toBeGreaterThan(Date.now() + 1.9 * DAY_MS);
});
