import type { BotCommand, BotCommandScope, UserFromGetMe } from 'grammy/types';
import { scopeKey } from '../world/command-lists.ts';
import type { World } from '../world/world.ts';
import { badRequest } from './bot-api-error.ts';
import type { Method, MethodTable } from './method.ts';
import { flag, integer, optionalList, text } from './parameters.ts';
import { isRecord, type Payload } from './request-payload.ts';
import { targetChat } from './target-chat.ts';

const DOWNLOAD_LIMIT = 20 * 1024 * 1024;
const ANSWER_LIMIT = 200;

const getMe: Method = ({ world }): UserFromGetMe => ({
  ...world.bot,
  can_join_groups: true,
  can_read_all_group_messages: !world.privacyMode,
  supports_inline_queries: false,
  can_connect_to_business: false,
  has_main_web_app: false,
  has_topics_enabled: false,
  allows_users_to_create_topics: false,
  can_manage_bots: false,
  supports_join_request_queries: false,
});

const answerCallbackQuery: Method = ({ world }, payload) => {
  const words = text(payload, 'text');
  if (words.length > ANSWER_LIMIT) throw badRequest('MESSAGE_TOO_LONG');
  const url = text(payload, 'url');
  const answered = world.queries.answer(text(payload, 'callback_query_id'), {
    ...(words === '' ? {} : { text: words }),
    ...(flag(payload, 'show_alert') ? { show_alert: true } : {}),
    ...(url === '' ? {} : { url }),
  });
  if (!answered) throw badRequest('query is too old and response timeout expired or query ID is invalid');
  return true;
};

const getFile: Method = ({ world }, payload) => {
  const id = text(payload, 'file_id');
  if (id === '') throw badRequest('file_id not specified');
  const file = world.files.get(id);
  if (file === undefined) throw badRequest('invalid file_id');
  if (file.size > DOWNLOAD_LIMIT) throw badRequest('file is too big');
  const { file_id, file_unique_id, size, path } = file;
  return { file_id, file_unique_id, file_size: size, file_path: path };
};

function commandScope(world: World, payload: Payload): BotCommandScope {
  const scope = payload.scope;
  if (scope === undefined || scope === null || scope === '') return { type: 'default' };
  if (!isRecord(scope)) throw badRequest("can't parse BotCommandScope: expected an Object");
  const { type } = scope;
  const isGeneral = type === 'default' || type === 'all_private_chats' || type === 'all_group_chats';
  if (isGeneral || type === 'all_chat_administrators') return { type };
  if (type !== 'chat' && type !== 'chat_administrators' && type !== 'chat_member') {
    throw badRequest("can't parse BotCommandScope: Unsupported type specified");
  }
  const chat_id = targetChat(world, scope, 'see members').chat.id;
  if (type !== 'chat_member') return { type, chat_id };
  return { type, chat_id, user_id: integer(scope, 'user_id', 'invalid user_id specified') };
}

function botCommand(value: unknown): BotCommand {
  if (!isRecord(value)) throw badRequest("can't parse BotCommand: expected an Object");
  const command = text(value, 'command').replace(/^\//, '');
  const description = text(value, 'description');
  if (!/^[a-z0-9_]{1,32}$/.test(command)) throw badRequest('BOT_COMMAND_INVALID');
  if (description === '') throw badRequest('command description must be non-empty');
  if (description.length > 256) throw badRequest('BOT_COMMAND_DESCRIPTION_INVALID');
  return { command, description };
}

const setMyCommands: Method = ({ world }, payload) => {
  const commands = (optionalList(payload, 'commands') ?? []).map(botCommand);
  if (commands.length > 100) throw badRequest('BOT_COMMANDS_TOO_MUCH');
  world.commands.set(scopeKey(commandScope(world, payload)), text(payload, 'language_code'), commands);
  world.changes.emit({ kind: 'commands' });
  return true;
};

const getMyCommands: Method = ({ world }, payload) =>
  world.commands.get(scopeKey(commandScope(world, payload)), text(payload, 'language_code'));

const deleteMyCommands: Method = ({ world }, payload) => {
  world.commands.set(scopeKey(commandScope(world, payload)), text(payload, 'language_code'), []);
  world.changes.emit({ kind: 'commands' });
  return true;
};

/** The bot itself: its name, menus, answers to taps, files. Descriptions are accepted and forgotten. */
export const botMethods: MethodTable = {
  getMe,
  answerCallbackQuery,
  getFile,
  setMyCommands,
  getMyCommands,
  deleteMyCommands,
  setMyDescription: () => true,
  setMyShortDescription: () => true,
};
