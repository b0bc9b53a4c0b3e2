import { html } from '../html.js';
import { PanelButton } from '../panel/panel-button.js';
import { Avatar, hueOf } from '../parts/avatar.js';
import { IconButton } from '../parts/icon.js';
import { mayOpenBeside } from '../state/address.js';
import { closePane, openBeside, showList, showPerson } from '../state/panes.js';
import { chatIn, personIn, useStore } from '../state/store.js';
import { aboutChat } from './words.js';

/** Whose chat this is: the chat's name, what happens in it, and the switch for the person. */
export function PaneHead({ place, pane }) {
  const chat = useStore(chatIn(place));
  const doing = useStore((known) => known.typing[place.chat]?.action);
  const panes = useStore((known) => known.panes);
  const bot = useStore((known) => known.bot?.first_name ?? 'The bot');
  const about = chat === undefined ? '' : aboutChat(chat);
  const typing = doing === 'typing' ? `${bot} is typing …` : `${bot} is sending …`;
  return html`
    <header class="bar">
      <${IconButton} icon="back" label="Back to the chats" class="back" onClick=${() => showList(pane)} />
      ${chat !== undefined && html`<${Avatar} id=${chat.colourId} name=${chat.title} />`}
      <div class="names">
        <h2 id=${`title-${pane}`} dir="auto">${chat?.title ?? 'No chat chosen'}</h2>
        <p role="status" dir="auto" class=${doing === undefined ? '' : 'doing'}>${doing === undefined ? about : typing}</p>
      </div>
      <${PersonSwitch} place=${place} pane=${pane} />
      ${
        mayOpenBeside(panes) &&
        html`<${IconButton} icon="beside" label="Open beside" class="beside" onClick=${() => openBeside(pane)} />`
      }
      ${
        panes.length > 1 &&
        html`<${IconButton} icon="close" label="Close this pane" class="close-pane" onClick=${() => closePane(pane)} />`
      }
      <${PanelButton} />
    </header>
  `;
}

/** On a phone, and with several panes, each says here who is looking. */
function PersonSwitch({ place, pane }) {
  const people = useStore((known) => known.people);
  const person = useStore(personIn(place));
  const shown = people.filter(({ isCrowd }) => !isCrowd);
  return html`
    <label class="person-switch" style=${hueOf(place.person)} title="Who is looking">
      <span class="unseen">Who is looking</span>
      <select value=${place.person} onChange=${(event) => showPerson(pane, Number(event.currentTarget.value))}>
        ${shown.map(
          ({ id, name, role }) => html`<option key=${id} value=${id}>${name.split(' ')[0]} (${role})</option>`,
        )}
      </select>
      <span class="label" aria-hidden="true"><b dir="auto">${person?.name.split(' ')[0]}</b><small>${person?.role}</small></span>
    </label>
  `;
}
