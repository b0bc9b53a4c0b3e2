import type { Database } from '../db/client.ts';
import { PersonError } from '../lib/errors.ts';
import { createLibraryListRepository } from './library-list-repository.ts';
import { listHeading, listLayout, listLine, listObject } from './media-messages.ts';

/**
 * `storyline media list`: the library, the oldest first; a table as wide as the terminal (`columns`, undefined without
 * one), with `--json` one object a line. Throws PersonError for a limit that is no positive number.
 */
export async function listMedia(
  terminal: { database: Database; print: (line: string) => void; columns: number | undefined },
  options: { category?: string; json?: boolean; limit?: string },
): Promise<void> {
  const limit = options.limit === undefined ? Number.MAX_SAFE_INTEGER : Number(options.limit);
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new PersonError(`--limit takes a number from 1 on, not “${options.limit}”.`);
  }
  const now = new Date();
  const layout = listLayout(terminal.columns);
  const category = options.category?.normalize('NFC');
  let isEmpty = true;
  for await (const row of createLibraryListRepository(terminal.database).all({ category, limit, now })) {
    if (options.json) terminal.print(JSON.stringify(listObject(row, now)));
    else {
      if (isEmpty) terminal.print(listHeading(layout));
      terminal.print(listLine(row, layout, now));
    }
    isEmpty = false;
  }
}
