import { toast } from './notices.js';
import { showChat } from './panes.js';
import { now, personIn, update } from './store.js';

/**
 * What a link into Telegram leads to: `{ start }` in the private chat with this bot, or `{ chat, messageId }`;
 * `undefined` for every other link.
 */
export function deepLink(address, botUsername) {
  const url = URL.parse(address);
  if (url?.protocol === 'tg:' && url.searchParams.get('domain')?.toLowerCase() === botUsername?.toLowerCase()) {
    return { start: url.searchParams.get('start') ?? undefined };
  }
  if (url === null || !/^(www\.)?(t|telegram)\.me$/i.test(url.hostname)) return undefined;
  const [first = '', ...rest] = url.pathname.split('/').filter((part) => part !== '');
  if (first === 'c' && /^\d+$/.test(rest[0] ?? '') && /^\d+$/.test(rest.at(-1))) {
    return { chat: Number(`-100${rest[0]}`), messageId: rest.length > 1 ? Number(rest.at(-1)) : undefined };
  }
  if (first.toLowerCase() !== botUsername?.toLowerCase() || rest.length > 0) return undefined;
  return { start: url.searchParams.get('start') ?? undefined };
}

/** Goes where a deep link leads, as the person of this pane. */
export function follow(pane, { start, chat, messageId }) {
  const { person } = now().panes[pane];
  if (chat === undefined) {
    if (start !== undefined) update(({ starts }) => ({ starts: { ...starts, [person]: start } }));
    showChat(pane, person);
    return;
  }
  if (!now().chats[person].some(({ id }) => id === chat)) {
    toast(`${personIn({ person })(now()).name} is not in this chat`, pane);
    return;
  }
  if (messageId !== undefined) jumpTo(pane, chat, messageId);
  showChat(pane, chat);
}

let jumps = 0;

/** Has the pane scroll to a message of the chat, as soon as it shows that chat. */
export function jumpTo(pane, chat, messageId) {
  jumps += 1;
  update(() => ({ jump: { pane, chat, messageId, number: jumps } }));
}
