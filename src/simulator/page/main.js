import { composeIn, refreshCommands, replyToMessage, sendWords } from './composer.js';
import { alertDialog, byId, toast } from './elements.js';
import { jumpTo, removeMessage, showMessage, showMessages } from './message-list.js';
import * as server from './server.js';
import { aboutChat, showChatHead, showChats, showPeople } from './sidebar.js';
import { uploadTo } from './upload.js';

/** Who is looking at what. The address says it: `#<person>/<chat>`; without a chat a phone shows the list. */
const now = { person: undefined, chat: undefined, people: [], chats: [] };
const waitingTaps = new Map();

const handlers = {
  onPress: press,
  onReply: replyToMessage,
  onJump: jumpTo,
  onCommand: sendWords,
};
const currentChat = () => now.chats.find(({ id }) => id === now.chat);
const context = () => ({ me: now.person, isGroup: currentChat()?.type !== 'private', handlers });

async function press(message, data, button) {
  const tap = crypto.randomUUID();
  waitingTaps.set(tap, button);
  button.setAttribute('aria-busy', 'true');
  try {
    await server.press({ person: now.person, chat: message.chat.id, messageId: message.message_id, data, tap });
  } catch (error) {
    endTap(tap);
    toast(error.message);
  }
}

function endTap(tap) {
  const button = waitingTaps.get(tap);
  waitingTaps.delete(tap);
  button?.removeAttribute('aria-busy');
  return button !== undefined;
}

function hearAnswer({ tap, answer }) {
  if (!endTap(tap)) return;
  if (answer === 'expired') toast('The bot did not answer this tap');
  else if (answer.show_alert) alertDialog(answer.text ?? '');
  else if (answer.text) toast(answer.text);
}

let refreshing = false;
/** Asks for the chat list, once for many changes. */
function refreshChats() {
  if (refreshing) return;
  refreshing = true;
  setTimeout(async () => {
    refreshing = false;
    if (now.person === undefined) return;
    const before = currentChat();
    now.chats = await server.chats(now.person);
    showChats(now.chats, now);
    const after = currentChat();
    if (after !== undefined && before?.started !== after.started) await composeIn(now.person, after);
    if (after !== undefined) showChatHead(after);
  }, 80);
}

let typingTimer;
function showTyping({ chatId, action }) {
  const chat = currentChat();
  if (chatId !== now.chat || chat === undefined) return;
  byId('chat-about').textContent = action === 'typing' ? 'Storyline is typing …' : 'Storyline is sending …';
  clearTimeout(typingTimer);
  typingTimer = setTimeout(() => {
    byId('chat-about').textContent = aboutChat(currentChat() ?? chat);
  }, 5000);
}

function hear(event) {
  const isHere = event.chatId === now.chat;
  if (event.kind === 'message' && isHere) showMessage(event.view, context());
  if (event.kind === 'deleted' && isHere) removeMessage(event.messageId);
  if (event.kind === 'typing') showTyping(event);
  if (event.kind === 'answer') hearAnswer(event);
  if (event.kind === 'commands') refreshCommands();
  if (['message', 'deleted', 'chats'].includes(event.kind)) refreshChats();
}

/** Shows what the address says; the first person and, beside the list, the first chat when it says nothing. */
async function open() {
  const [person, chat] = location.hash.slice(1).split('/').map(Number);
  const { people } = await server.people();
  now.people = people;
  now.person = people.some(({ id }) => id === person) ? person : people[0]?.id;
  if (now.person === undefined) return;
  now.chats = await server.chats(now.person);
  const group = now.chats.find(({ type }) => type !== 'private') ?? now.chats[0];
  const named = now.chats.find(({ id }) => id === chat);
  now.chat = (named ?? group)?.id;
  byId('app').dataset.view = named === undefined ? 'chats' : 'chat';
  showPeople(people, now.person, (id) => {
    const chatOfTheirs = named === undefined ? '' : named.type === 'private' ? `/${id}` : `/${named.id}`;
    location.hash = `#${id}${chatOfTheirs}`;
  });
  showChats(now.chats, now);
  showChatHead(currentChat());
  const shown = currentChat();
  if (shown === undefined) return;
  uploadTo(now.person, shown.id);
  const views = await server.messages(now.person, shown.id);
  if (shown.id === now.chat) showMessages(views, context());
  await composeIn(now.person, shown);
}

const openAndTell = () => open().catch((error) => toast(error.message));

byId('back').addEventListener('click', () => {
  location.hash = `#${now.person}`;
});
addEventListener('hashchange', openAndTell);
server.listen({
  onEvent: hear,
  onConnected: () => {
    byId('connection').hidden = true;
    openAndTell();
  },
  onLost: () => {
    byId('connection').hidden = false;
  },
});
