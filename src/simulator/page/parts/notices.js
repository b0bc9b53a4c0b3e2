import { html } from '../html.js';
import { confirmAlert } from '../state/notices.js';
import { useStore } from '../state/store.js';
import { Modal } from './modal.js';

/** What the bot answers to a tap, and what went wrong. Stands above the pane that it belongs to. */
export function Toast() {
  const toast = useStore((known) => known.toast);
  const pane = document.querySelector(`[data-pane="${toast?.pane}"]`)?.getBoundingClientRect();
  const middle = pane?.width ? `${pane.left + pane.width / 2}px` : '50vw';
  return html`
    <p id="toast" role="status" aria-live="polite" dir="auto" class=${toast?.isShown ? 'shown' : ''}
      style=${{ '--middle': middle }}>
      ${toast?.words}
    </p>
  `;
}

export function Alert() {
  const alert = useStore((known) => known.alerts[0]);
  if (alert === undefined) return null;
  return html`
    <${Modal} key=${alert.number} id="alert" label="The bot says" onClose=${confirmAlert} role="alertdialog"
      aria-describedby="alert-text">
      <p id="alert-text" class="words" dir="auto">${alert.words}</p>
      <div class="actions"><button type="button" class="button" onClick=${confirmAlert} autofocus>OK</button></div>
    </${Modal}>
  `;
}

/** Says that nothing comes from the server at the moment. */
export function Connection() {
  const isConnected = useStore((known) => known.isConnected);
  return html`
    <p id="connection" role="status" hidden=${isConnected}>The bot's process does not answer. Waiting for it …</p>
  `;
}
