import type { Update, User } from 'grammy/types';
import type { ChatRef } from '../cast-interface.ts';
import { textContent } from './message-content.ts';
import { post } from './messages.ts';
import { chatToWriteIn } from './person.ts';
import { botSees } from './visibility.ts';
import type { ChatMessage, World } from './world.ts';

/** The kind of update that no Bot API knows. */
export const INVENTED_KIND = 'telepathy';

/** What a later Bot API might add to anything. */
const ADDED = { aura: { colour: 'blue', layers: [1, 2, 3] }, telepathic: true };

/**
 * Queues an update of an invented kind. Whatever the bot has asked for: Telegram leaves out what it was not asked for,
 * but a bot must not rely on that (acceptance row T21).
 */
export function addInventedUpdate(world: World, from: User): void {
  const update = { update_id: 0, [INVENTED_KIND]: { from, thought: 'hm', strength: 0.7 } };
  world.updates.redeliver(update, true);
}

/**
 * An ordinary message, except that its update has fields that nobody knows, on every level. `wasTold`: the bot gets it,
 * which in groups depends on its privacy mode. Throws when the person cannot write there.
 */
export function sendWithUnknownFields(
  world: World,
  user: User,
  chat: ChatRef,
  text: string,
): { message: ChatMessage; wasTold: boolean } {
  const record = chatToWriteIn(world, user, chat);
  const message = post(world, record, user, textContent(text));
  const wasTold = botSees(world, record, message);
  if (wasTold) {
    const from = { ...message.from, ...ADDED };
    const told: Omit<Update, 'update_id'> = {
      message: { ...message, ...ADDED, from, chat: { ...message.chat, ...ADDED } },
    };
    world.updates.add({ ...told, ...ADDED });
  }
  return { message, wasTold };
}
