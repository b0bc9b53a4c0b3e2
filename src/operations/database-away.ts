/** Decides whether an update that failed on the database must wait for it. */
export type IsDatabaseAway = (updateId: number) => Promise<boolean>;

/** An update that fails so often while the database answers is itself the trouble. */
const MAX_ATTEMPTS = 3;

/**
 * A failure of the database means that it is away, or that this update alone makes it fail (a statement that always
 * takes too long). The latter is found out by asking it something else once the update has failed a few times; such an
 * update must not hold up all others for ever. Outlives the bots that polling restarts.
 */
export function createIsDatabaseAway(dependencies: { pingDatabase: () => Promise<void> }): IsDatabaseAway {
  let failing = { updateId: 0, attempts: 0 };

  return (updateId) => {
    const attempts = failing.updateId === updateId ? failing.attempts + 1 : 1;
    failing = { updateId, attempts };
    if (attempts < MAX_ATTEMPTS) return Promise.resolve(true);
    return dependencies.pingDatabase().then(
      () => false,
      () => true,
    );
  };
}
