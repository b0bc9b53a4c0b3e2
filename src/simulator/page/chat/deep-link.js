import { html } from '../html.js';
import { deepLink, follow } from '../state/deep-links.js';
import { now } from '../state/store.js';

/** A link: into this Telegram it is followed here, any other opens a new tab. */
export function DeepLink({ pane, address, class: look, children }) {
  const href = withScheme(address);
  const target = href === undefined ? undefined : deepLink(href, now().bot?.username);
  if (target === undefined) {
    return html`<a class=${look} href=${href} target="_blank" rel="noreferrer noopener">${children}</a>`;
  }
  const onClick = (event) => {
    event.preventDefault();
    follow(pane, target);
  };
  return html`<a class=${look} href=${href} onClick=${onClick}>${children}</a>`;
}

/** The address with its scheme; `undefined` when it is one that a page must not open. */
function withScheme(address) {
  const href = /^[a-z][a-z0-9+.-]*:/i.test(address) && !/^[\w.-]+:\d/.test(address) ? address : `https://${address}`;
  return /^(https?|tg|mailto|tel):/i.test(href) ? href : undefined;
}
