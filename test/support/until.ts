import { vi } from 'vitest';

/** Asks again and again, until there is something to give: for what tells nobody when it happens, like the database. */
export async function until<T>(ask: () => Promise<readonly T[]>, timeoutMs = 10_000): Promise<readonly T[]> {
  return vi.waitFor(
    async () => {
      const found = await ask();
      if (found.length === 0) throw new Error(`Nothing came of: ${ask}`);
      return found;
    },
    { timeout: timeoutMs, interval: 20 },
  );
}
