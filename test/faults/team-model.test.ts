import fc from 'fast-check';
import { expect, test } from 'vitest';
import { finish } from '../queue/team-agreement.ts';
import { cast, plainSteps } from '../queue/team-arbitraries.ts';
import { MINUTE } from '../queue/team-model.ts';
import type { Step } from '../queue/team-step.ts';
import { isPossible, runStep } from '../queue/team-steps.ts';
import { report } from './report.ts';
import type { Fault } from './team-faults.ts';
import { openTeamUnderFaults } from './team-under-faults.ts';

/** Two minutes unless told otherwise; a failed run again with its FAULT_SEED. */
const MINUTES = Number(process.env.FAULT_MINUTES ?? 10) / 5;
const SEED = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000);
/** Then a new team, with other people and settings. */
const STEPS_OF_A_TEAM = 60;
/** One step in so many meets a fault. */
const FAULTS = 4;

/** Within an undo's minute or well behind it: the machine's time goes on, too. */
const waits = fc.constantFrom(2 * MINUTE, 11 * MINUTE, 25 * 60 * MINUTE).map((ms): Step => ({ do: 'wait', ms }));

const stepsOf = (people: number) =>
  fc.oneof(
    ...plainSteps(people),
    { weight: 2, arbitrary: waits },
    {
      weight: 1,
      arbitrary: fc.constant<Step>({
        do: 'migrate',
        isErrorFirst: false,
        taps: [{ do: 'tap', action: 'posted', card: 0, by: 1 }],
      }),
    },
  );

const faults: fc.Arbitrary<Fault> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('killed at a call' as const),
      method: fc.constantFrom('answerCallbackQuery', 'editMessageCaption', 'sendPhoto', 'getChatMember'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('killed' as const), afterMs: fc.nat(80) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('database cut' as const),
      when: fc.constantFrom('before', 'after'),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('database silent' as const), forMs: fc.integer({ min: 200, max: 2500 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('database stopped' as const),
      forMs: fc.integer({ min: 200, max: 2500 }),
    }),
  },
);

/** What a fault may come in the way of: what is one update. */
const FAULTY: readonly Step['do'][] = ['tap', 'next', 'again', 'next again'];

test(`a team whose bot is killed and whose database goes away for ${MINUTES} minutes: the rules hold as if nothing had happened`, {
  timeout: MINUTES * 60_000 + 300_000,
}, async () => {
  // Counted from the first team that stands: a busy machine takes its time for that.
  let end = Number.POSITIVE_INFINITY;
  let done = 0;
  let met = 0;
  for (let team = 0; performance.now() < end; team += 1) {
    const seed = SEED + team;
    const [who] = fc.sample(cast, { seed, numRuns: 1 });
    if (!who) throw new Error('unreachable');
    const planned = fc.sample(fc.tuple(stepsOf(who.people), fc.nat(FAULTS - 1), faults), {
      seed,
      numRuns: STEPS_OF_A_TEAM,
    });
    const bench = await openTeamUnderFaults(who);
    const trail: string[] = [JSON.stringify(who)];
    try {
      for (const by of [0, 1]) await runStep({ do: 'next', by }, bench.run);
      end = Math.min(end, performance.now() + MINUTES * 60_000);
      for (const [step, dice, fault] of planned) {
        if (performance.now() > end || !isPossible(step, bench.run)) continue;
        const isFaulty = dice === 0 && FAULTY.includes(step.do);
        trail.push(JSON.stringify(isFaulty ? { ...step, fault } : step));
        if (isFaulty) await bench.under(fault, () => runStep(step, bench.run));
        else await runStep(step, bench.run);
        done += 1;
      }
      await bench.run.real.pass(2 * MINUTE);
      await finish(bench.run);
      expect(bench.collapses()).toBe(0);
      met += bench.faults();
    } catch (error) {
      report(`seed ${SEED}, team ${team}, FAULT_SEED=${seed} begins with it:\n${trail.join('\n')}`);
      throw error;
    } finally {
      await bench.close();
    }
  }
  report(`seed ${SEED}: ${done} steps, ${met} faults`);
  // A run that never gets anywhere would pass, too.
  expect(done).toBeGreaterThan(MINUTES * 5);
});
