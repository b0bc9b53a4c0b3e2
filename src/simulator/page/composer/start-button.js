import { html } from '../html.js';
import { start } from '../state/writing.js';

/** Stands in the composer's place before the first word to a bot, and after a deep link with a parameter. */
export const StartButton = ({ place, pane, onCancel }) => html`
  <div class="composer">
    <button type="button" class="button start" onClick=${() => start(pane, place)}>Start</button>
    ${onCancel && html`<button type="button" class="button quiet" onClick=${onCancel}>Cancel</button>`}
  </div>
`;
