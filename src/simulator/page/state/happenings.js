import * as server from '../server.js';
import { loadChats } from './loading.js';
import { toast, trying } from './notices.js';
import { showChat } from './panes.js';
import { now } from './store.js';

/** Lets something happen as the person of this pane; a chat that comes about by it is opened there. */
export function happen(pane, happening) {
  const { person } = now().panes[pane];
  return trying(async () => {
    const { sentence, chat } = await server.happen({ ...happening, person });
    toast(sentence, pane);
    await loadChats([person]);
    if (chat !== undefined && now().panes[pane]?.person === person) showChat(pane, chat);
  }, pane);
}
