import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { now } from '../state/store.js';
import { sendWords } from '../state/writing.js';
import { DeepLink } from './deep-link.js';

/** One of Telegram's entities around its words. Custom emoji and kinds that came later stay plain words. */
export function Entity({ entity, words, pane, children }) {
  switch (entity.type) {
    case 'bold':
      return html`<strong>${children}</strong>`;
    case 'italic':
      return html`<em>${children}</em>`;
    case 'underline':
      return html`<u>${children}</u>`;
    case 'strikethrough':
      return html`<s>${children}</s>`;
    case 'code':
      return html`<code>${children}</code>`;
    case 'pre':
      return html`<pre data-language=${entity.language} tabindex="0"><code>${children}</code></pre>`;
    case 'blockquote':
      return html`<blockquote>${children}</blockquote>`;
    case 'expandable_blockquote':
      return html`<${Expandable}>${children}</${Expandable}>`;
    case 'spoiler':
      return html`<${Spoiler}>${children}</${Spoiler}>`;
    case 'text_link':
      return html`<${DeepLink} pane=${pane} address=${entity.url}>${children}</${DeepLink}>`;
    case 'url':
      return html`<${DeepLink} pane=${pane} address=${words}>${children}</${DeepLink}>`;
    case 'email':
      return html`<a href=${`mailto:${words}`}>${children}</a>`;
    case 'phone_number':
      return html`<a href=${`tel:${words.replace(/[^+\d]/g, '')}`}>${children}</a>`;
    case 'bot_command':
      return html`<${Command} pane=${pane} words=${words}>${children}</${Command}>`;
    case 'mention':
      return html`<${Mention} pane=${pane} words=${words}>${children}</${Mention}>`;
    case 'text_mention':
    case 'hashtag':
    case 'cashtag':
      return html`<span class="mention">${children}</span>`;
    default:
      return html`<span>${children}</span>`;
  }
}

function Command({ pane, words, children }) {
  const send = () => sendWords(pane, now().panes[pane], words);
  return html`<button type="button" class="in-text" onClick=${send}>${children}</button>`;
}

/** The bot's name leads to the private chat with it; other people have no chats here. */
function Mention({ pane, words, children }) {
  const bot = now().bot?.username;
  const isBot = bot !== undefined && words.toLowerCase() === `@${bot.toLowerCase()}`;
  if (!isBot) return html`<span class="mention">${children}</span>`;
  return html`<${DeepLink} pane=${pane} address=${`https://t.me/${bot}`}>${children}</${DeepLink}>`;
}

function Spoiler({ children }) {
  const [isOpen, setOpen] = useState(false);
  if (isOpen) return html`<span class="spoiler open">${children}</span>`;
  return html`
    <button type="button" class="spoiler in-text" aria-label="Hidden text, show it" onClick=${() => setOpen(true)}
      ><span aria-hidden="true">${children}</span></button>
  `;
}

function Expandable({ children }) {
  const [isOpen, setOpen] = useState(false);
  return html`
    <blockquote class=${isOpen ? 'expandable open' : 'expandable'}>
      <div>${children}</div>
      <button type="button" class="in-text" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>
        ${isOpen ? 'Show less' : 'Show more'}
      </button>
    </blockquote>
  `;
}
