import * as server from '../server.js';
import { alertDialog, toast } from './notices.js';
import { now, tapKey, update } from './store.js';

/** Taps that wait for the bot's answer, by the number that the page gave them. */
const open = new Map();

/** Taps a button below a message. The button is busy from now on until the bot has answered. */
export async function press(pane, message, data) {
  const { person } = now().panes[pane];
  const tap = crypto.randomUUID();
  const key = tapKey(person, message, data);
  open.set(tap, { key, pane });
  update(({ waiting }) => ({ waiting: { ...waiting, [key]: true } }));
  try {
    await server.press({ person, chat: message.chat.id, messageId: message.message_id, data, tap });
  } catch (error) {
    endTap(tap);
    toast(error.message, pane);
  }
}

/** Takes in the answer to a tap, if it was one of this page's. */
export function hearAnswer({ tap, answer }) {
  const ended = endTap(tap);
  if (ended === undefined) return;
  if (answer === 'expired') toast('The bot did not answer this tap', ended.pane);
  else if (answer.show_alert) alertDialog(answer.text ?? '');
  else if (answer.text) toast(answer.text, ended.pane);
}

function endTap(tap) {
  const ended = open.get(tap);
  if (ended === undefined) return undefined;
  open.delete(tap);
  update(({ waiting: { [ended.key]: _, ...waiting } }) => ({ waiting }));
  return ended;
}

/** After a lost connection no answer to an earlier tap will come. */
export function forgetTaps() {
  open.clear();
  update(() => ({ waiting: {} }));
}
