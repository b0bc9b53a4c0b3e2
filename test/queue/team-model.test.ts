import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { finish } from './team-agreement.ts';
import { allSteps, cast } from './team-arbitraries.ts';
import { REGRESSIONS } from './team-model.regressions.ts';
import type { Cast, Run, Step } from './team-step.ts';
import { isPossible, runStep } from './team-steps.ts';
import { openTeamUnderModel } from './team-under-model.ts';

/** Longer with MODEL_SECONDS; the same again with MODEL_SEED. */
const SECONDS = Number(process.env.MODEL_SECONDS ?? 12);
const SEED = process.env.MODEL_SEED === undefined ? {} : { seed: Number(process.env.MODEL_SEED) };
/** As many sequences as a quiet machine plays in that time; none of them is longer than this. */
const RUNS = SECONDS * 2;
const MAX_STEPS = 60;
/** A sequence that fails is made shorter for so long. */
const SHORTENING_MS = 40_000;

const team = await openTeamUnderModel();
afterAll(team.close);

/** Two cards are in the chat when a sequence begins: there is nothing to tap on otherwise. */
const BEGINNING: readonly Step[] = [
  { do: 'next', by: 0 },
  { do: 'next', by: 1 },
];

let steps = 0;

type Command = fc.AsyncCommand<Run, Run>;
const commandOf = (step: Step): Command => ({
  check: (run) => isPossible(step, run),
  async run(run) {
    steps += 1;
    await runStep(step, run);
  },
  toString: () => JSON.stringify(step),
});

/** Plays commands beside the model. */
async function play(who: Cast, commands: Iterable<Command>): Promise<void> {
  const run = await team.begin(who);
  try {
    for (const step of BEGINNING) await runStep(step, run);
    await fc.asyncModelRun(() => ({ model: run, real: run }), commands);
    await finish(run);
  } finally {
    await team.end();
  }
}

test.each([...REGRESSIONS])('once it failed: $found', async ({ cast: who, steps: kept }) => {
  await play(who, kept.map(commandOf));
});

test('whatever a team does, in whatever order and however often: the bot does what the rules say, and says so', {
  timeout: SECONDS * 1000 + SHORTENING_MS + 60_000,
}, async () => {
  const before = steps;
  let runs = 0;
  let hasFailed = false;
  let end = performance.now() + SECONDS * 1000;
  const commands = (people: number) =>
    fc.commands(
      allSteps(people).flatMap(({ weight, arbitrary }) =>
        Array.from({ length: weight }, () => arbitrary.map(commandOf)),
      ),
      { maxCommands: MAX_STEPS, size: 'max' },
    );
  const teams = cast.chain((who) => fc.tuple(fc.constant(who), commands(who.people)));
  await fc.assert(
    fc.asyncProperty(teams, async ([who, list]) => {
      // fast-check's own limit of time fails where not even the first sequence came to its end in it.
      if (runs > 0 && performance.now() > end) return;
      runs += 1;
      try {
        await play(who, list);
      } catch (error) {
        end = hasFailed ? end : performance.now() + SHORTENING_MS;
        hasFailed = true;
        throw error;
      }
    }),
    { numRuns: RUNS, ...SEED },
  );
  if (process.env.MODEL_SECONDS) process.stdout.write(`${runs} sequences, ${steps - before} steps\n`);
  // A run that never gets anywhere would pass, too.
  expect(steps - before).toBeGreaterThan(runs * 5);
});
