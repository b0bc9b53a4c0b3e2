import { html } from '../html.js';
import { fileAddress } from '../server.js';
import { jumpTo } from '../state/deep-links.js';
import { summaryOf } from './words.js';

/** The message that this one answers, in a line; choosing it goes there. */
export function Quote({ message, pane }) {
  const { reply_to_message: original, chat } = message;
  if (original === undefined) return null;
  const picture = original.photo?.[0];
  return html`
    <button type="button" class="quote" onClick=${() => jumpTo(pane, chat.id, original.message_id)}>
      ${picture !== undefined && html`<img src=${fileAddress(picture.file_id)} alt="" />`}
      <span class="names">
        <b dir="auto">${original.from?.first_name ?? ''}</b><span dir="auto">${summaryOf(original)}</span>
      </span>
    </button>
  `;
}
