import { html } from '../html.js';

/** Line icons on a grid of 24. */
const PATHS = {
  back: 'M15 5l-7 7 7 7',
  close: 'M6 6l12 12M18 6L6 18',
  attach: 'M20 11.5l-8.3 8.3a5 5 0 0 1-7-7l8.8-8.9a3.3 3.3 0 0 1 4.7 4.7L9.6 17.2a1.7 1.7 0 0 1-2.4-2.4l7.7-7.7',
  slash: 'M15 5L9 19',
  send: 'M3 20.5l18.5-8.5L3 3.5l2.5 7 9 1.5-9 1.5z',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  reply: 'M10 8V4l-7 7 7 7v-4c5 0 8 1.5 11 5-1-6-4-11-11-11z',
  forward: 'M14 8V4l7 7-7 7v-4c-5 0-8 1.5-11 5 1-6 4-11 11-11z',
  more: 'M12 6v.01M12 12v.01M12 18v.01',
  edit: 'M4 20l1-4L16 5l3 3L8 19z',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  remove: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5',
  crowd:
    'M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6M3 19c0-3.3 2.7-5 6-5s6 1.7 6 5M16 11a3 3 0 0 0 0-6M17.5 14.3c2.1.6 3.5 2.1 3.5 4.7',
  file: 'M14 3H6v18h12V7zM14 3v4h4M12 11v6M9.5 14.5L12 17l2.5-2.5',
  down: 'M6 9l6 6 6-6',
  beside: 'M4 5h16v14H4zM12 5v14M15 12h3M16.5 10.5v3',
  panel: 'M3 12h4l2.5-7 5 14 2.5-7h4',
  link: 'M9 15L18 6M11 6h7v7M6 10v8h8',
};

export const Icon = ({ name }) => html`
  <svg viewBox="0 0 24 24" class=${name === 'send' ? 'icon filled' : 'icon'} aria-hidden="true">
    <path d=${PATHS[name]} />
  </svg>
`;

/** A round button with an icon; its name is for screen readers and the tooltip. */
export const IconButton = ({ icon, label, class: look = '', ...properties }) => html`
  <button type="button" class=${`icon-button ${look}`} aria-label=${label} title=${label} ...${properties}>
    <${Icon} name=${icon} />
  </button>
`;
