import fc from 'fast-check';
import { type Action, DAY, HOUR, MINUTE, type Setting } from './team-model.ts';
import type { Cast, Step, TapStep } from './team-step.ts';

export const REASONS = ['too dark', 'not ours, and nobody knows whose'] as const;
const ACTIONS: readonly (Action | 'reason')[] = [
  'posted',
  'posted',
  'posted',
  'skip',
  'reject',
  'reject',
  'confirm_reject',
  'confirm_reject',
  'cancel_reject',
  'undo',
  'undo',
  'undo',
  'claim',
  'claim',
  'other',
  'reason',
];

type Steps = { weight: number; arbitrary: fc.Arbitrary<Step> }[];

const card = fc.nat(5);

const setting: fc.Arbitrary<Setting> = fc.record({
  approvals: fc.constantFrom(1, 1, 2, 3),
  fourEyes: fc.constantFrom(false, false, true),
  reasons: fc.subarray([...REASONS]),
  rest: fc.constantFrom(30, 30, 0),
});

/** Mostly at once; sometimes on either side of the undo's minute, the claim's ten, the question's day, the two days of a card. */
const pause = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 5 * MINUTE }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(MINUTE - 1, MINUTE, 10 * MINUTE - 1, 10 * MINUTE, DAY - 1, DAY, 2 * DAY, 30 * DAY),
  },
);

function anyTapBy(by: fc.Arbitrary<number>): fc.Arbitrary<TapStep> {
  const shownTap: fc.Arbitrary<TapStep> = fc.record({
    do: fc.constant('tap' as const),
    action: fc.constant('shown' as const),
    button: fc.nat(4),
    card,
    by,
  });
  const forgedTap: fc.Arbitrary<TapStep> = fc
    .record({ action: fc.constantFrom(...ACTIONS), card, by, reason: fc.constantFrom(...REASONS) })
    .map(({ action, card: which, by: who, reason }) =>
      action === 'reason'
        ? { do: 'tap', action, card: which, by: who, reason }
        : { do: 'tap', action, card: which, by: who },
    );

  return fc.oneof({ weight: 3, arbitrary: shownTap }, { weight: 2, arbitrary: forgedTap });
}

/** Either side of each limit of time: the question's day, the undo's minute, the claim's ten. */
const LIMITS: readonly { first: Action[]; second: Action[]; ms: number }[] = [
  { first: ['reject'], second: ['confirm_reject', 'cancel_reject', 'reject', 'other'], ms: DAY },
  { first: ['posted', 'skip', 'confirm_reject'], second: ['undo'], ms: MINUTE },
  { first: ['claim'], second: ['claim', 'posted'], ms: 10 * MINUTE },
];

function lateTaps(by: fc.Arbitrary<number>): fc.Arbitrary<Step> {
  const choices = LIMITS.flatMap(({ first, second, ms }) =>
    first.flatMap((one) => second.flatMap((other) => [ms - 1, ms].map((after) => ({ one, other, after })))),
  );
  return fc.tuple(fc.constantFrom(...choices), card, by, by).map(([{ one, other, after }, which, who, whoNext]) => ({
    do: 'late',
    first: { do: 'tap', action: one, card: which, by: who },
    after,
    second: { do: 'tap', action: other, card: which, by: whoNext },
  }));
}

/** Steps of so many people that need no clock of ours, hence also happen to a process that is killed. */
export function plainSteps(people: number): Steps {
  const by = fc.nat(people - 1);
  const anyTap = anyTapBy(by);
  return [
    { weight: 20, arbitrary: anyTap },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('next' as const), by }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('add' as const), by }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('again' as const),
        back: fc.nat(3),
        as: fc.constantFrom('same' as const, 'new update' as const, 'new query' as const),
      }),
    },
    { weight: 1, arbitrary: fc.nat(1).map((back): Step => ({ do: 'next again', back })) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('settings' as const),
        patch: setting.chain((whole) =>
          fc
            .constantFrom(...(['approvals', 'fourEyes', 'reasons', 'rest'] as const))
            .map((key) => ({ [key]: whole[key] })),
        ),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('write reason' as const),
        card,
        by,
        words: fc.constantFrom('dull', 'old'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), who: by }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('return' as const), who: by }) },
  ];
}

/** Everything that so many people can do. */
export function allSteps(people: number): Steps {
  const by = fc.nat(people - 1);
  const anyTap = anyTapBy(by);
  return [
    ...plainSteps(people),
    { weight: 8, arbitrary: lateTaps(by) },
    { weight: 4, arbitrary: pause.map((ms): Step => ({ do: 'wait', ms })) },
    { weight: 2, arbitrary: fc.constant<Step>({ do: 'deliver' }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('pause' as const), by: fc.constantFrom(0, 0, 0, 1) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('resume' as const),
        by: fc.constantFrom(0, 0, 0, 1),
        choice: fc.constantFrom('reschedule' as const, 'clear' as const, 'send' as const),
      }),
    },
    { weight: 2, arbitrary: fc.constant<Step>({ do: 'look after' }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('restart' as const),
        ms: fc.constantFrom(0, 59_000, 149_999, 150_000, HOUR),
        taps: fc.array(anyTap, { maxLength: 3 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('migrate' as const),
        isErrorFirst: fc.boolean(),
        taps: fc.array(anyTap, { maxLength: 2 }),
      }),
    },
  ];
}

export const cast: fc.Arbitrary<Cast> = fc.record({
  people: fc.integer({ min: 2, max: 4 }),
  isSupergroup: fc.boolean(),
  isBotAdministrator: fc.boolean(),
  setting,
});
