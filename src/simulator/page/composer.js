import { byId, element, toast } from './elements.js';
import { summaryOf } from './message-element.js';
import * as server from './server.js';

const form = byId('composer');
const text = byId('text');
const menu = byId('commands');
const replying = byId('replying');
let place;
let replyTo;
let commands = [];
let chosen = -1;

/** Prepares the composer for a person in a chat. */
export async function composeIn(person, chat) {
  place = { person, chat: chat.id };
  form.classList.toggle('unstarted', !chat.started);
  byId('start').hidden = chat.started;
  stopReplying();
  closeMenu();
  await refreshCommands();
}

export async function refreshCommands() {
  if (place === undefined) return;
  commands = await server.commands(place.person, place.chat);
  if (!menu.hidden) openMenu();
}

export function replyToMessage(message) {
  replyTo = message;
  replying.hidden = false;
  replying.firstElementChild.textContent = `Reply to ${message.from.first_name}: ${summaryOf(message)}`;
  text.focus();
}

/** The message that the next text or file answers, if any; asking forgets it. */
export function takeReply() {
  const messageId = replyTo?.message_id;
  stopReplying();
  return messageId;
}

function stopReplying() {
  replyTo = undefined;
  replying.hidden = true;
}

export async function sendWords(words) {
  if (words.trim() === '') return;
  try {
    await server.sendText({ ...place, text: words, replyTo: takeReply() });
  } catch (error) {
    toast(error.message);
  }
}

function openMenu() {
  const typed = text.value.startsWith('/') ? text.value.slice(1).toLowerCase() : '';
  const fitting = commands.filter(({ command }) => command.startsWith(typed));
  chosen = -1;
  menu.replaceChildren(
    ...fitting.map(({ command, description }) =>
      element(
        'div',
        { role: 'option', id: `command-${command}`, 'data-command': command, onclick: () => choose(command) },
        element('b', {}, `/${command}`),
        element('span', {}, description),
      ),
    ),
  );
  if (commands.length === 0) menu.append(element('p', { class: 'none' }, 'The bot has set no commands here'));
  setMenuOpen(commands.length === 0 || fitting.length > 0);
}

function setMenuOpen(open) {
  menu.hidden = !open;
  byId('menu').setAttribute('aria-expanded', String(open));
  if (!open) text.removeAttribute('aria-activedescendant');
}

function closeMenu() {
  setMenuOpen(false);
}

function choose(command) {
  closeMenu();
  text.value = '';
  fitHeight();
  text.focus();
  sendWords(`/${command}`);
}

function moveChoice(step) {
  const options = [...menu.querySelectorAll('[role=option]')];
  chosen = (chosen + step + options.length + (chosen === -1 && step < 0 ? 1 : 0)) % options.length;
  options.forEach((option, index) => {
    option.setAttribute('aria-selected', String(index === chosen));
  });
  options[chosen].scrollIntoView({ block: 'nearest' });
  text.setAttribute('aria-activedescendant', options[chosen].id);
}

function onKey(event) {
  const menuIsOpen = !menu.hidden && menu.querySelector('[role=option]') !== null;
  if (event.key === 'Escape') {
    if (menu.hidden) stopReplying();
    closeMenu();
  } else if (menuIsOpen && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
    event.preventDefault();
    moveChoice(event.key === 'ArrowDown' ? 1 : -1);
  } else if (menuIsOpen && chosen >= 0 && (event.key === 'Enter' || event.key === 'Tab')) {
    event.preventDefault();
    choose(menu.children[chosen].dataset.command);
  } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
}

/** As high as the text, up to a third of the window. */
function fitHeight() {
  text.style.height = 'auto';
  text.style.height = `${Math.min(text.scrollHeight, innerHeight / 3)}px`;
}

text.addEventListener('keydown', onKey);
text.addEventListener('input', () => {
  fitHeight();
  if (/^\/\w*$/.test(text.value)) openMenu();
  else closeMenu();
});
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const words = text.value;
  text.value = '';
  fitHeight();
  closeMenu();
  sendWords(words);
});
byId('menu').addEventListener('click', () => {
  if (menu.hidden) openMenu();
  else closeMenu();
  text.focus();
});
byId('start').addEventListener('click', () => sendWords('/start'));
replying.querySelector('button').addEventListener('click', stopReplying);
