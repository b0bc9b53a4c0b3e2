import { useLayoutEffect, useReducer, useRef } from 'preact/hooks';

/** All that the page knows. Replaced, never changed in place, so that a component sees by identity what is new. */
let state = {
  isConnected: true,
  bot: undefined,
  people: [],
  /** One to three of `{ person, chat, isNamed }`; `isNamed` says that the address names the chat. */
  panes: [],
  /** The pane that the list on the left speaks for. */
  active: 0,
  /** By person's id. */
  chats: {},
  /** By chat's id, oldest first; only of chats that were opened. */
  messages: {},
  /** By `placeKey`. */
  commands: {},
  /** By `placeKey`: the message that is answered or edited there, `{ replyTo }` or `{ editing }`. */
  composing: {},
  /** By person's id: the parameter of a deep link that waits for a tap on Start. */
  starts: {},
  /** By `tapKey`: buttons that wait for the bot's answer. */
  waiting: {},
  /** By chat's id: what the bot is doing there. */
  typing: {},
  jump: undefined,
  toast: undefined,
  alerts: [],
  menu: undefined,
  picture: undefined,
  forwarding: undefined,
  panel: { isOpen: false, tab: 'calls', crowd: undefined },
  calls: undefined,
  armed: [],
  clock: undefined,
  /** All groups, also those that nobody on this page is in; known while the panel is open. */
  groups: [],
};
const listeners = new Set();

export const now = () => state;

/** Puts in what `change` returns for the present state: an object with the new values of some fields. */
export function update(change) {
  state = { ...state, ...change(state) };
  for (const listener of [...listeners]) listener();
}

/** What `select` finds in the state; the component draws again when that has become another value. */
export function useStore(select) {
  const [, draw] = useReducer((count) => count + 1, 0);
  const latest = useRef();
  latest.current = { select, found: select(state) };
  useLayoutEffect(() => {
    const look = () => {
      if (!Object.is(latest.current.select(state), latest.current.found)) draw();
    };
    listeners.add(look);
    look();
    return () => listeners.delete(look);
  }, []);
  return latest.current.found;
}

/** A person in a chat. */
export const placeKey = ({ person, chat }) => `${person}/${chat}`;
export const tapKey = (person, message, data) => `${person}/${message.chat.id}/${message.message_id}/${data}`;

const NONE = [];
export const chatsOf = (person) => (known) => known.chats[person] ?? NONE;
export const chatIn =
  ({ person, chat }) =>
  (known) =>
    known.chats[person]?.find(({ id }) => id === chat);
export const personIn =
  ({ person }) =>
  (known) =>
    known.people.find(({ id }) => id === person);
