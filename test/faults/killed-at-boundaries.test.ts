import { expect, onTestFinished, test } from 'vitest';
import { testDatabase } from '../support/database.ts';
import { picture } from '../support/picture.ts';
import { type FaultBench, openFaultBench } from './fault-bench.ts';
import { report } from './report.ts';
import { type SlowSpot, slowSpot } from './slow-spot.ts';

/** Longer than any test: the call hangs until the process that made it is gone, and is then not carried out. */
const HANGS = { delayMs: 600_000 };

type Card = Awaited<ReturnType<FaultBench['card']>>;
type Boundary = {
  name: string;
  /** Brings the bot to the boundary; the process is killed when this resolves. */
  reach: (bench: FaultBench, card: Card) => Promise<SlowSpot | undefined>;
  /** The machine of the database died with the process. */
  isPowerCut?: boolean;
  /** What must be so when all has settled. */
  decisions: number;
  /** Taps whose update was confirmed before the kill and whose answer runs behind it: they are never answered. */
  expired?: number;
  repeats: number;
  /** Answers that say of themselves that they are repeats. */
  saidAgain?: number;
};

function hang(bench: FaultBench, method: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  bench.telegram.arm(method, HANGS, {
    where: () => {
      resolve();
      return true;
    },
  });
  return promise;
}

function tap(bench: FaultBench, card: Card, action = 'posted'): void {
  const [, bob] = bench.people;
  void bob?.tap(bench.group, `${action}:${card.queueItemId}`, { messageId: card.messageId });
}

/** A slow spot, what leads there, and that it was reached. */
async function through(bench: FaultBench, spot: Parameters<typeof slowSpot>[1], act: () => void): Promise<SlowSpot> {
  const slow = await slowSpot(bench.sql, spot);
  act();
  await slow.reached();
  return slow;
}

const askNext = ({ people: [alice], group }: FaultBench) => alice?.send(group, '/next');

const BOUNDARIES: readonly Boundary[] = [
  {
    name: 'before the commit of a decision, the database with it',
    reach: (bench, card) => through(bench, { table: 'decisions', event: 'insert' }, () => tap(bench, card)),
    isPowerCut: true,
    decisions: 1,
    repeats: 0,
  },
  {
    name: 'before the commit of a decision, which the server then carries out',
    reach: (bench, card) => through(bench, { table: 'decisions', event: 'insert', seconds: 2 }, () => tap(bench, card)),
    decisions: 1,
    repeats: 0,
  },
  {
    name: 'in the commit of a decision, the database with it',
    reach: (bench, card) =>
      through(bench, { table: 'decisions', event: 'insert', atCommit: true }, () => tap(bench, card)),
    isPowerCut: true,
    decisions: 1,
    repeats: 0,
  },
  {
    name: 'after the commit, before the answer and the edit',
    async reach(bench, card) {
      const both = [hang(bench, 'answerCallbackQuery'), hang(bench, 'editMessageCaption')];
      tap(bench, card, 'skip');
      await Promise.all(both);
      return undefined;
    },
    expired: 1,
    decisions: 1,
    repeats: 0,
  },
  {
    name: 'after the answer, before the edit',
    async reach(bench, card) {
      const isEditing = hang(bench, 'editMessageCaption');
      const isAnswered = bench.telegram.waitForCall('answerCallbackQuery', undefined, { timeoutMs: 20_000 });
      tap(bench, card);
      await Promise.all([isEditing, isAnswered]);
      return undefined;
    },
    decisions: 1,
    repeats: 0,
  },
  {
    name: 'after the edit, before its row knows',
    reach: (bench, card) =>
      through(
        bench,
        {
          table: 'queue_items',
          event: 'update',
          when: 'new.rendered_version > old.rendered_version and old.message_id is not null',
        },
        () => tap(bench, card),
      ),
    isPowerCut: true,
    decisions: 1,
    repeats: 0,
  },
  {
    name: 'while a card goes to Telegram, which never gets it',
    async reach(bench) {
      const isSending = hang(bench, 'sendPhoto');
      askNext(bench);
      await isSending;
      return undefined;
    },
    decisions: 0,
    // The same `/next` comes again and finds its card, labelled as a repeat, for nobody knows that it never arrived.
    repeats: 0,
  },
  {
    name: 'while a card of the library goes to Telegram, which never gets it',
    async reach(bench) {
      await bench.sql`update queue_items set status = 'cancelled' where status = 'pending'`;
      const isSending = hang(bench, 'sendPhoto');
      askNext(bench);
      await isSending;
      return undefined;
    },
    decisions: 0,
    repeats: 0,
  },
  {
    name: 'in the commit of a claim, the database with it',
    reach: (bench) =>
      through(bench, { table: 'queue_items', event: 'update', when: "new.status = 'sending'", atCommit: true }, () =>
        askNext(bench),
      ),
    isPowerCut: true,
    decisions: 0,
    repeats: 0,
  },
  {
    name: 'after the row knows of a card, before its /next is confirmed',
    async reach(bench) {
      const isConfirming = hang(bench, 'getUpdates');
      askNext(bench);
      await isConfirming;
      return undefined;
    },
    decisions: 0,
    repeats: 0,
  },
  {
    name: 'after Telegram took a card, before its row knows',
    reach: (bench) =>
      through(
        bench,
        { table: 'queue_items', event: 'update', when: 'new.message_id is not null and old.message_id is null' },
        () => askNext(bench),
      ),
    isPowerCut: true,
    decisions: 0,
    repeats: 1,
  },
  {
    name: 'while an upload is taken in, before it is in the library',
    reach: (bench) => through(bench, { table: 'media_items', event: 'insert' }, () => upload(bench)),
    isPowerCut: true,
    decisions: 0,
    repeats: 0,
  },
  {
    name: 'after an upload was planned, before it is answered',
    async reach(bench) {
      const isAnswering = hang(bench, 'sendMessage');
      upload(bench);
      await isAnswering;
      return undefined;
    },
    decisions: 0,
    repeats: 0,
    // Its answer was begun, and nobody knows that it never arrived.
    saidAgain: 1,
  },
  {
    name: 'after an upload was answered, before its job is done',
    reach: (bench) =>
      through(
        bench,
        { table: 'graphile_worker._private_jobs', event: 'delete', when: 'old.locked_by is not null' },
        () => upload(bench),
      ),
    isPowerCut: true,
    decisions: 0,
    // "Said again", for nobody knows whether the first answer arrived.
    repeats: 0,
    saidAgain: 1,
  },
];

function upload({ people: [alice] }: FaultBench): void {
  alice?.sendMedia(alice.privateChat, { kind: 'photo', bytes: picture(9000) });
}

test.each(BOUNDARIES)('a bot that is killed $name loses nothing', async (boundary) => {
  const { name, reach, isPowerCut = false, decisions, repeats, expired = 0, saidAgain = 0 } = boundary;
  const database = await testDatabase();
  const bench = await openFaultBench({ target: database.target, botUrl: database.url });
  onTestFinished(async () => {
    await bench.close();
    await database.close();
  });
  await bench.bot.start();
  await bench.fill(4);
  const card = await bench.card();
  const slow = await reach(bench, card);
  await bench.bot.kill();
  bench.countFault();
  if (isPowerCut) await slow?.endSleepers();
  await slow?.remove();
  bench.telegram.disarm();
  const since = performance.now();
  await bench.bot.start();
  const { problems, figures } = await bench.settle();
  report(`${name}: ${Math.round(performance.now() - since)} ms until all is well, ${JSON.stringify(figures)}`);
  expect(problems).toEqual([]);
  expect(figures).toMatchObject({ decisions, lostDecisions: 0, lostInteractions: 0, extraCards: 0 });
  expect(figures.repeats).toBeLessThanOrEqual(repeats);
  const texts = bench.people.flatMap(({ privateChat }) => bench.telegram.messages(privateChat).map(({ text }) => text));
  expect(texts.filter((text) => text?.startsWith('🔁 Said again'))).toHaveLength(saidAgain);
  expect(figures.expired).toBeLessThanOrEqual(expired);
});
