import { Api, Bot, type GrammyError } from 'grammy';
import { afterEach } from 'vitest';
import { createSettableClock } from '../../src/simulator/settable-clock.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';

const releases: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
});

/** A simulator with a frozen clock and the fixed cast; stopped after the test. */
export async function startTelegram(options: SimulatorOptions = {}) {
  const clock = createSettableClock({ start: new Date('2026-03-01T12:00:00Z') });
  const telegram = await startSimulator({ clock, ...options });
  releases.push(() => telegram.stop());
  const alice = telegram.createPerson({ first_name: 'Alice', username: 'alice' });
  const bob = telegram.createPerson({ first_name: 'Bob', username: 'bob' });
  const charlie = telegram.createPerson({ first_name: 'Charlie' });
  const team = telegram.createGroup({ title: 'Team', members: [alice, bob], administrators: [alice] });
  const api = new Api(telegram.token, { apiRoot: telegram.apiRoot });
  return { telegram, clock, alice, bob, charlie, team, api };
}

/** A bot that polls this simulator; stopped after the test. `prepare` registers its handlers. */
export function runBot(telegram: Simulator, prepare: (bot: Bot) => void): Bot {
  const bot = new Bot(telegram.token, { client: { apiRoot: telegram.apiRoot } });
  prepare(bot);
  const running = bot.start({
    allowed_updates: ['message', 'edited_message', 'callback_query', 'my_chat_member', 'chat_member'],
  });
  releases.push(async () => {
    await bot.stop();
    await running;
  });
  return bot;
}

/** The refusal of a call; fails when the call succeeds. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (isGrammyError(error)) return `${error.error_code} ${error.description}`;
    throw error;
  }
  throw new Error('The call was not refused');
}

function isGrammyError(error: unknown): error is GrammyError {
  return error instanceof Error && error.name === 'GrammyError';
}

/** The smallest PNG with this size: signature and header, enough for whoever only measures. */
export function pngOf(width: number, height: number, filler = 0): Uint8Array {
  const header = Buffer.alloc(64, filler);
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]).copy(header);
  header.writeUInt32BE(width, 16);
  header.writeUInt32BE(height, 20);
  return new Uint8Array(header);
}
