import { addressOf, addressWith } from './address.js';
import { now, update } from './store.js';

/** What opens, changes and closes panes: all of it through the address, so that Back undoes it. */

export function activate(index) {
  if (now().active !== index) update(() => ({ active: index }));
}

export function showChat(index, chat) {
  const { panes } = now();
  location.hash = addressWith(panes, index, { person: panes[index].person, chat });
}

/** The same chat as somebody else; of a private chat theirs. */
export function showPerson(index, person) {
  const { panes } = now();
  const { chat, isNamed } = panes[index];
  location.hash = addressWith(panes, index, { person, chat: theirs(panes[index], person), isNamed: isNamed && !!chat });
}

export function showList(index) {
  const { panes } = now();
  location.hash = addressWith(panes, index, { person: panes[index].person });
}

/** Another pane beside this one, in the hands of the next person who has the same chat. */
export function openBeside(index) {
  const { panes, people, chats } = now();
  const pane = panes[index];
  const shown = people.filter(({ isCrowd }) => !isCrowd);
  const at = shown.findIndex(({ id }) => id === pane.person);
  const others = [...shown.slice(at + 1), ...shown.slice(0, at)].filter(
    ({ id }) => !panes.some(({ person }) => person === id),
  );
  const isMember = ({ id }) => chats[id]?.some((chat) => chat.id === pane.chat);
  const next = others.find(isMember) ?? others[0] ?? { id: pane.person };
  const added = { person: next.id, chat: theirs(pane, next.id) };
  const opened = [...panes.slice(0, index), { ...pane, isNamed: true }, added, ...panes.slice(index + 1)];
  update(() => ({ active: index + 1 }));
  location.hash = addressOf(opened);
}

export function closePane(index) {
  location.hash = addressOf(now().panes.filter((_, at) => at !== index));
}

/** Where a group has become a supergroup since the chats were as in `before`, panes go on in that one. */
export function followMigrations(before) {
  const { panes, chats } = now();
  const nextOf = ({ person, chat }) => {
    const next = chats[person]?.find(({ id }) => id === chat)?.migratedTo ?? null;
    const old = before[person]?.find(({ id }) => id === chat);
    return next !== null && old?.migratedTo === null ? next : undefined;
  };
  const followed = panes.map((pane) => ({ ...pane, chat: nextOf(pane) ?? pane.chat }));
  if (panes.some((pane) => nextOf(pane) !== undefined)) location.hash = addressOf(followed);
}

const theirs = (pane, person) => (pane.chat === pane.person ? person : pane.chat);
