import { useLayoutEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';
import { Icon } from '../parts/icon.js';
import { Modal } from '../parts/modal.js';
import { toast, trying } from '../state/notices.js';
import { chooseForCrowd } from '../state/panel.js';
import { now, update, useStore } from '../state/store.js';
import { react, remove, startEdit, startReply } from '../state/writing.js';
import { authorOf, serviceWords } from './words.js';

const EMOJI = ['👍', '👎', '❤', '🔥', '🎉', '😁', '🤔'];

/** Opens the menu of a message at a place of the window: `{ pane, person, view, x, y }`. */
export const openMenu = (menu) => update(() => ({ menu }));
const close = () => update(() => ({ menu: undefined }));

/** What can be done with a message. */
export function MessageMenu() {
  const menu = useStore((known) => known.menu);
  const place = useRef();
  useLayoutEffect(() => {
    if (menu !== undefined) keepInside(place.current.closest('dialog'), menu);
  }, [menu]);
  if (menu === undefined) return null;
  const { pane, person, view } = menu;
  const chosen = view.reactions.find(({ people = [] }) => people.includes(person))?.emoji;
  const act = (action) => () => {
    close();
    action();
  };
  return html`
    <${Modal} class="menu" label=${`About ${authorOf(view.message)}’s message`} onClose=${close} onKeyDown=${moveFocus}>
      <div ref=${place} role="menu" aria-label="Message">
        <div class="emoji" role="group" aria-label="React">
          ${EMOJI.map(
            (emoji) => html`
              <button type="button" role="menuitemradio" aria-checked=${emoji === chosen} aria-label=${`React ${emoji}`}
                onClick=${act(() => react(pane, person, view.message, emoji === chosen ? '' : emoji))}>${emoji}</button>
            `,
          )}
        </div>
        ${actionsFor(menu).map(
          ({ icon, label, action }) => html`
            <button key=${label} type="button" role="menuitem" class=${icon} autofocus=${icon === 'reply'}
              onClick=${act(action)}><${Icon} name=${icon} />${label}</button>
          `,
        )}
      </div>
    </${Modal}>
  `;
}

function actionsFor({ pane, person, view: { message } }) {
  const place = now().panes[pane];
  const isOwn = message.from.id === person;
  const isAdmin = now().people.some(({ id, role }) => id === person && role === 'admin');
  const mayDelete = isOwn || message.chat.type === 'private' || isAdmin;
  const words = message.text ?? message.caption;
  const buttons = message.reply_markup?.inline_keyboard.flat() ?? [];
  const canTap = message.chat.type !== 'private' && buttons.some(({ callback_data: data }) => data !== undefined);
  const actions = [
    { icon: 'reply', label: 'Reply', action: () => startReply(place, message) },
    isOwn && isEditable(message) && { icon: 'edit', label: 'Edit', action: () => startEdit(place, message) },
    { icon: 'forward', label: 'Forward to …', action: () => update(() => ({ forwarding: { pane, person, message } })) },
    words !== undefined && { icon: 'copy', label: 'Copy text', action: () => copy(words, pane) },
    canTap && { icon: 'crowd', label: 'Ten people tap …', action: () => chooseForCrowd(message) },
    mayDelete && { icon: 'remove', label: 'Delete', action: () => remove(pane, person, message) },
  ];
  return actions.filter(Boolean);
}

/** Words and captions of one's own, not what was forwarded. */
export const isEditable = (message) =>
  message.forward_origin === undefined &&
  serviceWords(message) === undefined &&
  (message.text ?? message.caption) !== undefined;

const copy = (words, pane) =>
  trying(async () => {
    await navigator.clipboard.writeText(words);
    toast('Copied', pane);
  }, pane);

/** At the place of the tap, but whole inside the window. On a phone the style puts it at the bottom. */
function keepInside(dialog, { x, y }) {
  const { width, height } = dialog.getBoundingClientRect();
  dialog.style.setProperty('--x', `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`);
  dialog.style.setProperty('--y', `${Math.max(8, Math.min(y, innerHeight - height - 8))}px`);
}

function moveFocus(event) {
  const step = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const items = [...event.currentTarget.querySelectorAll('[role^=menuitem]')];
  items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
}
