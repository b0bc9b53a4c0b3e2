import { html } from '../html.js';
import { Avatar } from '../parts/avatar.js';
import { Badge } from '../parts/badge.js';
import { showPerson } from '../state/panes.js';
import { useStore } from '../state/store.js';

/** The people to choose from, each with what is unread in all their chats. */
export function People() {
  const people = useStore((known) => known.people);
  const person = useStore((known) => known.panes[known.active]?.person);
  return html`
    <fieldset class="people">
      <legend>You are</legend>
      <div class="row">
        ${people
          .filter(({ isCrowd }) => !isCrowd)
          .map((one) => html`<${Choice} key=${one.id} ...${one} person=${one} isChosen=${one.id === person} />`)}
      </div>
    </fieldset>
  `;
}

function Choice({ person: { id, name, role }, isChosen }) {
  const active = useStore((known) => known.active);
  const unread = useStore((known) => (known.chats[id] ?? []).reduce((sum, chat) => sum + (chat.unread ?? 0), 0));
  return html`
    <label title=${`${name} (${role})`}>
      <input type="radio" name="person" value=${id} checked=${isChosen} onChange=${() => showPerson(active, id)} />
      <${Avatar} id=${id} name=${name} />
      <span class="name" dir="auto">${name.split(' ')[0]}</span>
      <small>${role}</small>
      <${Badge} count=${unread} />
    </label>
  `;
}
