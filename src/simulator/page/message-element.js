import { element, hueOf, icon } from './elements.js';
import { formattedText } from './formatted-text.js';
import { keyboardElement } from './keyboard.js';
import { fileAddress } from './server.js';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const REPLY_ICON = 'M10 8V4l-7 7 7 7v-4c5 0 8 1.5 11 5-1-6-4-11-11-11z';

/** One message as a list item. `me` is the person who looks at it; the handlers say what choosing something does. */
export function messageElement({ message, reactions }, { me, isGroup, handlers }) {
  const service = serviceWords(message);
  const id = `message-${message.message_id}`;
  if (service !== undefined) {
    return element('li', { id, class: 'service', 'data-date': message.date }, element('span', {}, service));
  }
  const own = message.from.id === me;
  const author = message.sender_chat?.title ?? message.from.first_name;
  const bubble = element(
    'div',
    { class: 'bubble' },
    isGroup && !own ? element('p', { class: 'author', style: hueOf(message.from.id) }, author) : undefined,
    forwardedFrom(message),
    repliedTo(message, handlers.onJump),
    mediaElement(message),
    textElement(message, handlers.onCommand),
    metaElement(message, reactions),
  );
  const reply = element(
    'button',
    {
      type: 'button',
      class: 'icon-button reply',
      'aria-label': `Reply to ${author}`,
      onclick: () => handlers.onReply(message),
    },
    icon(REPLY_ICON),
  );
  const keyboard = message.reply_markup && keyboardElement(message, handlers);
  return element(
    'li',
    { id, class: own ? 'message own' : 'message', 'data-date': message.date, 'aria-label': `${author}:` },
    element('div', { class: 'line' }, bubble, reply),
    keyboard,
  );
}

function serviceWords(message) {
  const names = (users) => users.map((user) => user.first_name).join(', ');
  const { from, new_chat_members: came, left_chat_member: gone } = message;
  if (came !== undefined) {
    const self = came.length === 1 && came[0].id === from.id;
    return self ? `${from.first_name} joined` : `${from.first_name} added ${names(came)}`;
  }
  if (gone !== undefined) {
    return gone.id === from.id ? `${from.first_name} left` : `${from.first_name} removed ${gone.first_name}`;
  }
  if (message.migrate_to_chat_id !== undefined) return 'This group became a supergroup';
  if (message.migrate_from_chat_id !== undefined) return 'This supergroup was a group';
  return undefined;
}

function forwardedFrom({ forward_origin: origin }) {
  if (origin === undefined) return undefined;
  const name = origin.sender_user?.first_name ?? origin.sender_chat?.title ?? origin.sender_user_name ?? '';
  return element('p', { class: 'forwarded' }, `Forwarded from ${name}`);
}

function repliedTo({ reply_to_message: original }, onJump) {
  if (original === undefined) return undefined;
  return element(
    'button',
    { type: 'button', class: 'quote', onclick: () => onJump(original.message_id) },
    element('b', {}, original.from?.first_name ?? ''),
    element('span', {}, summaryOf(original)),
  );
}

/** A message in a few words, for quotes and the chat list. */
export function summaryOf(message) {
  const words = serviceWords(message) ?? message.text ?? message.caption;
  const kind = ['photo', 'video', 'animation', 'document'].find((field) => message[field] !== undefined);
  const names = { photo: 'Photo', video: 'Video', animation: 'GIF', document: message.document?.file_name ?? 'File' };
  return words ?? names[kind] ?? 'Message';
}

function mediaElement(message) {
  const { photo, video, animation, document: file } = message;
  const alt = message.caption ?? 'Picture without a caption';
  if (photo !== undefined) {
    const { file_id, width, height } = photo.at(-1);
    return element('img', {
      class: 'media',
      src: fileAddress(file_id),
      width,
      height,
      alt,
      style: shape(width, height),
    });
  }
  const moving = video ?? animation;
  if (moving !== undefined) {
    const { file_id, width, height, mime_type: type = '' } = moving;
    const about = { class: 'media', src: fileAddress(file_id), width, height, style: shape(width, height) };
    if (type.startsWith('image/')) return element('img', { ...about, alt });
    const loop = animation === undefined ? { controls: true } : { autoplay: true, loop: true, muted: true };
    return element('video', { ...about, ...loop, playsinline: true, 'aria-label': alt });
  }
  if (file === undefined) return undefined;
  const size = `${Math.max(1, Math.round((file.file_size ?? 0) / 1024))} kB`;
  const label = element('span', {}, element('b', {}, file.file_name ?? 'File'), size);
  const picture = icon('M14 3H6v18h12V7zM14 3v4h4M12 11v6M9.5 14.5L12 17l2.5-2.5');
  return element(
    'a',
    { class: 'file', href: fileAddress(file.file_id), download: file.file_name ?? true },
    picture,
    label,
  );
}

/** Keeps the place free until the picture is there. */
const shape = (width, height) => ({
  'aspect-ratio': `${width || 4} / ${height || 3}`,
  '--natural': `${width || 320}px`,
});

function textElement(message, onCommand) {
  const words = message.text ?? message.caption;
  if (words === undefined) return undefined;
  const entities = message.entities ?? message.caption_entities;
  return element('div', { class: 'text', dir: 'auto' }, formattedText(words, entities, onCommand));
}

function metaElement(message, reactions) {
  const time = new Date(message.date * 1000);
  const stamp = element('time', { datetime: time.toISOString(), title: time.toLocaleString() }, clock.format(time));
  const marks = reactions.map(({ emoji, count }) => element('span', { class: 'reaction' }, `${emoji} ${count}`));
  return element('p', { class: 'meta' }, ...marks, message.edit_date === undefined ? '' : 'edited ', stamp);
}
