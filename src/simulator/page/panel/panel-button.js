import { html } from '../html.js';
import { IconButton } from '../parts/icon.js';
import { togglePanel } from '../state/panel.js';
import { useStore } from '../state/store.js';

/** Opens and closes the panel; of the two of them the style shows one. */
export function PanelButton() {
  const isOpen = useStore((known) => known.panel.isOpen);
  return html`
    <${IconButton} icon="panel" label="What happens" class="panel-button" aria-expanded=${isOpen} aria-controls="panel"
      onClick=${togglePanel} />
  `;
}
