import { groupHappening, newGroup } from './group-happenings.ts';
import type { HappeningRequest } from './page-requests.ts';
import type { Person, Simulator } from './simulator-interface.ts';
import { addInventedUpdate, INVENTED_KIND, sendWithUnknownFields } from './world/unknown-updates.ts';
import { chatRecord } from './world/world.ts';

/** What has come about, in a sentence for the page; `chat` when there is a new one. */
export type Happened = { sentence: string; chat?: number };

/**
 * Lets happen what nobody does by writing or tapping: people and the bot come and go, groups change their kind, updates
 * come twice or of a kind that nobody knows. The bot hears of it as it would from Telegram. Throws, with a sentence,
 * when Telegram would not offer it; then nothing has changed.
 */
export function bringAbout(telegram: Simulator, happening: HappeningRequest): Happened {
  const person = telegram.person(happening.person);
  switch (happening.kind) {
    case 'foreign group':
      return newGroup(telegram, person, happening.title);
    case 'unknown update':
      return unknownUpdates(telegram, person, happening.chat ?? person.id, happening.text);
    case 'block bot':
      return setBlocked(telegram, person, true);
    case 'unblock bot':
      return setBlocked(telegram, person, false);
    case 'redeliver':
      return deliverAgain(telegram, person);
    default:
      return groupHappening(telegram, person, happening);
  }
}

function unknownUpdates({ world }: Simulator, { user }: Person, chatId: number, text: string): Happened {
  const { wasTold } = sendWithUnknownFields(world, user, { id: chatId }, text);
  addInventedUpdate(world, user);
  const message = wasTold
    ? `“${text}” of ${user.first_name} with fields that nobody knows`
    : 'nothing else: in groups it hears only what concerns it';
  return { sentence: `The bot is told two things: an update of the unknown kind “${INVENTED_KIND}”, and ${message}` };
}

function setBlocked(telegram: Simulator, person: Person, blocked: boolean): Happened {
  const name = person.user.first_name;
  const record = chatRecord(telegram.world, person.privateChat);
  if (record.blocked === blocked)
    throw new Error(`${name} has ${blocked ? 'blocked the bot already' : 'not blocked the bot'}`);
  if (blocked) telegram.blockBot(person);
  else telegram.unblockBot(person);
  return {
    sentence: blocked
      ? `${name} has blocked the bot: it cannot write to ${name} any more`
      : `${name} has unblocked the bot`,
  };
}

/** With its old number, as after a lost confirmation. */
function deliverAgain(telegram: Simulator, { id, user }: Person): Happened {
  const update = telegram.world.updates.newestOf(id);
  if (update === undefined) throw new Error(`${user.first_name} has done nothing yet that could be delivered again`);
  telegram.redeliver(update);
  const kind = Object.keys(update).find((key) => key !== 'update_id');
  const words = update.message?.text ?? update.message?.caption ?? update.callback_query?.data;
  const what = words === undefined ? `(${kind})` : `(${kind} “${words}”)`;
  return { sentence: `The newest update of ${user.first_name} ${what} goes to the bot once more, with its old number` };
}
