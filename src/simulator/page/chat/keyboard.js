import { useLayoutEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';
import { Icon } from '../parts/icon.js';
import { toast, trying } from '../state/notices.js';
import { tapKey, useStore } from '../state/store.js';
import { press } from '../state/taps.js';
import { DeepLink } from './deep-link.js';

/** The inline keyboard below a message. Whoever has the focus on a button keeps it when the message changes. */
export function Keyboard({ message, person, pane }) {
  const place = useRef();
  const keys = () => [...(place.current?.querySelectorAll('.key') ?? [])];
  const focused = keys().indexOf(document.activeElement);
  useLayoutEffect(() => {
    const item = place.current.closest('li');
    if (focused === -1 || item.contains(document.activeElement)) return;
    (keys()[focused] ?? keys()[0] ?? item).focus({ preventScroll: true });
  });
  const rows = message.reply_markup?.inline_keyboard ?? [];
  return html`
    <div ref=${place} class="keyboard" role="group" aria-label="Buttons of this message" hidden=${rows.length === 0}>
      ${rows.map(
        (row) => html`
          <div class="keys">
            ${row.map((button) => html`<${Key} message=${message} button=${button} person=${person} pane=${pane} />`)}
          </div>
        `,
      )}
    </div>
  `;
}

function Key({ message, button, person, pane }) {
  const look = `key ${button.style ?? ''}`;
  const { text, callback_data: data, url, copy_text: copied } = button;
  if (data !== undefined) return html`<${TapKey} ...${{ look, text, data, message, person, pane }} />`;
  if (url !== undefined) {
    return html`
      <${DeepLink} pane=${pane} address=${url} class=${look}><span dir="auto">${text}</span><${Icon} name="link" /></${DeepLink}>
    `;
  }
  if (copied === undefined) return html`<button type="button" class=${look} disabled>${text}</button>`;
  const copy = () =>
    trying(async () => {
      await navigator.clipboard.writeText(copied.text);
      toast('Copied', pane);
    }, pane);
  return html`<button type="button" class=${look} dir="auto" onClick=${copy}>${text}</button>`;
}

function TapKey({ look, text, data, message, person, pane }) {
  const isWaiting = useStore((known) => known.waiting[tapKey(person, message, data)] === true);
  const onClick = () => {
    if (!isWaiting) void press(pane, message, data);
  };
  return html`
    <button type="button" class=${look} dir="auto" data-callback=${data} aria-busy=${isWaiting ? 'true' : undefined}
      onClick=${onClick}>${text}</button>
  `;
}
