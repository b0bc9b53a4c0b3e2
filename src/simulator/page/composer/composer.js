import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isEditable } from '../chat/message-menu.js';
import { html } from '../html.js';
import { Icon, IconButton } from '../parts/icon.js';
import { now, placeKey, useStore } from '../state/store.js';
import { forgetStart, sendWords, startEdit, stopComposing } from '../state/writing.js';
import { ClosedComposer, isClosed } from './closed-composer.js';
import { CommandMenu } from './command-menu.js';
import { ComposingLine } from './composing-line.js';
import { StartButton } from './start-button.js';
import { useCommandMenu } from './use-command-menu.js';

/** Words that were typed and not sent, by person and chat. */
const drafts = new Map();

/** Where somebody writes: text, commands, answers, corrections and files. */
export function Composer({ place, pane, chat, offer }) {
  const key = placeKey(place);
  const composing = useStore((known) => known.composing[key]);
  const hasLink = useStore((known) => chat.type === 'private' && place.person in known.starts);
  const text = useRef();
  const files = useRef();
  const [words, setWords] = useState(drafts.get(key) ?? '');
  const write = (next) => {
    drafts.set(key, next);
    setWords(next);
  };
  const send = async (what) => {
    write('');
    menu.close();
    const isDone = what.trim() === '' || (await sendWords(pane, place, what));
    if (!isDone && drafts.get(key) === '') write(what);
  };
  const menu = useCommandMenu({ key, words, onChoose: (command) => send(`/${command}`) });

  useLayoutEffect(() => fitHeight(text.current), [words, chat.started, isClosed(chat)]);
  const editing = composing?.editing;
  useLayoutEffect(() => {
    if (editing !== undefined) write(editing.text ?? editing.caption);
    if (composing !== undefined) text.current.focus();
  }, [composing]);

  const stop = () => {
    if (editing !== undefined) write('');
    stopComposing(place);
    text.current.focus();
  };
  const onKeyDown = (event) => {
    if (menu.onKey(event)) return;
    if (event.key === 'Escape' && composing !== undefined) stop();
    else if (event.key === 'ArrowUp' && words === '' && editLast(place)) event.preventDefault();
    else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send(event.currentTarget.value);
    }
  };
  const onPick = ({ currentTarget }) => {
    offer([...currentTarget.files]);
    currentTarget.value = '';
  };
  const onSubmit = (event) => {
    event.preventDefault();
    send(text.current.value);
  };

  if (isClosed(chat)) return html`<${ClosedComposer} pane=${pane} chat=${chat} />`;
  if (!chat.started || hasLink) {
    return html`<${StartButton} place=${place} pane=${pane}
      onCancel=${chat.started ? () => forgetStart(place.person) : undefined} />`;
  }
  return html`
    <form class="composer" autocomplete="off" onSubmit=${onSubmit}>
      <${CommandMenu} id=${`commands-${pane}`} pane=${pane} menu=${menu} />
      <${ComposingLine} composing=${composing} onStop=${stop} />
      <div class="row">
        <${IconButton} icon="attach" label="Send a picture or file" onClick=${() => files.current.click()} />
        <${IconButton} icon="slash" label="Commands" aria-controls=${`commands-${pane}`} aria-expanded=${menu.isOpen}
          onClick=${() => {
            menu.toggle();
            text.current.focus();
          }} />
        <textarea ref=${text} rows="1" maxlength="4096" placeholder="Message" aria-label="Message" dir="auto"
          aria-autocomplete="list" aria-controls=${`commands-${pane}`} aria-activedescendant=${menu.chosenId(pane)}
          value=${words} onInput=${({ currentTarget }) => write(currentTarget.value)} onKeyDown=${onKeyDown} />
        <button type="submit" class="icon-button send" aria-label="Send" title="Send">
          <${Icon} name=${editing === undefined ? 'send' : 'check'} />
        </button>
      </div>
      <input ref=${files} type="file" multiple hidden aria-label="Files to send" onChange=${onPick} />
    </form>
  `;
}

/** Starts editing the newest own message, if there is one. */
function editLast({ person, chat }) {
  const own = now().messages[chat]?.findLast(({ message }) => message.from.id === person && isEditable(message));
  if (own !== undefined) startEdit({ person, chat }, own.message);
  return own !== undefined;
}

/** As high as the text, up to a third of the window. */
function fitHeight(text) {
  if (!text) return;
  text.style.height = 'auto';
  // In a pane that a phone does not show now nothing has a height; one line is right then.
  if (text.scrollHeight > 0) text.style.height = `${Math.min(text.scrollHeight + 2, innerHeight / 3)}px`;
}
