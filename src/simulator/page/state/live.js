import { changeMessages, clockOf, loadChats, loadCommands, loadPeople } from './loading.js';
import { trying } from './notices.js';
import { hearCall, loadGroups } from './panel.js';
import { now, update } from './store.js';
import { hearAnswer } from './taps.js';

const MOST_MESSAGES = 500;
const SHOWN_AFTER_MS = 80;
const OTHERS_AFTER_MS = 700;
const TYPING_MS = 5000;

/** Takes in one event of the server. */
export function hear(event) {
  switch (event.kind) {
    case 'message':
      changeMessages(event.chatId, (views) => withView(views, event.view));
      if (event.view.message.from?.id === now().bot?.id) endTyping(event.chatId);
      return refreshChats();
    case 'deleted':
      changeMessages(event.chatId, (views) => views.filter(({ message }) => message.message_id !== event.messageId));
      return refreshChats();
    case 'chats':
      later('people', SHOWN_AFTER_MS, loadPeople);
      if (now().panel.isOpen) later('groups', SHOWN_AFTER_MS, loadGroups);
      return refreshChats();
    case 'read':
      return refreshChats();
    case 'commands':
      for (const pane of now().panes) void trying(() => loadCommands(pane));
      return undefined;
    case 'typing':
      return showTyping(event);
    case 'answer':
      return hearAnswer(event);
    case 'call':
      return hearCall(event.call);
    case 'faults':
      return update(() => ({ armed: event.armed }));
    case 'clock':
      return update(() => ({ clock: clockOf(event.now, event.offsetMs) }));
    default:
      return undefined;
  }
}

/** The list with a message added, or its new content in its old place. */
function withView(views, view) {
  const id = view.message.message_id;
  const at = views.findLastIndex(({ message }) => message.message_id <= id);
  if (views[at]?.message.message_id === id) return views.with(at, view);
  return views.toSpliced(at + 1, 0, view).slice(-MOST_MESSAGES);
}

const timers = new Map();

/** Asks for the chats again, once for many changes: soon of the people who are shown, a little later of all. */
function refreshChats() {
  const isShown = ({ id }) => now().panes.some(({ person }) => person === id);
  const idsOf = (wanted) =>
    now()
      .people.filter((person) => !person.isCrowd && wanted(person))
      .map(({ id }) => id);
  later('shown', SHOWN_AFTER_MS, () => loadChats(idsOf(isShown)));
  later('others', OTHERS_AFTER_MS, () => loadChats(idsOf((person) => !isShown(person))));
}

/** Does something after a while, once for all who ask for it meanwhile. */
function later(name, delayMs, action) {
  if (timers.has(name)) return;
  const act = () => {
    timers.delete(name);
    if (now().isConnected) void trying(action);
  };
  timers.set(name, setTimeout(act, delayMs));
}

function showTyping({ chatId, action }) {
  const doing = { action };
  update(({ typing }) => ({ typing: { ...typing, [chatId]: doing } }));
  setTimeout(() => {
    if (now().typing[chatId] === doing) endTyping(chatId);
  }, TYPING_MS);
}

/** What the bot was doing came to its end: with its message, or by itself after a while. */
function endTyping(chatId) {
  if (now().typing[chatId] !== undefined) update(({ typing }) => ({ typing: { ...typing, [chatId]: undefined } }));
}
