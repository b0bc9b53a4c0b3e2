/** Everything the page asks of its server, and the only place that does. Every function rejects with a sentence. */

async function answerOf(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error ?? `The simulator answered ${response.status} ${response.statusText}`);
  return body;
}

async function request(path, options) {
  const response = await fetch(`/simulator/${path}`, options).catch(() => {
    throw new Error('The simulator does not answer');
  });
  return answerOf(response);
}

const ask = (path, query = {}) => request(`${path}?${new URLSearchParams(query)}`);

const tell = (path, body) =>
  request(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

function upload(path, fields, files) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.set(name, value);
  for (const file of files) form.append('file', file);
  return request(path, { method: 'POST', body: form });
}

export const people = () => ask('people');
export const chats = (person) => ask('chats', { person });
export const messages = (person, chat) => ask('messages', { person, chat });
export const commands = (person, chat) => ask('commands', { person, chat });

export const sendText = (text) => tell('send', text);
export const sendFile = (fields, file) => upload('file', fields, [file]);
/** Two to ten files as one album. */
export const sendAlbum = (fields, files) => upload('album', fields, files);
export const press = (tap) => tell('press', tap);
export const read = (mark) => tell('read', mark);
export const edit = (change) => tell('edit', change);
export const react = (reaction) => tell('react', reaction);
export const forward = (message) => tell('forward', message);
export const remove = (message) => tell('delete', message);

export const calls = (after = 0) => ask('calls', { after });
export const faults = () => ask('faults');
export const arm = (fault) => tell('faults', fault);
export const disarm = () => tell('faults/disarm', {});
export const moveClock = (advanceMs) => tell('clock', { advanceMs });
export const resetClock = () => tell('clock', { reset: true });
export const crowd = (tap) => tell('crowd', tap);
export const groups = () => ask('groups');
export const happen = (happening) => tell('happenings', happening);

export const fileAddress = (fileId) => `/simulator/files/${encodeURIComponent(fileId)}`;

/** Calls back for every event; `onConnected` each time the stream is open, `onLost` when it is not. */
export function listen({ onEvent, onConnected, onLost }) {
  const source = new EventSource('/simulator/events');
  source.addEventListener('open', onConnected);
  source.addEventListener('error', () => onLost());
  source.addEventListener('message', (event) => onEvent(JSON.parse(event.data)));
  addEventListener('pagehide', () => source.close());
}
