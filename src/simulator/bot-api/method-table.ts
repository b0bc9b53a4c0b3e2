import { botMethods } from './bot-methods.ts';
import { chatMethods } from './chat-methods.ts';
import { editMethods } from './edit-methods.ts';
import { mediaMethods } from './media-methods.ts';
import { messageMethods } from './message-methods.ts';
import type { Method } from './method.ts';
import { updateMethods } from './update-methods.ts';

const methods = new Map<string, { name: string; run: Method }>(
  Object.entries({
    ...updateMethods,
    ...botMethods,
    ...messageMethods,
    ...mediaMethods,
    ...editMethods,
    ...chatMethods,
  }).map(([name, run]) => [name.toLowerCase(), { name, run }]),
);

/** A method of the Bot API by its name, in any case; `undefined` for those that are not simulated. */
export function findMethod(name: string): { name: string; run: Method } | undefined {
  return methods.get(name.toLowerCase());
}
