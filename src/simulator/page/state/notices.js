import { now, update } from './store.js';

const SHORTEST_MS = 3500;
const MS_PER_CHARACTER = 60;
let timer;

/** A sentence that goes away by itself, above the pane it belongs to. */
export function toast(words, pane = now().active) {
  clearTimeout(timer);
  update(() => ({ toast: { words, pane, isShown: true } }));
  timer = setTimeout(hideToast, Math.max(SHORTEST_MS, words.length * MS_PER_CHARACTER));
}

function hideToast() {
  update(({ toast: shown }) => ({ toast: shown && { ...shown, isShown: false } }));
}

let alertCount = 0;

/** A sentence that has to be confirmed. */
export function alertDialog(words) {
  alertCount += 1;
  const alert = { number: alertCount, words };
  update(({ alerts }) => ({ alerts: [...alerts, alert] }));
}

export function confirmAlert() {
  update(({ alerts }) => ({ alerts: alerts.slice(1) }));
}

/** Does something that may fail, and shows why it did. Resolves with whether it worked. */
export async function trying(action, pane) {
  try {
    await action();
    return true;
  } catch (error) {
    toast(error.message, pane);
    return false;
  }
}
