import { render } from 'preact';
import { App } from './app.js';
import { html } from './html.js';
import * as server from './server.js';
import { hear } from './state/live.js';
import { loadAfresh, openAddress } from './state/loading.js';
import { trying } from './state/notices.js';
import { loadPanel } from './state/panel.js';
import { now, update } from './state/store.js';
import { forgetTaps } from './state/taps.js';

render(html`<${App} />`, document.body);

// A file that misses the chat would replace the page.
for (const name of ['dragover', 'drop']) addEventListener(name, (event) => event.preventDefault());
addEventListener('hashchange', () => trying(openAddress));
server.listen({
  onEvent: hear,
  onConnected: () => {
    update(() => ({ isConnected: true }));
    void trying(now().panes.length === 0 ? openAddress : loadAfresh);
    if (now().panel.isOpen) void trying(loadPanel);
  },
  onLost: () => {
    update(() => ({ isConnected: false }));
    forgetTaps();
  },
});
