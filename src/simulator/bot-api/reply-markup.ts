import type { InlineKeyboardButton, InlineKeyboardMarkup } from 'grammy/types';
import { badRequest } from './bot-api-error.ts';
import { flag, text } from './parameters.ts';
import { isRecord, type Payload } from './request-payload.ts';

const STYLES = ['danger', 'success', 'primary'] as const;
const ACTIONS = [
  ...(['callback_data', 'url', 'copy_text', 'disabled', 'switch_inline_query', 'web_app', 'login_url'] as const),
  ...(['switch_inline_query_current_chat', 'switch_inline_query_chosen_chat', 'callback_game', 'pay'] as const),
];
const BUTTON_LIMIT = 100;

/**
 * The inline keyboard of a request; `undefined` when there is none, when it is empty, or for the other kinds of markup,
 * which change nothing in a message. Throws 400 in Telegram's words for a button that cannot be.
 */
export function inlineKeyboard(payload: Payload): InlineKeyboardMarkup | undefined {
  const markup = payload.reply_markup;
  if (markup === undefined || markup === null || markup === '') return undefined;
  if (!isRecord(markup)) throw badRequest('object expected as reply markup');
  if (markup.inline_keyboard === undefined) return undefined;
  if (!Array.isArray(markup.inline_keyboard)) throw badRequest('field "inline_keyboard" must be of type Array');
  const rows = markup.inline_keyboard.map(parseRow).filter((row) => row.length > 0);
  if (rows.flat().length > BUTTON_LIMIT) throw badRequest('REPLY_MARKUP_TOO_LONG');
  return rows.length === 0 ? undefined : { inline_keyboard: rows };
}

function parseRow(row: unknown): InlineKeyboardButton[] {
  if (!Array.isArray(row)) throw badRequest('field "inline_keyboard" must be an Array of Arrays');
  return row.map(parseButton);
}

function parseButton(button: unknown): InlineKeyboardButton {
  if (!isRecord(button)) throw refusedButton('InlineKeyboardButton must be an Object');
  if (button.text === undefined) throw refusedButton('Can\'t find field "text"');
  const label = text(button, 'text').trim();
  if (label === '') throw badRequest('inline keyboard button text is empty');
  const action = soleAction(button);
  const look = buttonLook(button);
  switch (action) {
    case 'callback_data': {
      const data = text(button, 'callback_data');
      if (data === '') throw refusedButton('Text buttons are unallowed in the inline keyboard');
      if (Buffer.byteLength(data) > 64) throw badRequest('BUTTON_DATA_INVALID');
      return { text: label, ...look, callback_data: data };
    }
    case 'url':
      return { text: label, ...look, url: buttonUrl(text(button, 'url')) };
    case 'copy_text': {
      const copied = isRecord(button.copy_text) ? text(button.copy_text, 'text') : '';
      if (copied === '' || copied.length > 256) throw badRequest('BUTTON_COPY_TEXT_INVALID');
      return { text: label, ...look, copy_text: { text: copied } };
    }
    case 'disabled':
      if (!isRecord(button.disabled)) throw refusedButton('Field "disabled" must be of type Object');
      return { text: label, ...look, disabled: {} };
    case 'switch_inline_query':
      return { text: label, ...look, switch_inline_query: text(button, 'switch_inline_query') };
    default:
      throw badRequest('BUTTON_TYPE_INVALID');
  }
}

function soleAction(button: Record<string, unknown>): (typeof ACTIONS)[number] {
  const given = ACTIONS.filter((name) => button[name] !== undefined && !(name === 'pay' && !flag(button, 'pay')));
  const [first] = given;
  if (first === undefined) throw refusedButton('Text buttons are unallowed in the inline keyboard');
  if (given.length > 1) throw refusedButton(`exactly one action is allowed, found ${given.join(' and ')}`);
  return first;
}

function buttonLook(button: Record<string, unknown>): { style?: (typeof STYLES)[number] } {
  if (button.style === undefined) return {};
  const style = STYLES.find((candidate) => candidate === button.style);
  if (style === undefined) throw refusedButton('Field "style" must be one of "danger", "success" and "primary"');
  return { style };
}

function buttonUrl(url: string): string {
  const parsed = URL.parse(url);
  const refuse = (why: string) => badRequest(`inline keyboard button URL '${url}' is invalid: ${why}`);
  if (parsed === null) throw refuse('Wrong HTTP URL');
  if (!['http:', 'https:', 'tg:'].includes(parsed.protocol)) throw refuse('Unsupported URL protocol');
  return url;
}

function refusedButton(why: string) {
  return badRequest(`can't parse inline keyboard button: ${why}`);
}
