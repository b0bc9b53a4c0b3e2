import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { memo } from '../memo.js';

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** One call in a line; opened, with what was asked and answered. */
function DrawnCall({ call }) {
  const [isOpen, setOpen] = useState(false);
  const { method, at, ms, ok, code, summary, fault } = call;
  const onToggle = ({ currentTarget }) => {
    setOpen(currentTarget.open);
    // The content stands below the line, which may be the last in sight.
    if (currentTarget.open) setTimeout(() => currentTarget.scrollIntoView({ block: 'nearest' }));
  };
  return html`
    <li class=${ok ? 'call' : 'call failed'}>
      <details onToggle=${onToggle}>
        <summary>
          <b>${method}</b>
          <span class="outcome">${ok ? 'ok' : code === 0 ? 'cut' : code}</span>
          <small>${Math.round(ms)} ms · <time datetime=${at}>${time.format(new Date(at))}</time></small>
          <span class="words" dir="auto">${summary}</span>
          ${fault !== undefined && html`<span class="fault">armed: ${fault}</span>`}
        </summary>
        ${
          isOpen &&
          html`
            <h3>Asked</h3>
            <pre tabindex="0">${JSON.stringify(call.payload, null, 2)}</pre>
            <h3>Answered</h3>
            <pre tabindex="0">${JSON.stringify(call.answer, null, 2)}</pre>
          `
        }
      </details>
    </li>
  `;
}

export const Call = memo(DrawnCall);
