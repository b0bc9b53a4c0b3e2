import { html } from '../html.js';
import { Avatar } from '../parts/avatar.js';
import { Modal } from '../parts/modal.js';
import { toast } from '../state/notices.js';
import { chatsOf, update, useStore } from '../state/store.js';
import { forward } from '../state/writing.js';

const leave = () => update(() => ({ forwarding: undefined }));

/** Asks to which of the person's chats a message goes. */
export function ForwardDialog() {
  const forwarding = useStore((known) => known.forwarding);
  const chats = useStore(chatsOf(forwarding?.person));
  if (forwarding === undefined) return null;
  const { pane, person, message } = forwarding;
  const choose = async (chat) => {
    leave();
    if (await forward(pane, person, message, chat.id)) toast(`Forwarded to ${chat.title}`, pane);
  };
  return html`
    <${Modal} label="Forward to" onClose=${leave}>
      <h2>Forward to</h2>
      <div class="choices">
        ${chats.map(
          (chat) => html`
            <button key=${chat.id} type="button" onClick=${() => choose(chat)}>
              <${Avatar} id=${chat.colourId} name=${chat.title} /><span dir="auto">${chat.title}</span>
            </button>
          `,
        )}
      </div>
      <div class="actions"><button type="button" class="button quiet" onClick=${leave}>Cancel</button></div>
    </${Modal}>
  `;
}
