import { PersonError } from '../lib/errors.ts';
import { EVENT_TYPES, weightOf } from './event-types.ts';

/**
 * What Amazon Personalize takes as an Item interactions dataset (AWS, "Item interactions dataset schema requirements
 * (custom)" and "Service quotas"; platform-facts 2).
 */

/** The columns of each format, in order. `personalize` is seed 000's header. */
export const PERSONALIZE_FORMATS = {
  personalize: ['USER_ID', 'ITEM_ID', 'TIMESTAMP', 'EVENT_TYPE'],
  'personalize-full': [
    'USER_ID',
    'ITEM_ID',
    'TIMESTAMP',
    'EVENT_TYPE',
    'EVENT_VALUE',
    'IMPRESSION',
    'RECOMMENDATION_ID',
  ],
} as const;

export type PersonalizeFormat = keyof typeof PERSONALIZE_FORMATS;

/** Columns that AWS counts together with the distinct event types. EVENT_TYPE itself: see `isOnTheSafeSide`. */
const METADATA: Readonly<Record<PersonalizeFormat, readonly string[]>> = {
  personalize: [],
  'personalize-full': ['EVENT_VALUE'],
};

/** Distinct event types and optional metadata columns together. */
export const MAX_TYPES_AND_METADATA = 10;
/** Ids are free of what a CSV reader, or the bar between impressions, could misread. */
export const LEGAL_ID = /^[A-Za-z0-9_.:-]{1,256}$/;
/** IMPRESSION, bars included. */
export const MAX_IMPRESSION_CHARACTERS = 1000;
export const MIN_INTERACTIONS = 1000;
export const MIN_USERS = 25;
export const MIN_INTERACTIONS_PER_USER = 2;

/** How many event types a format has room for. */
export function typesAllowed(format: PersonalizeFormat): number {
  return MAX_TYPES_AND_METADATA - METADATA[format].length;
}

/**
 * The event types of an export: those that were asked for, else the positive ones that occur, the weightiest first, as many
 * as AWS takes (Personalize learns from positive interactions only). Throws PersonError when more were asked for.
 */
export function chooseTypes(
  asked: readonly string[] | undefined,
  occurring: readonly string[],
  format: PersonalizeFormat,
): readonly string[] {
  const room = typesAllowed(format);
  if (!asked) {
    return EVENT_TYPES.filter((type) => weightOf(type) > 0 && occurring.includes(type)).slice(0, room);
  }
  if (asked.length > room) {
    const metadata = METADATA[format].length > 0 ? `, and ${METADATA[format].join(', ')} counts as one` : '';
    throw new PersonError(
      `${asked.length} event types are too many: AWS takes at most ${MAX_TYPES_AND_METADATA} event types and metadata columns together` +
        `${metadata}. Name at most ${room} with --event-types (${asked.join(', ')} were asked for).`,
    );
  }
  return asked;
}

export type ReadinessFigures = {
  interactions: number;
  users: number;
  usersWithTwo: number;
  types: number;
};

export type Readiness = { isReady: boolean; lines: readonly string[] };

/**
 * Whether AWS would train on it: a verdict of one line, then each rule with its number. It only warns; small data are
 * written all the same (DESIGN, rulings).
 */
export function readinessOf(figures: ReadinessFigures, format: PersonalizeFormat): Readiness {
  const rules = [
    {
      isMet: figures.interactions >= MIN_INTERACTIONS,
      words: `interactions: ${figures.interactions} of at least ${MIN_INTERACTIONS}`,
    },
    {
      isMet: figures.usersWithTwo >= MIN_USERS,
      words: `people with at least ${MIN_INTERACTIONS_PER_USER} interactions: ${figures.usersWithTwo} of at least ${MIN_USERS} (${figures.users} people in all)`,
    },
    {
      isMet: figures.types <= typesAllowed(format),
      words: `event types: ${figures.types} of at most ${typesAllowed(format)}${isOnTheSafeSide(figures, format) ? '' : ' (AWS counts the column EVENT_TYPE too: one type less is safe)'}`,
    },
  ];
  const isReady = rules.every(({ isMet }) => isMet);
  return {
    isReady,
    lines: [
      isReady ? 'READY: AWS Personalize can train on it.' : 'NOT READY: AWS Personalize would refuse to train on it.',
      ...rules.map(({ isMet, words }) => `  ${isMet ? '✓' : '✗'} ${words}`),
    ],
  };
}

/**
 * AWS's page counts EVENT_TYPE among the metadata columns, which leaves room for nine types; seeds and rulings say ten.
 * Ten are allowed, and whoever uses the tenth is told.
 */
function isOnTheSafeSide({ types }: ReadinessFigures, format: PersonalizeFormat): boolean {
  return types < typesAllowed(format) || types > typesAllowed(format);
}
