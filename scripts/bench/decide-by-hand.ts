/* Decisions as the frozen SQL files make them, over one connection of the plain driver. Used by the two that measure decisions. */
import { randomUUID } from 'node:crypto';
import type { Connection } from '../../src/db/connect.ts';
import { CHAT_ID } from './deliver-cards.ts';
import { type LimitStatement, runLimit } from './limit-file.ts';

const DAY_MS = 86_400_000;

/** Two of three are posted, as in a team's life; both ways of measuring take the same ones. */
export function actionOf(index: number): 'posted' | 'skip' {
  return index % 3 === 2 ? 'skip' : 'posted';
}

/** Works a list of cards in, one after the other. */
export async function decideByHand(
  sql: Connection,
  statements: readonly LimitStatement[],
  cards: readonly string[],
  user: string,
): Promise<void> {
  for (const [index, item] of cards.entries()) {
    const isPosted = actionOf(index) === 'posted';
    const now = new Date();
    const values = {
      item,
      chat: CHAT_ID,
      user,
      decision: isPosted ? 'posted' : 'skipped',
      reason: isPosted ? 'recent_post' : 'skip',
      name: isPosted ? 'posted' : 'skip',
      locked_until: new Date(now.getTime() + (isPosted ? 30 : 45) * DAY_MS),
      message: index,
      now,
      elapsed: 1,
      key: `7000000001:cb:${randomUUID()}`,
    };
    for (const statement of statements) await runLimit(sql, statement, values);
  }
}
