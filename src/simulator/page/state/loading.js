import * as server from '../server.js';
import { panesOf } from './address.js';
import { followMigrations } from './panes.js';
import { chatIn, now, placeKey, update } from './store.js';

/** Chats whose messages are on their way, with the events that came meanwhile: the answer may be older than they are. */
const onTheirWay = new Map();
let latest = 0;

/** Shows what the address says: the first person when it names nobody, and their group when it names no chat. */
export async function openAddress() {
  latest += 1;
  const turn = latest;
  if (now().people.length === 0) await loadPeople();
  const named = panesOf(location.hash);
  const wanted = named.length === 0 ? [{}] : named;
  const people = now().people.filter(({ isCrowd }) => !isCrowd);
  if (people.length === 0) return;
  const someone = ({ person }) => (people.some(({ id }) => id === person) ? person : people[0].id);
  await loadChats(wanted.map(someone).filter((person) => now().chats[person] === undefined));
  if (turn !== latest) return;
  const panes = wanted.map((pane) => paneOf(someone(pane), pane.chat));
  update(({ active }) => ({ panes, active: Math.min(active, panes.length - 1) }));
  await Promise.all(panes.flatMap((pane) => [loadMessages(pane), loadCommands(pane)]));
  const missing = people.filter(({ id }) => now().chats[id] === undefined);
  await loadChats(missing.map(({ id }) => id));
}

function paneOf(person, chat) {
  const chats = now().chats[person];
  const named = chats.find(({ id }) => id === chat);
  const shown = named ?? chats.find(({ type, migratedTo }) => type !== 'private' && migratedTo === null) ?? chats[0];
  return { person, chat: shown?.id, isNamed: named !== undefined };
}

/** After a connection was lost: all of it anew, and what is shown stays until the new is there. */
export async function loadAfresh() {
  await loadPeople();
  const { people, panes } = now();
  await loadChats(people.filter(({ isCrowd }) => !isCrowd).map(({ id }) => id));
  const shown = new Set(panes.map(({ chat }) => String(chat)));
  update(({ messages }) => ({
    messages: Object.fromEntries(Object.entries(messages).filter(([id]) => shown.has(id))),
  }));
  await Promise.all(panes.flatMap((pane) => [loadMessages(pane, { afresh: true }), loadCommands(pane)]));
  await openAddress();
}

export async function loadPeople() {
  const { bot, people, now: time, offsetMs = 0 } = await server.people();
  update(() => ({ bot, people, clock: clockOf(time, offsetMs) }));
}

/** The simulator's time, and when (in the browser's time) it was told. */
export const clockOf = (time, offsetMs) => ({ time: Date.parse(time), offsetMs, toldAt: Date.now() });

/** By person: which question about their chats the page shows the answer to. Answers may come in another order. */
const shownAnswers = new Map();
let questions = 0;

/** Panes whose chat has become another one, or is not this person's any more, show something else from then on. */
export async function loadChats(people) {
  questions += 1;
  const question = questions;
  const answers = await Promise.all(people.map(async (person) => [person, await server.chats(person)]));
  const isNewer = ([person]) => (shownAnswers.get(person) ?? 0) < question;
  // With an older one a supergroup would be a group again, and become a supergroup once more under whoever is elsewhere.
  const lists = answers.filter(isNewer);
  if (lists.length === 0) return;
  for (const [person] of lists) shownAnswers.set(person, question);
  const before = now().chats;
  update(({ chats }) => ({ chats: { ...chats, ...Object.fromEntries(lists) } }));
  followMigrations(before);
  const isThere = ({ person, chat }) => chat === undefined || chatIn({ person, chat })(now()) !== undefined;
  if (!now().panes.every(isThere)) await openAddress();
}

async function loadMessages({ person, chat }, { afresh = false } = {}) {
  const isKnown = now().messages[chat] !== undefined;
  if (chat === undefined || onTheirWay.has(chat) || (isKnown && !afresh)) return;
  const meanwhile = [];
  onTheirWay.set(chat, meanwhile);
  try {
    const views = await server.messages(person, chat);
    update(({ messages }) => ({ messages: { ...messages, [chat]: views } }));
  } finally {
    onTheirWay.delete(chat);
  }
  for (const change of meanwhile) change();
}

export async function loadCommands(pane) {
  if (pane.chat === undefined) return;
  const commands = await server.commands(pane.person, pane.chat);
  update((known) => ({ commands: { ...known.commands, [placeKey(pane)]: commands } }));
}

/** Changes the messages of a chat now, and once more when an answer on its way could overwrite that. */
export function changeMessages(chat, change) {
  const apply = () => {
    if (now().messages[chat] === undefined) return;
    update(({ messages }) => ({ messages: { ...messages, [chat]: change(messages[chat]) } }));
  };
  onTheirWay.get(chat)?.push(apply);
  apply();
}
