import type { Api } from 'grammy';
import { addJob } from './db/add-job.ts';
import type { Database } from './db/client.ts';
import { readServerName } from './db/server-name.ts';
import { createActivityRepository } from './interactions/activity-repository.ts';
import { createInteractionRepository } from './interactions/interaction-repository.ts';
import { createInteractionService } from './interactions/interaction-service.ts';
import { recordBotResponses } from './interactions/record-bot-responses.ts';
import { createBackground } from './lib/background.ts';
import type { Clock } from './lib/clock.ts';
import { createCounters } from './lib/counters.ts';
import type { Logger } from './lib/logger.ts';
import { createIntakeService } from './media/intake-service.ts';
import { createMediaRepository } from './media/media-repository.ts';

import { createIsDatabaseAway } from './operations/database-away.ts';
import { createTellAdmins } from './operations/tell-admins.ts';
import { createCardRenderer } from './queue/card-renderer.ts';
import { createCardRepository } from './queue/card-repository.ts';
import { createDecisionRepository } from './queue/decision-repository.ts';
import { createDecisionService } from './queue/decision-service.ts';
import { createDeliveryRepository } from './queue/delivery-repository.ts';
import { createDeliveryService } from './queue/delivery-service.ts';
import { createQueueRepository } from './queue/queue-repository.ts';
import { createTakeInJob, TAKE_IN_TASK, type TakeInPayload } from './queue/take-in-job.ts';
import { createChatRepository } from './settings/chat-repository.ts';
import { createAnswerTap } from './telegram/answer-tap.ts';
import { createFileClient } from './telegram/file-client.ts';
import type { Text } from './telegram/text.ts';
import { createChooseTeam } from './users/choose-team.ts';
import { createCommandMenus } from './users/command-menus.ts';
import { createInvitationRepository } from './users/invitation-repository.ts';
import { createInvitationService } from './users/invitation-service.ts';
import { createMembershipRepository } from './users/membership-repository.ts';
import { createMembershipService } from './users/membership-service.ts';
import { createPeople } from './users/people.ts';
import { createUserRepository } from './users/user-repository.ts';

/** What the services need from outside. */
export type Ground = {
  /** For everything that a person waits for. */
  database: Database;
  /** For figures, which may take long and must not delay a tap. */
  reports: Database;
  api: Api;
  apiRoot: string;
  token: string;
  clock: Clock;
  logger: Logger;
  adminTelegramIds: readonly number[];
  teamChatId: number | undefined;
  adminChatId: number | undefined;
  timeZone: string;
  version: string;
  isEmbedded: boolean;
};

export type Services = ReturnType<typeof createServices>;

/** Builds every repository and service once, by hand, in reading order. Opens nothing and starts nothing. */
export function createServices(ground: Ground) {
  const { database, reports, api, clock, logger, timeZone, version } = ground;
  const counters = createCounters();
  const background = createBackground(logger);
  const answerTap = createAnswerTap({ logger, counters });

  const chats = createChatRepository(database);

  const users = createUserRepository(database);
  const people = createPeople({ users, adminTelegramIds: ground.adminTelegramIds });
  const memberships = createMembershipService({
    memberships: createMembershipRepository(database),
    users,
    people,
    chats,
    api,
  });
  const invitations = createInvitationService({ invitations: createInvitationRepository(database), users });
  const menus = createCommandMenus({ api, logger });
  const chooseTeam = createChooseTeam({ memberships });
  const tellAdmins = createTellAdmins({ api, users, chats, adminChatId: ground.adminChatId, logger });

  const interactions = createInteractionService({
    interactions: createInteractionRepository(database),
    activity: createActivityRepository(reports),
  });
  const botResponses = recordBotResponses({ interactions, clock, logger });

  const media = createMediaRepository(database);
  const files = createFileClient({ api, apiRoot: ground.apiRoot, token: ground.token });
  const intake = createIntakeService({ media, files });

  const queue = createQueueRepository(database);
  const cards = createCardRepository(database);
  const renderer = createCardRenderer({ cards, api, clock, logger });
  const decisions = createDecisionService({ decisions: createDecisionRepository(database) });
  const delivery = createDeliveryService({
    deliveries: createDeliveryRepository(database),
    cards,
    chats,
    api,
    tellAdmins,
    clock,
    logger,
  });
  const takeIn = createTakeInJob({
    intake,
    media,
    queue,
    chats,
    say: (chatId: number, text: Text, replyTo: number) =>
      api.sendMessage(chatId, text.text, {
        entities: text.entities,
        reply_parameters: { message_id: replyTo, allow_sending_without_reply: true },
      }),
    clock,
  });
  const takeInLater = (payload: TakeInPayload, key: string) => addJob(database.db, TAKE_IN_TASK, payload, { key });

  return {
    clock,
    logger,
    counters,
    background,
    answerTap,
    chats,
    users,
    people,
    memberships,
    invitations,
    menus,
    chooseTeam,
    tellAdmins,
    interactions,
    botResponses,
    media,
    queue,
    renderer,
    decisions,
    delivery,
    takeIn,
    takeInLater,
    isDatabaseAway: createIsDatabaseAway({ pingDatabase: database.ping }),
    databaseName: () => readServerName(database, ground.isEmbedded),
    startedAt: clock.now(),
    version,
    defaultTimeZone: timeZone,
    timeZone,
    configuredTeamChatId: ground.teamChatId,
  };
}
