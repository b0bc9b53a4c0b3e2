import * as server from '../server.js';
import { trying } from './notices.js';
import { now, update } from './store.js';

const MOST_CALLS = 300;

export function togglePanel() {
  const isOpen = !now().panel.isOpen;
  update(({ panel }) => ({ panel: { ...panel, isOpen } }));
  if (isOpen) void trying(loadPanel);
}

export const showTab = (tab) => update(({ panel }) => ({ panel: { ...panel, tab } }));

/** Opens the panel where ten people can tap a button of this message. */
export function chooseForCrowd(message) {
  const crowd = { chat: message.chat.id, messageId: message.message_id };
  update(() => ({ panel: { isOpen: true, tab: 'crowd', crowd } }));
  void trying(loadPanel);
}

/** The kept calls, the armed faults and the groups; from then on events tell what is new. */
export async function loadPanel() {
  const [{ calls }, { armed }] = await Promise.all([server.calls(), server.faults(), loadGroups()]);
  update(() => ({ calls: calls.slice(-MOST_CALLS), armed }));
}

export async function loadGroups() {
  const groups = await server.groups();
  update(() => ({ groups }));
}

/** Adds a call to the list. Until the panel was opened for the first time nothing is kept. */
export function hearCall(call) {
  update(({ calls }) => {
    if (calls === undefined || calls.some(({ sequence }) => sequence === call.sequence)) return {};
    return { calls: [...calls, call].slice(-MOST_CALLS) };
  });
}

export const clearCalls = () => update(() => ({ calls: [] }));
