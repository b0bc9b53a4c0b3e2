import { useEffect, useState } from 'preact/hooks';
import { Composer } from '../composer/composer.js';
import { UploadDialog } from '../composer/upload-dialog.js';
import { html } from '../html.js';
import { activate } from '../state/panes.js';
import { chatIn, placeKey, useStore } from '../state/store.js';
import { MessageList } from './message-list.js';
import { PaneHead } from './pane-head.js';

/** One chat in the hands of one person: head, messages and composer. Files may be dropped on it. */
export function Pane({ place, pane }) {
  const chat = useStore(chatIn(place));
  const views = useStore((known) => known.messages[place.chat]);
  const isActive = useStore((known) => known.active === pane);
  const [offered, setOffered] = useState([]);
  const [isDropping, setDropping] = useState(false);
  const key = placeKey(place);
  useEffect(() => (isActive ? hearPastedFiles(setOffered) : undefined), [isActive]);

  const onDragOver = (event) => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    setDropping(true);
  };
  const onDragLeave = ({ currentTarget, relatedTarget }) => {
    if (!currentTarget.contains(relatedTarget)) setDropping(false);
  };
  const onDrop = (event) => {
    event.preventDefault();
    setDropping(false);
    setOffered([...event.dataTransfer.files]);
  };
  return html`
    <section class=${isActive ? 'pane active' : 'pane'} data-pane=${pane} aria-labelledby=${`title-${pane}`}
      onPointerDown=${() => activate(pane)} onFocusIn=${() => activate(pane)}
      ...${{ onDragOver, onDragLeave, onDrop }}>
      <${PaneHead} place=${place} pane=${pane} />
      ${
        chat === undefined || views === undefined
          ? html`<div class="scroll"></div>`
          : html`
              <div class="view" key=${key}>
                <${MessageList} place=${place} pane=${pane} views=${views} isGroup=${chat.type !== 'private'} />
              </div>
            `
      }
      ${chat !== undefined && html`<${Composer} key=${key} place=${place} pane=${pane} chat=${chat} offer=${setOffered} />`}
      ${isDropping && html`<p class="drop" aria-hidden="true">Drop pictures or files to send them</p>`}
      ${
        offered.length > 0 &&
        html`<${UploadDialog} place=${place} pane=${pane} files=${offered} onClose=${() => setOffered([])} />`
      }
    </section>
  `;
}

/** Calls back with files that are pasted, wherever the focus is. Returns how to stop. */
function hearPastedFiles(offer) {
  const onPaste = (event) => {
    const { files } = event.clipboardData;
    if (files.length === 0 || document.querySelector('dialog[open]') !== null) return;
    event.preventDefault();
    offer([...files]);
  };
  addEventListener('paste', onPaste);
  return () => removeEventListener('paste', onPaste);
}
