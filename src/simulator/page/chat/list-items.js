import { dayOf, dayWords } from './times.js';
import { serviceWords } from './words.js';

const SAME_GROUP_S = 5 * 60;

/**
 * What the list shows, in order: `{ kind, key, ... }` with the kinds day, unread, service and message. Messages of one
 * album are one item; neighbours of one author know who of them is first and last.
 */
export function listItems(views, firstUnread) {
  const items = [];
  for (const view of views) {
    const { message } = view;
    const id = message.message_id;
    const last = items.at(-1);
    if (last === undefined || dayOf(last.date) !== dayOf(message.date)) {
      items.push({ kind: 'day', key: `day-${dayOf(message.date)}`, date: message.date, words: dayWords(message.date) });
    }
    if (id === firstUnread) items.push({ kind: 'unread', key: 'unread', date: message.date });
    const service = serviceWords(message);
    if (service !== undefined) items.push({ kind: 'service', key: id, date: message.date, words: service });
    else if (joins(items.at(-1), message)) addToAlbum(items.at(-1), view);
    else items.push({ kind: 'message', key: id, date: message.date, view, message });
  }
  items.forEach((item, index) => {
    if (item.kind !== 'message') return;
    item.isFirst = !isSameAuthor(items[index - 1], item);
    item.isLast = !isSameAuthor(item, items[index + 1]);
  });
  return items;
}

/** The items in a list for each day: its separator stays in sight above them, and no further. */
export function byDay(items) {
  const days = [];
  for (const item of items) {
    if (item.kind === 'day') days.push([]);
    days.at(-1).push(item);
  }
  return days;
}

const joins = (item, { media_group_id: album }) =>
  album !== undefined && item?.kind === 'message' && item.message.media_group_id === album;

function addToAlbum(item, view) {
  item.views ??= [item.view];
  item.views.push(view);
}

const authorId = ({ sender_chat: chat, from }) => chat?.id ?? from.id;

function isSameAuthor(one, other) {
  if (one?.kind !== 'message' || other?.kind !== 'message') return false;
  return authorId(one.message) === authorId(other.message) && other.date - one.date < SAME_GROUP_S;
}
