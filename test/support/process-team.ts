import { sql } from 'drizzle-orm';
import type { Message } from 'grammy/types';
import { onTestFinished } from 'vitest';
import {
  type Fault,
  type Group,
  type Person,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../src/simulator/simulator.ts';
import { type Environment, type RunningProcess, startMain, temporaryFolder } from './bot-process.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { picture } from './picture.ts';

/** A team around a bot that is a process of its own. Alice is admin, Bob and Dana are members. */
export type ProcessTeam = {
  readonly telegram: Simulator;
  readonly test: TestDatabase;
  readonly alice: Person;
  readonly bob: Person;
  readonly dana: Person;
  readonly group: Group;
  /** The environment of the bot: token, Telegram, team and database. */
  readonly env: Environment;
  /** Starts the bot and waits until it listens. */
  start(env?: Environment): Promise<RunningProcess>;
  /** Sends pictures as Alice, brings their cards into the group as Bob, and returns the cards. */
  cards(count: number): Promise<Message[]>;
  /** Arms a fault for one call; resolves when such a call has come in and met it. */
  meet(method: string, fault: Fault, where?: (payload: Record<string, unknown>) => boolean): Promise<void>;
  /** A card as it is now. */
  now(card: Message): Message;
  /** Rows of a statement, as the server has them. */
  rows(statement: string): Promise<Record<string, unknown>[]>;
};

/** A process on a busy machine. */
const PATIENTLY = { timeoutMs: 20_000 };

let pictures = 0;

/** Telegram, people and an empty database, gone after the test. Call `start` for the bot. */
export async function startProcessTeam(options: Pick<SimulatorOptions, 'token'> = {}): Promise<ProcessTeam> {
  const telegram = await startSimulator(options);
  onTestFinished(() => telegram.stop());
  const alice = telegram.createPerson({ first_name: 'Alice', username: 'alice', id: 101 });
  const bob = telegram.createPerson({ first_name: 'Bob', username: 'bob', id: 102 });
  const dana = telegram.createPerson({ first_name: 'Dana', id: 104 });
  const group = telegram.createGroup({ title: 'Team', members: [alice, bob, dana], botIsAdministrator: true });
  const test = await testDatabase();
  onTestFinished(test.close);
  const cwd = temporaryFolder();
  const env: Environment = {
    BOT_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.apiRoot,
    ADMIN_TELEGRAM_IDS: String(alice.id),
    TEAM_CHAT_ID: String(group.id),
    DATABASE_URL: test.url,
    PORT: '0',
  };

  return {
    telegram,
    test,
    alice,
    bob,
    dana,
    group,
    env,
    async start(more = {}) {
      const run = startMain({ ...env, ...more }, { cwd });
      await run.waitForLine('listening to Telegram');
      return run;
    },
    async cards(count) {
      const cards: Message[] = [];
      for (let index = 0; index < count; index += 1) {
        pictures += 1;
        const sent = alice.sendMedia(alice.privateChat, { kind: 'photo', bytes: picture(pictures) });
        await telegram.waitForMessage(alice.privateChat, (message) => isReplyTo(message, sent), PATIENTLY);
        const known = new Set(telegram.messages(group).map(({ message_id }) => message_id));
        bob.send(group, '/next');
        cards.push(
          await telegram.waitForMessage(
            group,
            ({ photo, message_id }) => photo !== undefined && !known.has(message_id),
            PATIENTLY,
          ),
        );
      }
      await telegram.idle(PATIENTLY);
      return cards;
    },
    meet(method, fault, where = () => true) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const meets = (payload: Record<string, unknown>) => {
        if (!where(payload)) return false;
        resolve();
        return true;
      };
      telegram.arm(method, fault, { where: meets });
      return promise;
    },
    now(card) {
      const message = telegram.message(card.chat, card.message_id);
      if (!message) throw new Error('the card is gone');
      return message;
    },
    rows: async (statement) => [...(await test.db.execute(sql.raw(statement)))],
  };
}

function isReplyTo(message: Message, sent: { message_id: number }): boolean {
  return message.reply_to_message?.message_id === sent.message_id;
}
