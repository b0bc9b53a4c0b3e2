import { html } from '../html.js';
import { fileAddress } from '../server.js';
import { update, useStore } from '../state/store.js';
import { IconButton } from './icon.js';
import { Modal } from './modal.js';

export const viewPictures = (pictures, at) => update(() => ({ picture: { pictures, at } }));
const close = () => update(() => ({ picture: undefined }));

/** A picture as large as the window; the others of its album by the arrow keys. */
export function PictureViewer() {
  const shown = useStore((known) => known.picture);
  if (shown === undefined) return null;
  const { pictures, at } = shown;
  const { fileId, alt } = pictures[at];
  const turn = (step) => viewPictures(pictures, (at + step + pictures.length) % pictures.length);
  const onKey = (event) => {
    if (event.key === 'ArrowRight') turn(1);
    if (event.key === 'ArrowLeft') turn(-1);
  };
  return html`
    <${Modal} class="viewer" label="Picture" onClose=${close} onKeyDown=${onKey}>
      <${IconButton} icon="close" label="Close" class="close" onClick=${close} autofocus />
      <img src=${fileAddress(fileId)} alt=${alt} onClick=${close} />
      ${
        pictures.length > 1 &&
        html`
          <${IconButton} icon="back" label="Previous picture" class="previous" onClick=${() => turn(-1)} />
          <${IconButton} icon="back" label="Next picture" class="next" onClick=${() => turn(1)} />
          <p>${at + 1} of ${pictures.length}</p>
        `
      }
    </${Modal}>
  `;
}
