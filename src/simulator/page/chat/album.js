import { html } from '../html.js';
import { isVisual, Media } from './media.js';

/** How many pictures stand in each row. */
const ROWS = {
  2: [2],
  3: [1, 2],
  4: [2, 2],
  5: [2, 3],
  6: [3, 3],
  7: [2, 2, 3],
  8: [2, 3, 3],
  9: [3, 3, 3],
  10: [2, 2, 3, 3],
};
const COLUMNS = 6;

/** The media of several messages as one: pictures and videos in a grid, files below one another. */
export function Album({ views, onMenu }) {
  const messages = views.map(({ message }) => message);
  if (!messages.every(isVisual)) {
    return html`<div class="files">
      ${messages.map((message) => html`<${Media} key=${message.message_id} message=${message} album=${messages} />`)}
    </div>`;
  }
  const rows = ROWS[messages.length] ?? messages.map(() => 1);
  const spans = rows.flatMap((count) => Array(count).fill(COLUMNS / count));
  return html`
    <div class="album" role="group" aria-label=${`Album of ${messages.length}`}>
      ${views.map(
        (view, index) => html`
          <div key=${view.message.message_id} class=${`tile span-${spans[index]}`}
            onContextMenu=${(event) => onMenu(event, view)}>
            <${Media} message=${view.message} album=${messages} isTile />
          </div>
        `,
      )}
    </div>
  `;
}
