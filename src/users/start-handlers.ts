import { Composer } from 'grammy';
import type { Background } from '../lib/background.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import { commandsFor } from '../telegram/bot-commands.ts';
import { type BotContext, type Person, personOf } from '../telegram/bot-context.ts';
import { bold, fmt, lines, type Text } from '../telegram/text.ts';
import { isCommand } from '../telegram/typed-command.ts';
import type { CommandMenus } from './command-menus.ts';
import type { UserRepository } from './user-repository.ts';

/** `/start` and `/help`. */
export function startHandlers(dependencies: {
  users: Pick<UserRepository, 'setStartedBot'>;
  chats: Pick<ChatRepository, 'byId'>;
  menus: Pick<CommandMenus, 'showTo'>;
  background: Background;
}): Composer<BotContext> {
  const { users, chats, menus, background } = dependencies;
  const handlers = new Composer<BotContext>();

  handlers.filter(isCommand('start'), async (ctx) => {
    const person = personOf(ctx);
    if (ctx.chat?.type === 'private') {
      await users.setStartedBot(person.id, true);
      background.run('command menu', () => menus.showTo(person.telegramUserId, levelOf(ctx)));
    }
    const text = startMessage(person, levelOf(ctx));
    await ctx.reply(text.text, { entities: text.entities });
  });

  handlers.filter(isCommand('help'), async (ctx) => {
    const text = helpMessage(levelOf(ctx), ctx.team && (await chats.byId(ctx.team.id)));
    await ctx.reply(text.text, { entities: text.entities });
  });

  return handlers;
}

function levelOf(ctx: BotContext): 'admin' | 'member' | 'guest' {
  if (ctx.access.level === 'admin' || ctx.access.level === 'member') return ctx.access.level;
  return 'guest';
}

function startMessage(person: Person, level: 'admin' | 'member' | 'guest'): Text {
  const greeting = fmt`Hello ${bold(person.name)}! 👋`;
  if (level === 'guest') return lines(greeting, 'You are a guest here. /help shows what you can do.');
  return lines(
    greeting,
    level === 'admin' ? 'You are an admin of this bot.' : 'You are in the team.',
    '',
    'Send me a picture, video or document in private: it joins the queue.',
    'When its time comes, a card arrives in the team chat. One tap settles it: Posted, Skip or Reject.',
    '',
    '/next brings a card now, /queue shows what is planned, /help explains everything.',
  );
}

/** What a chat starts with (the columns' defaults), for /help in private. */
const DEFAULT_LOCKS = { repostLockDays: 30, skipLockDays: 45 };

/** `/help`, rendered from the command list: what this person may use, and what the buttons do in this chat. */
export function helpMessage(
  level: 'admin' | 'member' | 'guest',
  locks: { repostLockDays: number; skipLockDays: number } = DEFAULT_LOCKS,
): Text {
  const commands = commandsFor(level).map(({ command, summary, usage }) =>
    usage ? `/${command} · ${summary} (${usage})` : `/${command} · ${summary}`,
  );
  if (level === 'guest') return lines(bold('What you can send me'), ...commands);
  return lines(
    bold('What you can send me'),
    ...commands,
    '',
    bold('What the buttons do'),
    `✅ Posted: it is out; not offered again for ${locks.repostLockDays} days`,
    `⏭️ Skip: not now; not offered again for ${locks.skipLockDays} days`,
    '🚫 Reject: asks first, then never again',
    '↩️ Undo: takes a decision back, for one minute',
    '🙋 On it: shows the others for ten minutes that you are posting it',
    '👍 I like it: counts once per person, tap again to take it back',
    'ℹ️ what is known about it',
    '',
    'Media: send them to me in private, or in the group as a reply to me or with my name.',
  );
}
