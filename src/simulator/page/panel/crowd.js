import { useState } from 'preact/hooks';
import { hourWords } from '../chat/times.js';
import { summaryOf } from '../chat/words.js';
import { html } from '../html.js';
import * as server from '../server.js';
import { trying } from '../state/notices.js';
import { useStore } from '../state/store.js';

const MOST_OFFERED = 20;
const NONE = [];
const isTappable = ({ callback_data: data }) => data !== undefined;
const buttonsOf = (message) => message.reply_markup?.inline_keyboard.flat().filter(isTappable) ?? NONE;

/** Ten people tap the same button at the same moment. */
export function Crowd() {
  const asked = useStore((known) => known.panel.crowd);
  const shownChat = useStore((known) => known.panes[known.active]?.chat);
  const chat = asked?.chat ?? shownChat;
  const views = useStore((known) => known.messages[chat] ?? NONE);
  const offered = views
    .map(({ message }) => message)
    .filter((message) => message.chat.type !== 'private' && buttonsOf(message).length > 0)
    .slice(-MOST_OFFERED)
    .reverse();
  const [messageId, setMessageId] = useState(asked?.messageId);
  const [data, setData] = useState();
  const [answers, setAnswers] = useState();
  const [isBusy, setBusy] = useState(false);
  const message = offered.find(({ message_id: id }) => id === messageId) ?? offered[0];
  const buttons = message === undefined ? NONE : buttonsOf(message);
  const button = buttons.find(({ callback_data: value }) => value === data) ?? buttons[0];

  if (message === undefined && answers === undefined) {
    return html`<p class="none">Open a group with a message that has buttons, then ten people can tap one.</p>`;
  }
  const tap = async (event) => {
    event.preventDefault();
    setBusy(true);
    await trying(async () => {
      const told = await server.crowd({ chat, messageId: message.message_id, data: button.callback_data });
      setAnswers(told.answers);
    });
    setBusy(false);
  };
  return html`
    <form class="settings" onSubmit=${tap}>
      <label>Message
        <select class="field" value=${message?.message_id} onChange=${(event) => setMessageId(Number(event.currentTarget.value))}>
          ${offered.map(
            (one) => html`
              <option key=${one.message_id} value=${one.message_id}>${hourWords(one.date)} ${summaryOf(one).slice(0, 60)}</option>
            `,
          )}
        </select>
      </label>
      <label>Button
        <select class="field" value=${button?.callback_data} onChange=${(event) => setData(event.currentTarget.value)}>
          ${buttons.map(
            (one) => html`<option key=${one.callback_data} value=${one.callback_data}>${one.text}</option>`,
          )}
        </select>
      </label>
      <button type="submit" class="button" disabled=${isBusy || button === undefined} aria-busy=${isBusy}>Ten people tap</button>
    </form>
    <ul class="plain answers" aria-label="Who was told what" aria-live="polite">
      ${(answers ?? NONE).map(
        ({ personId, name, words, alert, expired }) => html`
          <li key=${personId}>
            <b dir="auto">${name}</b>
            <span dir="auto">${expired ? 'no answer' : (words ?? 'answered without words')}${alert ? ' (as an alert)' : ''}</span>
          </li>
        `,
      )}
    </ul>
  `;
}
