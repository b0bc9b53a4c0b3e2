import { TEAM_CHAT_CLOSED } from '../lib/alert-news.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import { clip } from '../telegram/text.ts';
import { displayName, type UserRepository } from '../users/user-repository.ts';
import { ADMIN_CLOSED } from './admin-notices.ts';
import type { Alerts } from './alerts.ts';

/**
 * Ends the alerts about places that the bot could not write to, once it was let in again: a group is active again (an
 * admin added the bot, or it moved), an admin has started the bot again. Looks at the rows, so it does not matter who
 * wrote that down, nor when.
 */
export function createReachWatch(dependencies: {
  alerts: Pick<Alerts, 'raised' | 'clear'>;
  chats: Pick<ChatRepository, 'active'>;
  users: Pick<UserRepository, 'admins'>;
}): () => Promise<void> {
  const { alerts, chats, users } = dependencies;

  return async () => {
    const raised = await alerts.raised();
    const closed = raised.filter(({ name, chatId }) => name === TEAM_CHAT_CLOSED && chatId !== undefined);
    if (closed.length > 0) {
      const active = new Map((await chats.active()).map((chat) => [chat.id, chat]));
      for (const { chatId } of closed) {
        const chat = chatId === undefined ? undefined : active.get(chatId);
        if (!chat) continue;
        const title = clip(chat.title || 'the team chat', 60);
        await alerts.clear({ key: TEAM_CHAT_CLOSED, chatId: chat.id, text: `✅ I can write into ${title} again.` });
      }
    }
    const lost = raised.filter(({ name }) => name.startsWith(ADMIN_CLOSED));
    if (lost.length === 0) return;
    for (const admin of await users.admins()) {
      const key = `${ADMIN_CLOSED}${admin.id}`;
      if (!admin.hasStartedBot || !lost.some(({ name }) => name === key)) continue;
      await alerts.clear({ key, text: `✅ ${clip(displayName(admin), 60)} gets notices in private again.` });
    }
  };
}
