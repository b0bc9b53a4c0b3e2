/** Everything the page asks of its server. */

/** Rejects with the server's own sentence. */
async function answerOf(response) {
  const body = await response.json().catch(() => ({ error: `${response.status} ${response.statusText}` }));
  if (!response.ok) throw new Error(body.error ?? `${response.status} ${response.statusText}`);
  return body;
}

const ask = async (path, query = {}) => answerOf(await fetch(`/simulator/${path}?${new URLSearchParams(query)}`));

const tell = async (path, body) =>
  answerOf(
    await fetch(`/simulator/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );

export const people = () => ask('people');
export const chats = (person) => ask('chats', { person });
export const messages = (person, chat) => ask('messages', { person, chat });
export const commands = (person, chat) => ask('commands', { person, chat });
export const sendText = (request) => tell('send', request);
export const press = (request) => tell('press', request);

export async function sendFile(fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.set(name, value);
  return answerOf(await fetch('/simulator/file', { method: 'POST', body: form }));
}

export const fileAddress = (fileId) => `/simulator/files/${encodeURIComponent(fileId)}`;

/** Calls back for every event; `onConnected` each time the stream is open, `onLost` when it is not. */
export function listen({ onEvent, onConnected, onLost }) {
  const source = new EventSource('/simulator/events');
  source.addEventListener('open', onConnected);
  source.addEventListener('error', () => onLost());
  source.addEventListener('message', (event) => onEvent(JSON.parse(event.data)));
  addEventListener('pagehide', () => source.close());
}
