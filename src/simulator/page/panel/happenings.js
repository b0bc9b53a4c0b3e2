import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { happen } from '../state/happenings.js';
import { chatIn, personIn, useStore } from '../state/store.js';

const NOWHERE = {};

/** What nobody does by writing or tapping: each button is a sentence that comes true, for the active pane. */
export function Happenings() {
  const pane = useStore((known) => known.active);
  const place = useStore((known) => known.panes[known.active] ?? NOWHERE);
  const chat = useStore(chatIn(place));
  const name = useStore((known) => personIn(place)(known)?.name.split(' ')[0]);
  const isBlocked = useStore((known) => chatIn({ ...place, chat: place.person })(known)?.blocked === true);
  if (chat === undefined) return null;

  const isGroup = chat.type !== 'private' && chat.migratedTo === null;
  const hasBot = isGroup && chat.botIsMember;
  const here = { chat: chat.id };
  const button = (kind, words, { isOffered = true, ...about } = {}) => html`
    <button type="button" class="happening" disabled=${!isOffered} onClick=${() => happen(pane, { kind, ...about })}>
      ${words}
    </button>
  `;
  return html`
    <section class="happenings" aria-labelledby="in-chat">
      <h3 id="in-chat" dir="auto">${isGroup ? `In “${chat.title}”` : 'In a group: open one for these'}</h3>
      ${
        isGroup && !hasBot
          ? button('add bot', `${name} adds the bot`, here)
          : button('remove bot', `${name} removes the bot`, { ...here, isOffered: isGroup })
      }
      ${button('supergroup', 'This group becomes a supergroup', { ...here, isOffered: isGroup && chat.type === 'group' })}
      ${button('anonymous message', `${name} writes “/next” in the name of the group`, {
        ...here,
        isOffered: hasBot && chat.type === 'supergroup',
      })}
      ${button('leave', `${name} leaves this group`, { ...here, isOffered: isGroup })}
    </section>
    <section class="happenings" aria-labelledby="elsewhere">
      <h3 id="elsewhere">Elsewhere</h3>
      ${button('foreign group', `${name} founds a group and adds the bot`)}
      ${
        isBlocked
          ? button('unblock bot', `${name} unblocks the bot in private`)
          : button('block bot', `${name} blocks the bot in private`)
      }
      <${Join} key=${place.person} pane=${pane} person=${place.person} name=${name} />
    </section>
    <section class="happenings" aria-labelledby="updates">
      <h3 id="updates">Updates that the bot gets</h3>
      ${button('unknown update', 'An update of an unknown kind arrives', hasBot ? here : {})}
      ${button('redeliver', `The newest update of ${name} comes once more`)}
    </section>
  `;
}

/** One of the groups that the person is not in. */
function Join({ pane, person, name }) {
  const groups = useStore((known) => known.groups);
  const others = groups.filter(({ members, migratedTo }) => migratedTo === null && !members.includes(person));
  const [chosen, choose] = useState();
  const group = others.find(({ id }) => id === chosen) ?? others[0];
  return html`
    <div class="join">
      <select class="field" aria-label="Group to join" disabled=${group === undefined} value=${group?.id}
        onChange=${(event) => choose(Number(event.currentTarget.value))}>
        ${others.map(({ id, title }) => html`<option key=${id} value=${id}>${title}</option>`)}
        ${group === undefined && html`<option>No group to join</option>`}
      </select>
      <button type="button" class="button" disabled=${group === undefined}
        onClick=${() => happen(pane, { kind: 'join', chat: group.id })}>${name} joins</button>
    </div>
  `;
}
