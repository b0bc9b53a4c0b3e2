import type { Call } from './bot-api/call-history.ts';
import { isRecord, isUpload, type Payload } from './bot-api/request-payload.ts';
import { clippedJson } from './clipped-json.ts';

const LONGEST_LINE = 120;
/** Parameters that hold the file of a call. */
const FILE_PARAMETERS = ['photo', 'video', 'animation', 'document'];

/** A call in one line: what was said, or why it was refused. Empty when there is nothing to say about it. */
export function callSummary({ method, payload, answer, cut }: Call): string {
  if (cut === 'before') return 'connection cut, nothing was done';
  if (!answer.ok) return oneLine(answer.description);
  const words = oneLine(method === 'getUpdates' ? updatesInWords(answer.result) : wordsOf(method, payload));
  return cut === 'after' ? `connection cut after it was done: ${words}` : words;
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/gu, ' ').trim();
  return line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE - 1).toWellFormed()}…`;
}

/** `2 updates: message, callback_query`. */
function updatesInWords(result: unknown): string {
  if (!Array.isArray(result)) return '';
  const kinds = result.map((update: unknown) => (isRecord(update) ? Object.keys(update) : []));
  const names = kinds.map((keys) => keys.find((key) => key !== 'update_id') ?? 'update');
  return `${result.length} ${result.length === 1 ? 'update' : 'updates'}: ${names.join(', ')}`;
}

function wordsOf(method: string, payload: Payload): string {
  if (method === 'answerCallbackQuery') return textOf(payload.text) || 'without words';
  if (method === 'sendChatAction') return textOf(payload.action);
  if (method === 'setMessageReaction') return reactionOf(payload.reaction) || 'reaction taken back';
  if (method === 'editMessageReplyMarkup') return buttonsOf(payload.reply_markup) || 'no buttons';
  return textOf(payload.text) || textOf(payload.caption) || itemsOf(payload) || fileOf(payload) || placeOf(payload);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function buttonsOf(markup: unknown): string {
  const rows = isRecord(markup) && Array.isArray(markup.inline_keyboard) ? markup.inline_keyboard : [];
  const labels = rows.flat().map((button: unknown) => (isRecord(button) ? textOf(button.text) : ''));
  return labels.filter(Boolean).join(' · ');
}

function reactionOf(reactions: unknown): string {
  if (!Array.isArray(reactions)) return '';
  return reactions.map((reaction: unknown) => (isRecord(reaction) ? textOf(reaction.emoji) : '')).join(' ');
}

function itemsOf({ media, commands }: Payload): string {
  if (Array.isArray(commands)) return `${commands.length} ${commands.length === 1 ? 'command' : 'commands'}`;
  if (Array.isArray(media)) {
    const caption = media.map((item: unknown) => (isRecord(item) ? textOf(item.caption) : '')).find(Boolean);
    return [`${media.length} files`, caption].filter(Boolean).join(': ');
  }
  return isRecord(media) ? textOf(media.caption) || fileOf(media) : '';
}

function fileOf(payload: Payload): string {
  const file = [...FILE_PARAMETERS, 'media'].map((name) => payload[name]).find((value) => value !== undefined);
  if (isUpload(file)) return String(clippedJson(file));
  return file === undefined ? '' : 'a file that Telegram knows';
}

/** What else a call is about: the message, the chat, the file. */
function placeOf({ chat_id, message_id, user_id, file_id }: Payload): string {
  const parts = Object.entries({ chat: chat_id, message: message_id, user: user_id, file: file_id });
  return parts.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`])).join(', ');
}
