import { byId, element, hueOf, initials, setStyle } from './elements.js';
import { summaryOf } from './message-element.js';

/** The people to choose from; choosing calls `onChoose` with the id. */
export function showPeople(people, current, onChoose) {
  const choices = people.map(({ id, name, role }) =>
    element(
      'label',
      { title: `${name} (${role})`, style: hueOf(id) },
      element('input', {
        type: 'radio',
        name: 'person',
        value: id,
        checked: id === current,
        onchange: () => onChoose(id),
      }),
      element('span', { class: 'avatar', 'aria-hidden': 'true' }, initials(name)),
      element('span', { class: 'name' }, name.split(' ')[0]),
      element('small', {}, role),
    ),
  );
  const place = byId('people');
  place.replaceChildren(place.querySelector('legend'), ...choices);
}

/** The chats of the person; each is a link, so that the address names person and chat. */
export function showChats(chats, { person, chat: current }) {
  const items = chats.map((chat) =>
    element(
      'li',
      {},
      element(
        'a',
        { href: `#${person}/${chat.id}`, 'aria-current': chat.id === current ? 'true' : undefined },
        avatar(chat),
        element(
          'span',
          { class: 'names' },
          element('b', {}, chat.title),
          element('span', {}, chat.last === null ? aboutChat(chat) : lastWords(chat)),
        ),
      ),
    ),
  );
  byId('chats').replaceChildren(...items);
}

function lastWords({ type, last }) {
  const author = type === 'private' ? '' : `${last.from.first_name}: `;
  const isService = last.new_chat_members !== undefined || last.left_chat_member !== undefined;
  return `${isService ? '' : author}${summaryOf(last)}`;
}

/** What stands below a chat's name. */
export function aboutChat(chat) {
  return chat.type === 'private' ? 'bot' : `${chat.members.length} members: ${chat.members.join(', ')}`;
}

function avatar(chat) {
  return element('span', { class: 'avatar', style: hueOf(chat.colourId), 'aria-hidden': 'true' }, initials(chat.title));
}

/** The head of the chat on the right. */
export function showChatHead(chat) {
  byId('chat-title').textContent = chat?.title ?? 'No chat chosen';
  byId('chat-about').textContent = chat === undefined ? '' : aboutChat(chat);
  const picture = byId('chat-avatar');
  picture.textContent = chat === undefined ? '' : initials(chat.title);
  setStyle(picture, hueOf(chat?.colourId ?? 0));
}
