import { useLayoutEffect, useRef } from 'preact/hooks';
import { html } from '../html.js';

/**
 * A native dialog, open as long as it is drawn: it keeps the focus inside and gives it back afterwards. Escape and a
 * click beside it call `onClose`, which has to take it away.
 */
export function Modal({ id, class: look, label, style, onClose, children, ...properties }) {
  const dialog = useRef();
  useLayoutEffect(() => {
    const { current } = dialog;
    current.showModal();
    return () => current.close();
  }, []);
  const onPointer = (event) => event.target === dialog.current && onClose();
  return html`
    <dialog ref=${dialog} id=${id} class=${look} style=${style} aria-label=${label} onClick=${onPointer}
      onCancel=${onClose} ...${properties}>
      <div class="inside">${children}</div>
    </dialog>
  `;
}
