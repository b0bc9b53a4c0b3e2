import { authorOf, summaryOf } from '../chat/words.js';
import { html } from '../html.js';
import { Icon, IconButton } from '../parts/icon.js';

/** Which message is being answered or edited. */
export function ComposingLine({ composing, onStop }) {
  if (composing === undefined) return null;
  const { replyTo, editing } = composing;
  const message = replyTo ?? editing;
  return html`
    <div class="composing">
      <${Icon} name=${editing === undefined ? 'reply' : 'edit'} />
      <p>
        <b dir="auto">${editing === undefined ? `Reply to ${authorOf(message)}` : 'Edit message'}</b>
        <span dir="auto">${summaryOf(message)}</span>
      </p>
      <${IconButton} icon="close" label=${editing === undefined ? 'Do not reply' : 'Do not edit'} onClick=${onStop} />
    </div>
  `;
}
