import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { clearCalls } from '../state/panel.js';
import { useStore } from '../state/store.js';
import { Call } from './call.js';

const NONE = [];
const NEAR_PX = 60;

/** What the bot called and what Telegram answered, the newest below. */
export function Calls() {
  const calls = useStore((known) => known.calls ?? NONE);
  const [method, setMethod] = useState('');
  const [isErrorsOnly, setErrorsOnly] = useState(false);
  const list = useRef();
  const stick = useRef(true);
  const wanted = method.trim().toLowerCase();
  const shown = calls.filter((call) => call.method.toLowerCase().includes(wanted) && !(isErrorsOnly && call.ok));
  useLayoutEffect(() => {
    if (stick.current) list.current.scrollTop = list.current.scrollHeight;
  }, [shown.length, calls]);
  const onScroll = ({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
    stick.current = scrollHeight - scrollTop - clientHeight < NEAR_PX;
  };
  return html`
    <div class="filter">
      <input class="field" type="search" placeholder="Method" aria-label="Only methods with" value=${method}
        onInput=${(event) => setMethod(event.currentTarget.value)} />
      <label class="check">
        <input type="checkbox" checked=${isErrorsOnly} onChange=${(event) => setErrorsOnly(event.currentTarget.checked)} />
        Errors
      </label>
      <button type="button" class="button quiet" onClick=${clearCalls}>Clear</button>
    </div>
    <ol ref=${list} class="calls" aria-label="Calls of the bot" onScroll=${onScroll}>
      ${shown.map((call) => html`<${Call} key=${call.sequence} call=${call} />`)}
      ${shown.length === 0 && html`<li class="none">${calls.length === 0 ? 'No calls yet.' : 'No call fits.'}</li>`}
    </ol>
  `;
}
