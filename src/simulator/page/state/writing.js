import * as server from '../server.js';
import { trying } from './notices.js';
import { now, placeKey, update } from './store.js';

const compose = (place, how) => update(({ composing }) => ({ composing: { ...composing, [placeKey(place)]: how } }));

export const startReply = (place, message) => compose(place, { replyTo: message });
export const startEdit = (place, message) => compose(place, { editing: message });
export const stopComposing = (place) => compose(place, undefined);

/** The message that the next text or file answers, if any; asking forgets it. */
function takeReply(place) {
  const messageId = now().composing[placeKey(place)]?.replyTo?.message_id;
  stopComposing(place);
  return messageId;
}

/** Sends words, or makes them the text of the message that is being edited. Resolves with whether it worked. */
export async function sendWords(pane, place, words) {
  const { person, chat } = place;
  const editing = now().composing[placeKey(place)]?.editing;
  if (editing !== undefined) {
    stopComposing(place);
    if (words.trim() === (editing.text ?? editing.caption)) return true;
    return trying(() => server.edit({ person, chat, messageId: editing.message_id, text: words }), pane);
  }
  return trying(() => server.sendText({ person, chat, text: words, replyTo: takeReply(place) }), pane);
}

/** Taps Start, with the parameter of the deep link that led here if one did. */
export function start(pane, place) {
  const parameter = now().starts[place.person];
  forgetStart(place.person);
  return sendWords(pane, place, parameter === undefined ? '/start' : `/start ${parameter}`);
}

export function forgetStart(person) {
  update(({ starts: { [person]: _, ...starts } }) => ({ starts }));
}

const MOST_IN_ALBUM = 10;

/** Sends files: one by itself, several as albums of up to ten with the caption below the first. GIFs go alone. */
export function sendFiles(pane, { person, chat }, files, { caption, asDocument }) {
  const place = { person, chat };
  const isAlone = ({ type }) => type === 'image/gif' && !asDocument;
  const together = files.filter((file) => !isAlone(file));
  const parcels = files.filter(isAlone).map((file) => [file]);
  for (let at = 0; at < together.length; at += MOST_IN_ALBUM) parcels.push(together.slice(at, at + MOST_IN_ALBUM));
  return trying(async () => {
    let about = { ...place, caption, asDocument, replyTo: takeReply(place) };
    for (const parcel of parcels) {
      if (parcel.length === 1) await server.sendFile(about, parcel[0]);
      else await server.sendAlbum(about, parcel);
      about = { ...place, asDocument };
    }
  }, pane);
}

/** Reacts to a message; `emoji` empty takes the reaction back. */
export const react = (pane, person, message, emoji) =>
  trying(() => server.react({ person, chat: message.chat.id, messageId: message.message_id, emoji }), pane);

export const remove = (pane, person, message) =>
  trying(() => server.remove({ person, chat: message.chat.id, messageId: message.message_id }), pane);

export const forward = (pane, person, message, to) =>
  trying(() => server.forward({ person, chat: message.chat.id, messageId: message.message_id, to }), pane);
