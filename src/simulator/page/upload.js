import { takeReply } from './composer.js';
import { byId, element, toast } from './elements.js';
import * as server from './server.js';

const dialog = byId('upload');
const chat = byId('chat');
const input = byId('file');
let place;
let waiting;

/** Files that are chosen, dropped or pasted from now on go to this chat. */
export function uploadTo(person, chatId) {
  place = { person, chat: chatId };
}

function offer(file) {
  if (file === undefined || place === undefined) return;
  waiting = file;
  const isPicture = file.type.startsWith('image/') && file.type !== 'image/svg+xml';
  const address = URL.createObjectURL(file);
  const shown = isPicture
    ? element('img', { src: address, alt: file.name })
    : element('p', {}, `${file.name}, ${Math.ceil(file.size / 1024)} kB`);
  byId('preview').replaceChildren(shown);
  byId('caption').value = '';
  byId('as-document').checked = !isPicture && !file.type.startsWith('video/');
  dialog.returnValue = '';
  dialog.showModal();
  byId('caption').focus();
  dialog.addEventListener('close', () => URL.revokeObjectURL(address), { once: true });
}

dialog.addEventListener('close', async () => {
  const file = waiting;
  waiting = undefined;
  input.value = '';
  if (dialog.returnValue !== 'send' || file === undefined) return;
  const fields = { ...place, file, caption: byId('caption').value, asDocument: byId('as-document').checked };
  try {
    await server.sendFile({ ...fields, replyTo: takeReply() });
  } catch (error) {
    toast(error.message);
  }
});
byId('caption').addEventListener('keydown', (event) => {
  if (event.key !== 'Enter') return;
  event.preventDefault();
  dialog.close('send');
});
byId('attach').addEventListener('click', () => input.click());
input.addEventListener('change', () => offer(input.files[0]));

chat.addEventListener('dragover', (event) => {
  event.preventDefault();
  chat.classList.add('dropping');
});
chat.addEventListener('dragleave', (event) => {
  if (!chat.contains(event.relatedTarget)) chat.classList.remove('dropping');
});
chat.addEventListener('drop', (event) => {
  event.preventDefault();
  chat.classList.remove('dropping');
  offer(event.dataTransfer.files[0]);
});
addEventListener('paste', (event) => {
  const [file] = event.clipboardData.files;
  if (file !== undefined) offer(file);
});
