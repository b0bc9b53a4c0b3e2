import { DAY, type Setting } from './team-model.ts';
import type { Cast, Step, TapStep } from './team-step.ts';

const PLAIN: Setting = { approvals: 1, fourEyes: false, reasons: [], rest: 30 };
const GROUP: Cast = { people: 2, isSupergroup: false, isBotAdministrator: true, setting: PLAIN };

const tap = (action: TapStep['action'], card: number, by: number, reason?: string): TapStep => ({
  do: 'tap',
  action,
  card,
  by,
  ...(reason === undefined ? {} : { reason }),
});

/**
 * Sequences that once failed, shortened, and what each of them found. The fast suite plays them first, every time. As data
 * they mean the same however the generators change.
 */
export const REGRESSIONS: readonly { found: string; cast: Cast; steps: readonly Step[] }[] = [
  {
    found: 'a reason pressed on a card that is settled was told of changed reasons, not of the decision',
    cast: GROUP,
    steps: [tap('posted', 0, 1), tap('reason', 0, 0, 'too dark')],
  },
  {
    found: '“Other…” on a card that is settled was told to tap Reject, which the card does not have any more',
    cast: GROUP,
    steps: [tap('reject', 0, 1), tap('posted', 0, 1), tap('other', 0, 0)],
  },
  {
    found: 'whoever asked for a card by /next counted as who had added it, and could not approve it',
    cast: { ...GROUP, setting: { ...PLAIN, fourEyes: true } },
    steps: [tap('posted', 0, 0)],
  },
  {
    found: 'in a group that became a supergroup nobody could be asked for a reason in words',
    cast: GROUP,
    steps: [
      { do: 'migrate', isErrorFirst: false, taps: [] },
      tap('reject', 0, 0),
      { do: 'write reason', card: 0, by: 1, words: 'dull' },
    ],
  },
  {
    found: '“Other…” from before the news of a migration was done and ended as failed, without its question',
    cast: GROUP,
    steps: [tap('reject', 0, 0), { do: 'migrate', isErrorFirst: false, taps: [tap('other', 0, 1)] }],
  },
  {
    found: 'a tap from before the news of a migration, by somebody whom Telegram had to be asked about, was refused',
    cast: GROUP,
    steps: [
      { do: 'wait', ms: 2 * DAY },
      { do: 'migrate', isErrorFirst: false, taps: [tap('posted', 0, 1)] },
    ],
  },
];
