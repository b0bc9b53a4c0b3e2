import { useLayoutEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';
import { IconButton } from '../parts/icon.js';
import { showTab, togglePanel } from '../state/panel.js';
import { useStore } from '../state/store.js';
import { Calls } from './calls.js';
import { Clock } from './clock.js';
import { Crowd } from './crowd.js';
import { Faults } from './faults.js';
import { Happenings } from './happenings.js';

const TABS = {
  calls: { name: 'Calls', Content: Calls },
  faults: { name: 'Faults', Content: Faults },
  happenings: { name: 'Happenings', Content: Happenings },
  clock: { name: 'Clock', Content: Clock },
  crowd: { name: 'Crowd', Content: Crowd },
};

/** What happens behind the chats: what the bot calls, what goes wrong with it, who comes and goes, the time, a crowd. */
export function Panel() {
  const { isOpen, tab } = useStore((known) => known.panel);
  if (!isOpen) return null;
  return html`<${OpenPanel} tab=${tab} />`;
}

function OpenPanel({ tab }) {
  const place = useRef();
  useLayoutEffect(() => {
    const before = document.activeElement;
    place.current.querySelector('[aria-selected=true]').focus({ preventScroll: true });
    return () => before?.isConnected && before.focus({ preventScroll: true });
  }, []);
  const onTabKey = (event) => {
    const names = Object.keys(TABS);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    showTab(names.at((names.indexOf(tab) + step) % names.length));
    requestAnimationFrame(() => place.current?.querySelector('[aria-selected=true]').focus());
  };
  const onKey = (event) => {
    if (event.key === 'Escape' && !event.defaultPrevented) togglePanel();
  };
  const { Content } = TABS[tab];
  return html`
    <aside ref=${place} id="panel" class="panel" aria-label="What happens" onKeyDown=${onKey}>
      <header class="bar">
        <div role="tablist" aria-label="What happens" onKeyDown=${onTabKey}>
          ${Object.entries(TABS).map(
            ([key, { name }]) => html`
              <button key=${key} type="button" role="tab" id=${`tab-${key}`} aria-controls="tab-content"
                aria-selected=${key === tab} tabindex=${key === tab ? 0 : -1} onClick=${() => showTab(key)}>${name}</button>
            `,
          )}
        </div>
        <${IconButton} icon="close" label="Close the panel" onClick=${togglePanel} />
      </header>
      <div id="tab-content" class="tab-content" role="tabpanel" aria-labelledby=${`tab-${tab}`}><${Content} /></div>
    </aside>
  `;
}
