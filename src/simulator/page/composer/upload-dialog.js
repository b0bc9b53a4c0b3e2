import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { sizeWords } from '../chat/words.js';
import { html } from '../html.js';
import { Icon, IconButton } from '../parts/icon.js';
import { Modal } from '../parts/modal.js';
import { sendFiles } from '../state/writing.js';

const isShown = ({ type }) => /^(image\/(png|jpeg|gif|webp)|video\/(mp4|webm|quicktime))$/.test(type);

/** Shows files before they are sent; several pictures become an album. */
export function UploadDialog({ place, pane, files, onClose }) {
  const [chosen, setChosen] = useState(files);
  const caption = useRef();
  // Files that a messenger does not show can only go as files, and then all of them do.
  const mustBeFiles = !chosen.every(isShown);
  const [asFiles, setAsFiles] = useState(false);
  const isCalled = chosen.length === 1 ? 'Send a file' : `Send ${chosen.length} files`;

  const send = (event) => {
    event.preventDefault();
    void sendFiles(pane, place, chosen, { caption: caption.current.value, asDocument: asFiles || mustBeFiles });
    onClose();
  };
  const leaveOut = (file) => {
    const rest = chosen.filter((other) => other !== file);
    if (rest.length === 0) onClose();
    else setChosen(rest);
  };
  return html`
    <${Modal} id="upload" label=${isCalled} onClose=${onClose}>
      <form onSubmit=${send}>
        <h2>${isCalled}</h2>
        <div class=${chosen.length > 1 ? 'preview several' : 'preview'}>
          ${chosen.map((file, index) => html`<${Preview} key=${index + file.name} file=${file} onLeaveOut=${leaveOut} />`)}
        </div>
        <input ref=${caption} class="field" maxlength="1024" placeholder="Caption" aria-label="Caption" dir="auto" autofocus />
        <label class="check">
          <input type="checkbox" checked=${asFiles || mustBeFiles} disabled=${mustBeFiles}
            onChange=${(event) => setAsFiles(event.currentTarget.checked)} />
          ${chosen.length === 1 ? 'Send as a file, not as a picture' : 'Send as files, not as pictures'}
        </label>
        <div class="actions">
          <button type="button" class="button quiet" onClick=${onClose}>Cancel</button>
          <button type="submit" class="button">Send</button>
        </div>
      </form>
    </${Modal}>
  `;
}

function Preview({ file, onLeaveOut }) {
  const address = useMemo(() => URL.createObjectURL(file), [file]);
  useEffect(() => () => URL.revokeObjectURL(address), [address]);
  const isVideo = file.type.startsWith('video/');
  return html`
    <figure>
      ${
        isShown(file)
          ? isVideo
            ? html`<video src=${address} muted aria-label=${file.name}></video>`
            : html`<img src=${address} alt=${file.name} />`
          : html`<p class="file"><span class="disc"><${Icon} name="file" /></span>
              <span class="about"><b dir="auto">${file.name}</b><small>${sizeWords(file.size)}</small></span></p>`
      }
      <${IconButton} icon="close" label=${`Leave out ${file.name}`} onClick=${() => onLeaveOut(file)} />
    </figure>
  `;
}
