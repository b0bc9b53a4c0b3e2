import { html } from '../html.js';
import { react } from '../state/writing.js';

/** Who reacted with what; choosing one adds the own reaction or takes it back. */
export function Reactions({ view: { message, reactions }, person, pane }) {
  if (reactions.length === 0) return null;
  return html`
    <div class="reactions" role="group" aria-label="Reactions">
      ${reactions.map(({ emoji, count, people = [] }) => {
        const isMine = people.includes(person);
        return html`
          <button key=${emoji} type="button" aria-pressed=${isMine}
            onClick=${() => react(pane, person, message, isMine ? '' : emoji)}><span class="glyph">${emoji}</span> ${count}</button>
        `;
      })}
    </div>
  `;
}
