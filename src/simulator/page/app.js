import { ForwardDialog } from './chat/forward-dialog.js';
import { MessageMenu } from './chat/message-menu.js';
import { Panes } from './chat/panes.js';
import { html } from './html.js';
import { Panel } from './panel/panel.js';
import { Alert, Connection, Toast } from './parts/notices.js';
import { PictureViewer } from './parts/picture-viewer.js';
import { Sidebar } from './sidebar/sidebar.js';
import { useStore } from './state/store.js';

/** The whole page. `data-view` says what a phone shows: the list, or the chat that the address names. */
export function App() {
  const view = useStore(({ panes, active }) => (panes[active]?.isNamed ? 'chat' : 'chats'));
  const hasPanel = useStore((known) => known.panel.isOpen);
  return html`
    <div id="app" data-view=${view} class=${hasPanel ? 'with-panel' : ''}>
      <${Sidebar} />
      <${Panes} />
      <${Panel} />
    </div>
    <${Connection} />
    <${Toast} />
    <${PictureViewer} />
    <${MessageMenu} />
    <${ForwardDialog} />
    <${Alert} />
  `;
}
