import { Bot, type BotConfig } from 'grammy';
import { recordInteraction } from './interactions/record-interaction.ts';
import { statsHandlers } from './interactions/stats-handlers.ts';
import { exportHandlers } from './item-interactions/export-handlers.ts';
import { reactionHandlers } from './item-interactions/reaction-handlers.ts';
import { upvoteHandlers } from './item-interactions/upvote-handlers.ts';
import { adminChatHandlers } from './operations/admin-chat-handlers.ts';
import { errorBoundary } from './operations/error-boundary.ts';
import { jobsHandlers } from './operations/jobs-handlers.ts';
import { statusHandlers } from './operations/status-handlers.ts';
import { approveAllHandlers } from './queue/approve-all-handlers.ts';
import { cardHandlers } from './queue/card-handlers.ts';
import { historyHandlers } from './queue/history-handlers.ts';
import { locksHandlers } from './queue/locks-handlers.ts';
import { nextHandlers } from './queue/next-handlers.ts';
import { pauseHandlers } from './queue/pause-handlers.ts';
import { queueHandlers } from './queue/queue-handlers.ts';
import { rejectReasonHandlers } from './queue/reject-reason-handlers.ts';
import { resetHandlers } from './queue/reset-handlers.ts';
import { scheduleHandlers } from './queue/schedule-handlers.ts';
import { uploadHandlers } from './queue/upload-handlers.ts';
import { reportHandlers } from './reports/report-handlers.ts';
import { reportViewHandlers } from './reports/report-view-handlers.ts';
import type { Services } from './services.ts';
import { SETTINGS_TOPIC } from './settings/settings-conversation.ts';
import { settingsHandlers } from './settings/settings-handlers.ts';
import type { BotContext } from './telegram/bot-context.ts';
import { didNotUnderstand } from './telegram/did-not-understand.ts';
import { openQuestions } from './telegram/open-questions.ts';
import { receive } from './telegram/receive.ts';
import type { UpdateGate } from './telegram/update-gate.ts';
import { checkAccess } from './users/check-access.ts';
import { identifyUser } from './users/identify-user.ts';
import { inviteHandlers } from './users/invite-handlers.ts';
import { memberHandlers } from './users/member-handlers.ts';
import { membershipHandlers } from './users/membership-handlers.ts';
import { lateForgetTaps, privacyHandlers } from './users/privacy-handlers.ts';
import { redeemInvitation } from './users/redeem-invitation.ts';
import { refuseStrangers } from './users/refuse-strangers.ts';
import { startHandlers } from './users/start-handlers.ts';

/**
 * What an update passes through, in order. Who comes and goes is followed before access is checked, because it decides
 * it; refusals come after the recording, so that refused updates are rows like all others. Invitations are used before
 * them: they let strangers in; so are the rights that everybody has over their own data. Answers to questions come before the features, which would not know what a bare "5" is.
 * An update that the database could not take is thrown out of `bot.start()`: it stays queued at Telegram.
 */
export function createBot(
  token: string,
  config: BotConfig<BotContext>,
  services: Services & { gate: UpdateGate },
): Bot<BotContext> {
  const bot = new Bot<BotContext>(token, config);
  const privacy = privacyHandlers(services);

  bot.api.config.use(services.callLimits, services.botResponses.transformer);

  bot.use(services.gate.middleware);
  bot.use(receive(services));
  bot.use(errorBoundary(services));
  bot.use(lateForgetTaps(services));
  bot.use(identifyUser(services));
  bot.use(adminChatHandlers(services));
  bot.use(membershipHandlers(services));
  bot.use(checkAccess(services));
  bot.use(recordInteraction(services));
  bot.use(redeemInvitation(services));
  bot.filter((ctx) => ctx.access.level === 'none', privacy);
  bot.use(refuseStrangers());
  bot.use(openQuestions({ ...services, topics: [SETTINGS_TOPIC] }));

  bot.use(services.settingsConversation.handlers);
  bot.use(cardHandlers(services));
  bot.use(upvoteHandlers(services));
  bot.use(reactionHandlers(services));
  bot.use(rejectReasonHandlers(services));
  bot.use(approveAllHandlers(services));
  bot.use(nextHandlers(services));
  bot.use(queueHandlers(services));
  bot.use(scheduleHandlers(services));
  bot.use(pauseHandlers(services));
  bot.use(resetHandlers(services));
  bot.use(historyHandlers(services));
  bot.use(locksHandlers(services));
  bot.use(uploadHandlers(services));
  bot.use(statsHandlers(services));
  bot.use(reportHandlers(services));
  bot.use(reportViewHandlers(services));
  bot.use(exportHandlers(services));
  bot.use(inviteHandlers(services));
  bot.use(memberHandlers(services));
  bot.use(privacy);
  bot.use(statusHandlers(services));
  bot.use(jobsHandlers(services));
  bot.use(settingsHandlers(services));
  bot.use(startHandlers(services));

  bot.use(didNotUnderstand());

  bot.catch((failure) => {
    throw failure.error;
  });
  return bot;
}

/** The kinds of update that Telegram is asked for; `chat_member` and `message_reaction` come only when they are named. */
export const ALLOWED_UPDATES = [
  'message',
  'callback_query',
  'my_chat_member',
  'chat_member',
  'message_reaction',
] as const;
