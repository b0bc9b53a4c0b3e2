import type { Api } from 'grammy';
import type { Background } from '../lib/background.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { CardRenderer } from '../queue/card-renderer.ts';
import type { DeliveryService } from '../queue/delivery-service.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import type { CommandMenus } from '../users/command-menus.ts';
import type { InvitationService } from '../users/invitation-service.ts';
import type { UserRepository } from '../users/user-repository.ts';
import type { Downtime } from './downtime.ts';

type TeamServices = {
  chats: ChatRepository;
  users: Pick<UserRepository, 'admins' | 'byTelegramId' | 'identify' | 'admit'>;
  invitations: Pick<InvitationService, 'firstAdminCode'>;
  delivery: Pick<DeliveryService, 'recoverStuck'>;
  renderer: Pick<CardRenderer, 'sweep'>;
  menus: Pick<CommandMenus, 'showAll'>;
  downtime: Pick<Downtime, 'tell'>;
  tellAlerts: () => Promise<void>;
  background: Background;
  clock: Clock;
  logger: Logger;
};

type TeamConfig = { teamChatId: number | undefined; adminTelegramIds: readonly number[]; timeZone: string };

/**
 * What must be true before the first update: team chat and guests are known, and there is a way to the first admin. A
 * team chat that is new is open to guests if there are any.
 */
export async function prepareTeam(
  { chats, users, invitations, clock, logger }: TeamServices,
  config: TeamConfig & { guestTelegramIds: readonly number[] },
): Promise<void> {
  if (config.teamChatId !== undefined && !(await chats.byId(config.teamChatId))?.isActive) {
    await chats.admit({
      id: config.teamChatId,
      title: '',
      type: 'supergroup',
      timeZone: config.timeZone,
      isOpenToGuests: config.guestTelegramIds.length > 0,
      addedBy: null,
    });
  }
  for (const id of config.guestTelegramIds) await admitGuest(users, id, clock.now());
  if (config.adminTelegramIds.length > 0) return;
  const code = await invitations.firstAdminCode(clock.now());
  if (code)
    logger.warn(
      `There is no admin yet. Send this to your bot in a private chat to become the first one: /start ${code}`,
    );
}

/** Somebody who was admitted once keeps what they have become since; the name comes with their first update. */
async function admitGuest(users: TeamServices['users'], telegramUserId: number, now: Date): Promise<void> {
  const known = await users.byTelegramId(telegramUserId);
  if (known?.dateJoined) return;
  const nameless = { telegramUserId, username: null, firstName: null, lastName: null, languageCode: null };
  const { id } = known ?? (await users.identify(nameless, { now, isConfiguredAdmin: false }));
  await users.admit(id, 'guest', now);
}

/** What wants to be done at Telegram at start, once it has accepted the token: broken sends, cards, titles, menus. */
export async function introduceOurselves(
  services: TeamServices,
  api: Pick<Api, 'getChat'>,
  config: TeamConfig,
): Promise<void> {
  const { chats, users, delivery, renderer, menus, downtime, tellAlerts, background } = services;
  background.run('telling the teams that the bot was away', () => downtime.tell());
  background.run('telling the admins what they could not be told', tellAlerts);
  background.run('looking after cards of an earlier run', async () => {
    await delivery.recoverStuck({ isStart: true });
    await renderer.sweep();
  });
  const active = await chats.active();
  // A chat that only the configuration named has no title yet; without an answer the first update brings it.
  for (const { id } of active.filter(({ title }) => title === '')) {
    background.run('asking for the title of the team chat', async () => {
      const { title } = await api.getChat(id);
      if (title) await chats.rename(id, title);
    });
  }
  background.run('setting the command menus', async () => {
    const admins = (await users.admins()).flatMap(({ telegramUserId }) => telegramUserId ?? []);
    const chatIds = active.map(({ id }) => id);
    await menus.showAll(chatIds, [...new Set([...config.adminTelegramIds, ...admins])]);
  });
}
