/*
 * A team in the simulator, and the real bot as a process of its own over a throw-away database. Used by measure-telegram.ts
 * and measure-latency.ts; `stop` ends the bot and the simulator, the database stays.
 */
import { rmSync } from 'node:fs';
import type { Connection } from '../../src/db/connect.ts';
import { createSettableClock } from '../../src/simulator/settable-clock.ts';
import { type Person, type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { type Card, CHAT_ID, createTeam, deliverCards } from './deliver-cards.ts';
import { type RunningBot, runBot } from './run-bot.ts';
import { type BenchDatabase, temporaryFolder } from './server.ts';

export type BotTeam = {
  telegram: Simulator;
  alice: Person;
  bot: RunningBot;
  /** Cards that wait for a decision, in the database and in the group. Nobody else writes there meanwhile. */
  sendCards(count: number): Promise<Card[]>;
  stop(): Promise<void>;
};

export async function startBotTeam({ sql, url }: BenchDatabase): Promise<BotTeam> {
  const folder = temporaryFolder();
  const telegram = await startSimulator({ clock: createSettableClock({ ticking: true }), keepHistory: false });
  const alice = telegram.createPerson({ first_name: 'Alice', username: 'alice', id: 101 });
  telegram.createGroup({ title: 'Team', id: CHAT_ID, members: [alice], botIsAdministrator: true });
  await createTeam(sql);
  const bot = await runBot(folder, {
    BOT_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.apiRoot,
    DATABASE_URL: url,
    ADMIN_TELEGRAM_IDS: String(alice.id),
    TEAM_CHAT_ID: String(CHAT_ID),
  });
  return {
    telegram,
    alice,
    bot,
    sendCards: (count) => sendCards(telegram, sql, count),
    async stop() {
      await bot.stop();
      await telegram.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Queue items and their messages in the group, with the buttons of a fresh card. */
async function sendCards(telegram: Simulator, sql: Connection, count: number): Promise<Card[]> {
  const method = `${telegram.apiRoot}/bot${telegram.token}/sendPhoto`;
  const form = new FormData();
  form.set('chat_id', String(CHAT_ID));
  form.set('photo', new File([PIXEL], 'picture.gif'));
  const first = await sent(await fetch(method, { method: 'POST', body: form }));
  const cards = await deliverCards(sql, count, first.message_id + 1);
  for (const { id, messageId } of cards) {
    const body = {
      chat_id: CHAT_ID,
      photo: first.photo?.at(-1)?.file_id,
      caption: 'A picture',
      reply_markup: {
        inline_keyboard: [
          ['posted', 'skip', 'reject'].map((action) => ({ text: action, callback_data: `${action}:${id}` })),
        ],
      },
    };
    const headers = { 'content-type': 'application/json' };
    const message = await sent(await fetch(method, { method: 'POST', headers, body: JSON.stringify(body) }));
    if (message.message_id !== messageId) throw new Error('somebody else wrote into the group meanwhile');
  }
  return cards;
}

type SentPhoto = { message_id: number; photo?: { file_id: string }[] };

async function sent(response: Response): Promise<SentPhoto> {
  const answer = (await response.json()) as { ok: boolean; result?: SentPhoto };
  if (!answer.ok || !answer.result) throw new Error(`a card could not be sent: ${JSON.stringify(answer)}`);
  return answer.result;
}

const PIXEL = Buffer.from('R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');
