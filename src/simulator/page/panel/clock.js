import { useEffect, useReducer } from 'preact/hooks';
import { simulatedNow } from '../chat/times.js';
import { html } from '../html.js';
import * as server from '../server.js';
import { clockOf } from '../state/loading.js';
import { toast, trying } from '../state/notices.js';
import { update, useStore } from '../state/store.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const STEPS = { '+1 min': MINUTE_MS, '+10 min': 10 * MINUTE_MS, '+1 h': HOUR_MS, '+1 day': DAY_MS };
const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });

/** The time of the simulator and the bot, which can be moved. */
export function Clock() {
  const clock = useStore((known) => known.clock);
  const [, draw] = useReducer((count) => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(draw, 1000);
    return () => clearInterval(timer);
  }, []);
  const move = (request) =>
    trying(async () => {
      const { now, offsetMs } = await request();
      update(() => ({ clock: clockOf(now, offsetMs) }));
    });
  const goTo = (event) => {
    event.preventDefault();
    const { until } = Object.fromEntries(new FormData(event.currentTarget));
    const target = new Date(until).getTime();
    if (Number.isNaN(target)) toast('Choose a date and a time first');
    else void move(() => server.moveClock(target - simulatedNow().getTime()));
  };
  return html`
    <p class="clock"><small>Now in the simulator</small><time>${format.format(simulatedNow())}</time></p>
    <p class="offset" role="status">${offsetWords(clock?.offsetMs ?? 0)}</p>
    <div class="steps" role="group" aria-label="Move the clock">
      ${Object.entries(STEPS).map(
        ([name, ms]) => html`
          <button key=${name} type="button" class="button" onClick=${() => move(() => server.moveClock(ms))}>${name}</button>
        `,
      )}
    </div>
    <form class="settings" onSubmit=${goTo}>
      <label>Until <input class="field" name="until" type="datetime-local" required /></label>
      <button type="submit" class="button">Go there</button>
    </form>
    <button type="button" class="button quiet" onClick=${() => move(server.resetClock)}>Back to the real time</button>
  `;
}

function offsetWords(offsetMs) {
  const minutes = Math.round(Math.abs(offsetMs) / MINUTE_MS);
  if (minutes === 0) return 'As the clock of this machine.';
  const parts = [
    [Math.floor(minutes / 1440), 'day'],
    [Math.floor(minutes / 60) % 24, 'hour'],
    [minutes % 60, 'minute'],
  ];
  const words = parts
    .filter(([count]) => count > 0)
    .map(([count, name]) => `${count} ${name}${count === 1 ? '' : 's'}`);
  return `${words.join(', ')} ${offsetMs > 0 ? 'ahead of' : 'behind'} the clock of this machine.`;
}
