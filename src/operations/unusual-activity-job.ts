import type { ClockJob } from '../lib/job-run.ts';
import type { Chat, ChatRepository } from '../settings/chat-repository.ts';
import type { UserRepository } from '../users/user-repository.ts';
import { quietUntil } from './activity-hours.ts';
import type { Alerts } from './alerts.ts';
import { findInChat, findStrangers } from './unusual-activity-findings.ts';
import type { UnusualActivityRepository } from './unusual-activity-repository.ts';

/** All alerts about activity begin like this. */
const ACTIVITY = 'activity:';
/** How long alerts that are over stand in the table: ninety days. */
const KEPT_MS = 90 * 86_400_000;

/**
 * Looks once an hour at what was done, and tells the admins what became unusual and what is usual again (seed 004,
 * "Activity Notifications"). Quiet hours hold the words back, never the look: what is over when they end is not told.
 * What was switched off or paused, and chats and people that are gone, are forgotten without a word.
 */
export function createUnusualActivityJob(dependencies: {
  activity: UnusualActivityRepository;
  alerts: Pick<Alerts, 'raise' | 'clear' | 'raised' | 'forget' | 'prune'>;
  chats: Pick<ChatRepository, 'active'>;
  users: Pick<UserRepository, 'names'>;
}): ClockJob {
  const { activity, alerts, chats, users } = dependencies;

  return async ({ now, signal }) => {
    const active = await chats.active();
    const known = (await alerts.raised()).filter(({ name }) => name.startsWith(ACTIVITY));
    const wasRaised = (key: string, chatId?: number) => known.some((one) => one.name === key && one.chatId === chatId);
    const looked = new Set<string>();
    const identity = (key: string, chatId?: number) => `${key} ${chatId ?? ''}`;
    let unusual = 0;

    async function look(chat: Chat | undefined): Promise<void> {
      const held = chat ?? active[0];
      const heldUntil = held && quietUntil(now, held);
      const findings = chat
        ? findInChat(chat, { activity, users, known, now })
        : findStrangers(active, { activity, now, wasRaised: wasRaised('activity:strangers') });
      for await (const { key, isRaised, text, detail } of findings) {
        signal.throwIfAborted();
        looked.add(identity(key, chat?.id));
        if (isRaised) unusual += 1;
        if (isRaised === wasRaised(key, chat?.id)) continue;
        const news = { key, text: await text(), heldUntil, ...(chat ? { chatId: chat.id } : {}) };
        await (isRaised ? alerts.raise({ ...news, detail }) : alerts.clear(news));
      }
    }

    for (const chat of active) await look(chat);
    await look(undefined);
    await alerts.forget(known.filter(({ name, chatId }) => !looked.has(identity(name, chatId))).map(({ key }) => key));
    await alerts.prune(new Date(now.getTime() - KEPT_MS));
    return {
      outcome: 'done',
      words: unusual === 0 ? 'nothing unusual' : `${unusual} unusual`,
      figures: { chats: active.length, unusual },
    };
  };
}
