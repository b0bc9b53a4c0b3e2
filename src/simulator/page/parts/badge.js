import { html } from '../html.js';

/** How many messages are unread, if any. */
export const Badge = ({ count }) =>
  count > 0 &&
  html`
    <span class="badge" aria-hidden="true">${count > 99 ? '99+' : count}</span>
    <span class="unseen">, ${count} unread</span>
  `;
