import { html } from '../html.js';
import { memo } from '../memo.js';
import { Avatar, hueOf } from '../parts/avatar.js';
import { IconButton } from '../parts/icon.js';
import { now } from '../state/store.js';
import { startReply } from '../state/writing.js';
import { Album } from './album.js';
import { FormattedText } from './formatted-text.js';
import { Keyboard } from './keyboard.js';
import { useLongPress } from './long-press.js';
import { isVisual, Media } from './media.js';
import { openMenu } from './message-menu.js';
import { Quote } from './quote.js';
import { Reactions } from './reactions.js';
import { exactWords, hourWords, isoWords } from './times.js';
import { authorOf } from './words.js';

/**
 * One message, or an album, as a list item: `views` are its parts. `isFirst` and `isLast` say where it stands among
 * the neighbours of the same author.
 */
function DrawnMessage({ view, views, person, pane, isGroup, isFirst, isLast, isFound }) {
  const parts = views ?? [view];
  const { message } = parts[0];
  const isOwn = message.from.id === person;
  const author = authorOf(message);
  const open = (at, chosen = parts[0]) => openMenu({ pane, person, view: chosen, ...at });
  const gestures = useLongPress(open);
  const onTileMenu = (event, chosen) => {
    if (!getSelection().isCollapsed) return;
    event.preventDefault();
    open({ x: event.clientX, y: event.clientY }, chosen);
  };
  const onMore = ({ currentTarget }) => {
    const { left, bottom } = currentTarget.getBoundingClientRect();
    open({ x: left, y: bottom });
  };
  const captioned = parts.find((part) => part.message.caption !== undefined)?.message ?? message;
  const words = captioned.text ?? captioned.caption;
  const look = { own: isOwn, first: isFirst, last: isLast, found: isFound, group: isGroup };
  return html`
    <li class=${['message', ...Object.keys(look).filter((name) => look[name])].join(' ')} tabindex="-1"
      data-message=${message.message_id} aria-label=${`${author}:`}>
      <div class="line">
        ${isGroup && !isOwn && isLast && html`<${Avatar} id=${message.from.id} name=${author} />`}
        <div class=${bubbleLook(parts, words)} ...${gestures}>
          ${isGroup && !isOwn && isFirst && html`<p class="author" dir="auto" style=${hueOf(message.from.id)}>${author}</p>`}
          <${Forwarded} origin=${message.forward_origin} />
          <${Quote} message=${message} pane=${pane} />
          ${
            parts.length > 1
              ? html`<${Album} views=${parts} onMenu=${onTileMenu} />`
              : html`<${Media} message=${message} />`
          }
          ${
            words !== undefined &&
            html`<div class="text" dir="auto">
              <${FormattedText} text=${words} entities=${captioned.entities ?? captioned.caption_entities} pane=${pane} />
              <${Meta} message=${message} isSpace />
            </div>`
          }
          <${Reactions} view=${parts[0]} person=${person} pane=${pane} />
          <${Meta} message=${message} />
        </div>
        <div class="tools">
          <${IconButton} icon="reply" label=${`Reply to ${author}`} tabindex="-1"
            onClick=${() => startReply(now().panes[pane], message)} />
          <${IconButton} icon="more" label=${`More about ${author}’s message`} class="more" aria-haspopup="menu"
            onClick=${onMore} />
        </div>
      </div>
      <${Keyboard} message=${message} person=${person} pane=${pane} />
    </li>
  `;
}

export const Message = memo(DrawnMessage);

function bubbleLook(parts, words) {
  const visual = parts.every(({ message }) => isVisual(message));
  const { reply_to_message: original, forward_origin: origin } = parts[0].message;
  const isBare = visual && words === undefined && parts[0].reactions.length === 0;
  return ['bubble', visual && 'visual', isBare && 'bare', (original ?? origin) !== undefined && 'headed']
    .filter(Boolean)
    .join(' ');
}

function Forwarded({ origin }) {
  if (origin === undefined) return null;
  const name = origin.sender_user?.first_name ?? origin.sender_chat?.title ?? origin.sender_user_name ?? '';
  return html`<p class="forwarded" dir="auto">Forwarded from ${name}</p>`;
}

/** The time in the bubble's corner; `isSpace` only keeps the place for it free at the end of the text. */
function Meta({ message, isSpace }) {
  const edited = message.edit_date === undefined ? '' : 'edited ';
  if (isSpace) return html`<span class="meta-space" data-words=${edited + hourWords(message.date)}></span>`;
  return html`
    <p class="meta">
      ${edited}<time datetime=${isoWords(message.date)} title=${exactWords(message.date)}>${hourWords(message.date)}</time>
    </p>
  `;
}
