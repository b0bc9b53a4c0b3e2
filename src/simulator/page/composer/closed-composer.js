import { html } from '../html.js';
import { happen } from '../state/happenings.js';
import { showChat } from '../state/panes.js';

/** Nothing can be written here: the person has blocked the bot, or the group has become another one. */
export const isClosed = ({ blocked, migratedTo }) => blocked || migratedTo !== null;

/** Stands in the composer's place then, with the way out. */
export function ClosedComposer({ pane, chat: { migratedTo } }) {
  const [words, onClick] =
    migratedTo === null
      ? ['Unblock', () => happen(pane, { kind: 'unblock bot' })]
      : ['Go to the supergroup', () => showChat(pane, migratedTo)];
  return html`
    <div class="composer"><button type="button" class="button start" onClick=${onClick}>${words}</button></div>
  `;
}
