import { byId, element } from './elements.js';
import { messageElement } from './message-element.js';

const list = byId('messages');
const dayFormat = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const dayOf = (seconds) => new Date(seconds * 1000).toDateString();
const scroll = byId('scroll');
const isAtEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 120;
const toEnd = () => {
  scroll.scrollTop = scroll.scrollHeight;
};

// Whoever reads the newest message keeps seeing it when something above grows late, or when the window shrinks.
let stick = true;
let height = 0;
scroll.addEventListener('scroll', () => {
  if (scroll.scrollHeight === height) stick = isAtEnd();
});
const keepAtEnd = new ResizeObserver(() => {
  height = scroll.scrollHeight;
  if (stick) toEnd();
});
keepAtEnd.observe(list);
keepAtEnd.observe(scroll);

/** Shows these messages and nothing else. */
export function showMessages(views, context) {
  list.replaceChildren();
  for (const view of views) append(view, context);
  stick = true;
  toEnd();
}

/** Adds a message, or puts its new content where it is. */
export function showMessage(view, context) {
  const old = byId(`message-${view.message.message_id}`);
  if (old === null) append(view, context);
  else replace(old, messageElement(view, context));
  if (old === null && view.message.from.id === context.me) stick = true;
  if (stick) toEnd();
}

export function removeMessage(messageId) {
  byId(`message-${messageId}`)?.remove();
}

/** Scrolls to a message and marks it for a moment. */
export function jumpTo(messageId) {
  const found = byId(`message-${messageId}`);
  if (found === null) return;
  found.scrollIntoView({ block: 'center', behavior: 'smooth' });
  found.classList.remove('found');
  requestAnimationFrame(() => found.classList.add('found'));
}

function append(view, context) {
  const last = list.lastElementChild;
  const { date } = view.message;
  if (last === null || dayOf(Number(last.dataset.date)) !== dayOf(date)) {
    const name = dayOf(date) === new Date().toDateString() ? 'Today' : dayFormat.format(new Date(date * 1000));
    list.append(element('li', { class: 'service day', 'data-date': date }, element('span', {}, name)));
  }
  list.append(messageElement(view, context));
}

/** Whoever had the focus on a button keeps it on the button in the same place, or on the message. */
function replace(old, next) {
  const buttons = (item) => [...item.querySelectorAll('.key')];
  const focused = buttons(old).indexOf(document.activeElement);
  old.replaceWith(next);
  if (focused === -1) return;
  next.setAttribute('tabindex', '-1');
  (buttons(next)[focused] ?? buttons(next)[0] ?? next).focus({ preventScroll: true });
}
