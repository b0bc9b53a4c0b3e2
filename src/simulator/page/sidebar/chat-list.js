import { recentWords } from '../chat/times.js';
import { aboutChat, serviceWords, summaryOf } from '../chat/words.js';
import { html } from '../html.js';
import { Avatar } from '../parts/avatar.js';
import { Badge } from '../parts/badge.js';
import { addressWith } from '../state/address.js';
import { chatsOf, useStore } from '../state/store.js';

/** The chats of the person in the active pane; each is a link, so that the address names person and chat. */
export function ChatList() {
  const panes = useStore((known) => known.panes);
  const active = useStore((known) => known.active);
  const { person, chat: shown } = panes[active] ?? {};
  const chats = useStore(chatsOf(person));
  return html`
    <nav aria-label="Chats" onKeyDown=${moveFocus}>
      <ul>
        ${chats.map(
          (chat) => html`
            <li key=${chat.id}>
              <a href=${addressWith(panes, active, { person, chat: chat.id })}
                aria-current=${chat.id === shown ? 'true' : undefined}>
                <${Avatar} id=${chat.colourId} name=${chat.title} />
                <span class="names"><b dir="auto">${chat.title}</b><span dir="auto">${lastWords(chat, person)}</span></span>
                <span class="state">
                  ${chat.last !== null && html`<time>${recentWords(chat.last.date)}</time>`}
                  <${Badge} count=${chat.unread} />
                </span>
              </a>
            </li>
          `,
        )}
      </ul>
    </nav>
  `;
}

function lastWords(chat, person) {
  const { type, last } = chat;
  if (chat.migratedTo !== null) return 'became a supergroup';
  if (last === null) return aboutChat(chat);
  const words = summaryOf(last);
  if (serviceWords(last) !== undefined) return words;
  if (last.from.id === person) return `You: ${words}`;
  return type === 'private' ? words : `${last.from.first_name}: ${words}`;
}

function moveFocus(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const links = [...event.currentTarget.querySelectorAll('a')];
  links.at((links.indexOf(document.activeElement) + step) % links.length)?.focus();
}
