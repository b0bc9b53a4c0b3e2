import { useState } from 'preact/hooks';
import { html } from '../html.js';
import * as server from '../server.js';
import { trying } from '../state/notices.js';
import { update, useStore } from '../state/store.js';

const KINDS = {
  429: '429 Too Many Requests',
  403: '403 the bot was blocked',
  500: '500 Internal Server Error',
  'cut before': 'Cut before it is done',
  'cut after': 'Cut after it was done',
  slow: 'Slow answer',
};
const TIMED = { 429: 'retry after', slow: 'delay' };
const METHODS = [
  ...['sendMessage', 'sendPhoto', 'sendVideo', 'sendAnimation', 'sendDocument', 'editMessageText'],
  ...['editMessageCaption', 'editMessageReplyMarkup', 'answerCallbackQuery', 'deleteMessage', 'getFile', 'getUpdates'],
];

/** Makes the next calls of the bot go wrong. */
export function Faults() {
  const armed = useStore((known) => known.armed);
  const [kind, setKind] = useState('429');
  const arm = (event) => {
    event.preventDefault();
    const { method, times, seconds } = Object.fromEntries(new FormData(event.currentTarget));
    const timed = seconds === undefined ? {} : { seconds: Number(seconds) };
    const fault = { kind, method: method.trim() || '*', times: Number(times), ...timed };
    void trying(async () => {
      const answer = await server.arm(fault);
      update(() => ({ armed: answer.armed }));
    });
  };
  const disarm = () =>
    trying(async () => {
      const answer = await server.disarm();
      update(() => ({ armed: answer.armed }));
    });
  return html`
    <form class="settings" onSubmit=${arm}>
      <label>What goes wrong
        <select class="field" name="kind" value=${kind} onChange=${(event) => setKind(event.currentTarget.value)}>
          ${Object.entries(KINDS).map(([value, words]) => html`<option key=${value} value=${value}>${words}</option>`)}
        </select>
      </label>
      <label>At which method
        <input class="field" name="method" list="methods" placeholder="* (all but getUpdates)" autocomplete="off" />
      </label>
      <datalist id="methods">${METHODS.map((name) => html`<option key=${name} value=${name} />`)}</datalist>
      <div class="pair">
        <label>How many times
          <input class="field" name="times" type="number" min="1" max="100" value="1" required />
        </label>
        ${
          kind in TIMED &&
          html`<label>Seconds (${TIMED[kind]})
            <input class="field" name="seconds" type="number" min="1" max="120" value="5" required />
          </label>`
        }
      </div>
      ${
        kind === '429' &&
        html`<p class="hint">These seconds pass in real time: moving the clock does not shorten them.</p>`
      }
      <button type="submit" class="button">Arm</button>
    </form>
    <h3 id="armed">Armed</h3>
    <ul class="plain" aria-labelledby="armed" aria-live="polite">
      ${armed.map(
        ({ id, kind: what, method, left, seconds }) => html`
          <li key=${id}>
            <b>${what}</b> at <code>${method}</code>${seconds === undefined ? '' : `, ${seconds} s`}: ${left} left
          </li>
        `,
      )}
      ${armed.length === 0 && html`<li class="none">Nothing. The bot's calls go through.</li>`}
    </ul>
    ${armed.length > 0 && html`<button type="button" class="button quiet" onClick=${disarm}>Disarm all</button>`}
  `;
}
