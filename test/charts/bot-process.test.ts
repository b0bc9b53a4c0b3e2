import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { isRunning } from '../../src/db/proc.ts';
import { startProcessTeam } from '../support/process-team.ts';

// Two processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

test('the bot as a process draws in another one, and stops cleanly with it', async () => {
  const team = await startProcessTeam();
  const run = await team.start();
  const [card] = await team.cards(1);
  await team.bob.press(card ?? { message_id: 0, chat: team.group }, 'Posted');
  team.alice.send(team.group, '/team');
  const isFigures = ({ caption }: { caption?: string }) => caption?.startsWith('👥 Team') === true;
  const shown = await team.telegram.waitForMessage(team.group, isFigures, { timeoutMs: 30_000 });
  expect(shown.photo?.at(-1)).toMatchObject({ width: 1080 });
  run.kill('SIGTERM');
  expect(await run.ended()).toEqual({ code: 0, signal: null });
  expect(run.output()).toContain('"msg":"stopped"');
  expect(run.output()).not.toMatch(/"level":"(warn|error|fatal)"/);
});

test('a bot that is killed leaves no drawing process behind', async () => {
  const team = await startProcessTeam();
  const run = await team.start();
  team.alice.send(team.group, '/help');
  team.alice.send(team.group, '/team');
  const shown = ({ caption }: { caption?: string }) => caption?.startsWith('👥 Team') === true;
  await team.telegram.waitForMessage(team.group, shown, { timeoutMs: 30_000 });
  const children = childrenOf(run.pid);
  expect(children).toHaveLength(1);
  run.kill('SIGKILL');
  await vi.waitFor(() => expect(children.filter(isRunning)).toEqual([]), { timeout: 10_000 });
});

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}
