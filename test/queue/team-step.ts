import type { Update } from 'grammy/types';
import type { Db } from '../../src/db/client.ts';
import type { CardRepository } from '../../src/queue/card-repository.ts';
import type { Group, Person, Simulator } from '../../src/simulator/simulator.ts';
import type { Action, Item, Setting, TeamModel } from './team-model.ts';
import type { Recorded } from './team-rows.ts';

/**
 * A tap on the `card`-th of the cards that were ever sent: with any data at all, or on the `button`-th that the card shows
 * (`shown`). `reason` is one that the chat has, had, or never had.
 */
export type TapStep = {
  do: 'tap';
  action: Action | 'reason' | 'shown';
  card: number;
  by: number;
  reason?: string;
  button?: number;
};

/** What can happen to a team; plain data, so that a sequence that once failed can be kept. */
export type Step =
  | TapStep
  /** Two taps on one card with a limit of time between them. */
  | { do: 'late'; first: TapStep; after: number; second: TapStep }
  | { do: 'wait'; ms: number }
  | { do: 'add'; by: number }
  | { do: 'deliver' }
  | { do: 'next'; by: number }
  | { do: 'write reason'; card: number; by: number; words: string }
  | { do: 'again'; back: number; as: 'same' | 'new update' | 'new query' }
  /** An earlier `/next` comes again: it has its card already. */
  | { do: 'next again'; back: number }
  | { do: 'pause'; by: number }
  | { do: 'resume'; by: number; choice?: 'reschedule' | 'clear' | 'send' }
  | { do: 'settings'; patch: Partial<Setting> }
  | { do: 'look after' }
  /** The bot is away for a while, and people tap on. */
  | { do: 'restart'; ms: number; taps: TapStep[] }
  | { do: 'migrate'; isErrorFirst: boolean; taps: TapStep[] }
  | { do: 'leave'; who: number }
  | { do: 'return'; who: number };

/** Who plays, and how the chat is set up. */
export type Cast = { people: number; isSupergroup: boolean; isBotAdministrator: boolean; setting: Setting };

/** What became of an update. `given up`: the bot says that it could not; nothing has happened. */
export type Fate = { kind: 'happened'; at: number; mayBeSilent: boolean } | { kind: 'given up' };

/** The real side: Telegram, the bot, the database. Times are the model's. */
export type RealTeam = {
  telegram: Simulator;
  db: Db;
  cards: Pick<CardRepository, 'find'>;
  people: readonly Person[];
  group(): Group;
  moved(group: Group): void;
  now(): number;
  aheadMs(): number;
  pass(ms: number): Promise<void>;
  /** Waits until nothing is left to do. */
  settle(): Promise<void>;
  /** Brings every card up to date. */
  sweep(): Promise<void>;
  down(): Promise<void>;
  up(): Promise<void>;
  change(setting: Setting): Promise<void>;
  fateOf(key: string): Promise<Fate>;
  /** Interactions that were given up: whether they have a row is all the same. */
  givenUp: ReadonlySet<string>;
  /** What the clock does, where the clock is ours. */
  jobs?: { deliverDue(): Promise<unknown>; lookAfter(): Promise<void> };
};

/** One run of the model beside the real thing. */
export type Run = {
  model: TeamModel;
  real: RealTeam;
  media: string[];
  recorded: Map<string, Recorded>;
  /** Taps that were made, for those that come again. */
  taps: { update: Update; step: TapStep; item: Item }[];
  /** Each `/next` that was sent, for the same reason. */
  asked: Update[];
};
