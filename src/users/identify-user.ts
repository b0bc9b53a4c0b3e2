import type { Middleware } from 'grammy';
import type { User } from 'grammy/types';
import type { BotContext } from '../telegram/bot-context.ts';
import type { People } from './people.ts';
import type { Profile } from './user-repository.ts';

/** Telegram's user -> the profile that is kept. */
export function profileOf(user: User): Profile {
  return {
    telegramUserId: user.id,
    username: user.username ?? null,
    firstName: user.first_name || null,
    lastName: user.last_name ?? null,
    languageCode: user.language_code ?? null,
  };
}

/** Second step of every update: who sent it. Updates without a sender (channel posts) have no `ctx.person`. */
export function identifyUser({ people }: { people: People }): Middleware<BotContext> {
  return async (ctx, next) => {
    ctx.person = ctx.from ? await people.identify(profileOf(ctx.from), ctx.receivedAt) : undefined;
    await next();
  };
}
