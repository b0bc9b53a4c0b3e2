/** Decides whether an update that failed on the database must wait for it. */
export type IsDatabaseAway = (updateId: number) => Promise<boolean>;

/** An update that fails so often while the database answers is itself the trouble. */
const MAX_ATTEMPTS = 3;

/**
 * A failure of the database means that it is away, or that this update alone makes it fail (a statement that always
 * takes too long). Which of the two is found out by asking it something else: an update that fails three times although
 * it answers must not hold up all others for ever. What failed before it came back says nothing about the update, so the
 * attempts are counted from its first answer. Outlives the bots that polling restarts.
 */
export function createIsDatabaseAway(dependencies: { pingDatabase: () => Promise<void> }): IsDatabaseAway {
  let failing = { updateId: 0, attempts: 0 };

  return async (updateId) => {
    const doesAnswer = await dependencies.pingDatabase().then(
      () => true,
      () => false,
    );
    const before = doesAnswer && failing.updateId === updateId ? failing.attempts : 0;
    failing = { updateId, attempts: doesAnswer ? before + 1 : 0 };
    return failing.attempts < MAX_ATTEMPTS;
  };
}
