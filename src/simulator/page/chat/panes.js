import { html } from '../html.js';
import { useStore } from '../state/store.js';
import { Pane } from './pane.js';

/** The panes side by side; a narrow window shows the active one. */
export function Panes() {
  const panes = useStore((known) => known.panes);
  return html`
    <main class="panes" data-count=${panes.length}>
      ${panes.map((place, index) => html`<${Pane} key=${index} place=${place} pane=${index} />`)}
    </main>
  `;
}
