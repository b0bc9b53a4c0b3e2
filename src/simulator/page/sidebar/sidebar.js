import { html } from '../html.js';
import { PanelButton } from '../panel/panel-button.js';
import { ChatList } from './chat-list.js';
import { People } from './people.js';

/** On the left (on a phone: the first screen): who I am, and my chats. */
export const Sidebar = () => html`
  <aside class="sidebar" aria-label="People and chats">
    <header class="bar">
      <div class="names">
        <h1>Storyline</h1>
        <p>A Telegram on this machine</p>
      </div>
      <${PanelButton} />
    </header>
    <${People} />
    <${ChatList} />
  </aside>
`;
