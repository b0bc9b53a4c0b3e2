import { createHash } from 'node:crypto';
import { createDemoCast, DEMO_PEOPLE, isThere } from './demo-cast.ts';
import { demoMedia } from './demo-media.ts';
import type { Person, Simulator } from './simulator-interface.ts';

/**
 * Brings in whoever of the cast is missing (Grace came later than the others: states from before do not have her), and
 * lets Alice and Grace greet the bot; before the bot asks about its team chat.
 */
export function bringInCast(telegram: Simulator): void {
  if (!isThere(telegram, DEMO_PEOPLE.alice)) {
    createDemoCast(telegram);
    greet(telegram.person(DEMO_PEOPLE.alice.id));
  }
  if (!isThere(telegram, DEMO_PEOPLE.grace)) greet(telegram.createPerson(DEMO_PEOPLE.grace));
}

function greet(person: Person): void {
  person.send(person.privateChat, '/start');
}

/**
 * Fills a fresh simulator: the cast, the team group, and Alice, who greets the bot and sends it the demo media as
 * anybody would. What has been sent before, in a restored state, is not sent again; an interrupted first start goes on.
 * Resolves when everything is sent (`sent` says how many) or `signal` has ended it; the bot may be slower.
 */
export async function startDemo(
  telegram: Simulator,
  options: { folder: string; signal?: AbortSignal },
): Promise<{ sent: number }> {
  bringInCast(telegram);
  const alice = telegram.person(DEMO_PEOPLE.alice.id);
  let sent = 0;
  for await (const file of demoMedia(options.folder)) {
    if (options.signal?.aborted) break;
    if (telegram.files.blobs.has(createHash('sha256').update(file.bytes).digest('hex'))) continue;
    alice.sendMedia(alice.privateChat, file);
    sent += 1;
  }
  return { sent };
}
