import { join } from 'node:path';
import { Api } from 'grammy';
import { createPictureCache } from './charts/picture-cache.ts';
import { createPictureRenderer, type PictureRenderer } from './charts/picture-renderer.ts';
import { addJob, addToBatch } from './db/add-job.ts';
import type { Database, Executor } from './db/client.ts';
import { readServerName } from './db/server-name.ts';
import type { DatabaseTarget } from './db/target.ts';
import { createActivityRepository } from './interactions/activity-repository.ts';
import { createDecisionFiguresRepository } from './interactions/decision-figures-repository.ts';
import { createDecisionTimesRepository } from './interactions/decision-times-repository.ts';
import { createEditFigures } from './interactions/edit-figures.ts';
import { createFiguresReader } from './interactions/figures.ts';
import { createFiguresMessages } from './interactions/figures-messages.ts';
import { exportInteractions } from './interactions/interaction-export.ts';
import { createInteractionRepository } from './interactions/interaction-repository.ts';
import { createInteractionService } from './interactions/interaction-service.ts';
import { recordBotResponses } from './interactions/record-bot-responses.ts';
import { createFreshPersonalize } from './item-interactions/chat-exports.ts';
import { createExportJob, EXPORT_ATTEMPTS, EXPORT_TASK, type ExportPayload } from './item-interactions/export-job.ts';
import { createImportService } from './item-interactions/import-service.ts';
import { createItemInteractionRepository } from './item-interactions/item-interaction-repository.ts';
import { createNightlyImportJob } from './item-interactions/nightly-import-job.ts';
import { createReactionRepository } from './item-interactions/reaction-repository.ts';
import { createUpvoteRepository } from './item-interactions/upvote-repository.ts';
import { createWeeklyExportJob } from './item-interactions/weekly-export-job.ts';
import { createBackground } from './lib/background.ts';
import type { Clock } from './lib/clock.ts';
import { createCounters } from './lib/counters.ts';
import { EXPORTS_FOLDER } from './lib/export-name.ts';
import type { Logger } from './lib/logger.ts';
import type { ObjectStorage } from './lib/object-storage-client.ts';
import { parseMix } from './media/category-mix.ts';
import { createCategoryMixRepository } from './media/category-mix-repository.ts';
import { createIntakeService } from './media/intake-service.ts';
import { createMediaRepository } from './media/media-repository.ts';

import { createAdminNotices } from './operations/admin-notices.ts';
import { createAlerts } from './operations/alerts.ts';
import { createAlertRepository } from './operations/alerts-repository.ts';
import { createClockRunJob } from './operations/clock-run-job.ts';
import { createClockCheck } from './operations/clock-sanity.ts';
import { createClockTick } from './operations/clock-tick.ts';
import { createIsDatabaseAway } from './operations/database-away.ts';
import { createDatabaseWatch } from './operations/database-watch.ts';
import { createDiskSpace, readSpace, type Space } from './operations/disk-space.ts';
import { createDowntime } from './operations/downtime.ts';
import { createJobListRepository } from './operations/job-list-repository.ts';
import type { JobPart } from './operations/job-parts.ts';
import { createJobPauseRepository } from './operations/job-pause-repository.ts';
import { createJobRunRepository, RUN_CLOCK_JOB_TASK } from './operations/job-run-repository.ts';
import { createJobsService } from './operations/jobs-service.ts';
import { createPruneJobRuns } from './operations/prune-job-runs.ts';
import { createReachWatch } from './operations/reach-watch.ts';
import { createTellAdmins } from './operations/tell-admins.ts';
import { createTellOfBug } from './operations/tell-of-bug.ts';
import { createUnusualActivityJob } from './operations/unusual-activity-job.ts';
import { createUnusualActivityRepository } from './operations/unusual-activity-repository.ts';
import { createWatchJobs } from './operations/watch-jobs.ts';
import { createApproveAllRepository } from './queue/approve-all-repository.ts';
import { createCardDetailsRepository } from './queue/card-details-repository.ts';
import { createCardRenderer } from './queue/card-renderer.ts';
import { createCardRepository } from './queue/card-repository.ts';
import { exportDecisions } from './queue/decision-export.ts';
import { createDecisionRepository } from './queue/decision-repository.ts';
import { createDecisionService } from './queue/decision-service.ts';
import { createDeliveryRepository } from './queue/delivery-repository.ts';
import { createDeliveryService } from './queue/delivery-service.ts';
import { type AlbumEntry, createGatherAlbumJob, GATHER_ALBUM_TASK } from './queue/gather-album-job.ts';
import { createHistoryRepository } from './queue/history-repository.ts';
import { createKeepPlanJob } from './queue/keep-plan-job.ts';
import { createLocksRepository } from './queue/locks-repository.ts';
import { createMediaChoice } from './queue/media-choice-repository.ts';
import { createMediumService } from './queue/medium-service.ts';
import { createPauseRepository } from './queue/pause-repository.ts';
import { createPauseService } from './queue/pause-service.ts';
import { createPauseSwitch } from './queue/pause-switch.ts';
import { createPlanRepository, reslotIn } from './queue/plan-repository.ts';
import { createPoolRepository } from './queue/pool-repository.ts';
import { createPoolService } from './queue/pool-service.ts';
import { createQueueRepository } from './queue/queue-repository.ts';
import { createResetRepository } from './queue/reset-repository.ts';
import { type AlbumPayload, createTakeInJob, TAKE_IN_TASK, type TakeInPayload } from './queue/take-in-job.ts';
import { createWaitingJob } from './queue/waiting-job.ts';
import { createWaitingRepository } from './queue/waiting-repository.ts';
import { createReportDelivery } from './reports/report-delivery.ts';
import { createReportDeliveryRepository } from './reports/report-delivery-repository.ts';
import { createReportFiguresRepository } from './reports/report-figures-repository.ts';
import { createTeamReports } from './reports/report-list.ts';
import { createReportReader } from './reports/report-reader.ts';
import { createReportSender } from './reports/report-sender.ts';
import { createTeamReportJob } from './reports/team-report-job.ts';
import { clockJobEntries, clockTimings } from './schedule.ts';
import { createChatRepository } from './settings/chat-repository.ts';
import { createSettingsConversation } from './settings/settings-conversation.ts';
import { createSettingsMenu } from './settings/settings-menu.ts';
import { createSettingsRepository } from './settings/settings-repository.ts';
import { createSettingsService } from './settings/settings-service.ts';
import { createAnswerTap } from './telegram/answer-tap.ts';
import { createBotApiFetch } from './telegram/bot-api-fetch.ts';
import type { InteractionDraft } from './telegram/bot-context.ts';
import { type CallLimits, limitCalls } from './telegram/call-limits.ts';
import { createConversationRepository } from './telegram/conversation-repository.ts';
import { createFileClient } from './telegram/file-client.ts';
import { messageKey } from './telegram/name-answer.ts';
import type { Text } from './telegram/text.ts';
import { createChooseTeam } from './users/choose-team.ts';
import { createCommandMenus } from './users/command-menus.ts';
import { createForgetJobs } from './users/forget-jobs.ts';
import { createForgetRepository } from './users/forget-repository.ts';
import { createInvitationRepository } from './users/invitation-repository.ts';
import { createInvitationService } from './users/invitation-service.ts';
import { createMemberRepository } from './users/member-repository.ts';
import { createMemberService } from './users/member-service.ts';
import { createMembershipRepository } from './users/membership-repository.ts';
import { createMembershipService } from './users/membership-service.ts';
import { createMyDataJob, MY_DATA_TASK, type MyDataPayload } from './users/my-data-job.ts';
import { createPeople } from './users/people.ts';
import { createRoleRepository } from './users/role-repository.ts';
import { createTellPerson } from './users/tell-person.ts';
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
  /** Milliseconds that only go forwards; those of the process unless a test moves them. */
  monotonicMs?: () => number;
  logger: Logger;
  adminTelegramIds: readonly number[];
  teamChatId: number | undefined;
  adminChatId: number | undefined;
  timeZone: string;
  version: string;
  isEmbedded: boolean;
  /** How much room is left where DATA_DIR lies; asks about the working directory unless it is said. */
  readSpace?: () => Promise<Space>;
  /** Whether the machine's clock was set by the network; nobody can say unless it is said. */
  isClockSynchronised?: () => boolean | undefined;
  /** For exports: each reads one snapshot over a connection of its own. */
  target: DatabaseTarget;
  /** The folder of everything that is kept as files. */
  dataDir: string;
  /** Where files go that are too large for a chat, if anywhere. */
  objectStorage?: ObjectStorage;
  /** What draws pictures when it is not a process of our own. */
  pictureRenderer?: PictureRenderer;
  /** How long Telegram may leave calls without an answer, for tests. */
  callLimits?: CallLimits;
  /** How long to wait for more parts of an album; Telegram sends them within a second. */
  albumPauseMs?: number;
};

const ALBUM_PAUSE_MS = 1_500;
/** Fifty megabytes in this time need 1.4 Mbit/s upwards. */
const UPLOAD_TIMEOUT_SECONDS = 300;

export type Services = ReturnType<typeof createServices>;

/** Builds every repository and service once, by hand, in reading order. Opens nothing and starts nothing. */
export function createServices(ground: Ground) {
  const { database, reports, api, clock, logger, timeZone, version } = ground;
  const monotonicMs = ground.monotonicMs ?? (() => performance.now());
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
  const tellPerson = createTellPerson({ api, logger });
  const members = createMemberRepository(database);
  const memberService = createMemberService({
    roles: createRoleRepository(database),
    members,
    people,
    chats,
    menus,
    tellPerson,
    background,
    adminTelegramIds: ground.adminTelegramIds,
    logger,
  });
  const chooseTeam = createChooseTeam({ memberships });
  const alertRows = createAlertRepository(database);
  const notices = createAdminNotices({
    api,
    users,
    chats,
    alerts: alertRows,
    adminChatId: ground.adminChatId,
    clock,
    monotonicMs,
    logger,
  });
  const alerts = createAlerts({ alerts: alertRows, notices, timeZone, clock, logger });
  const tellAdmins = createTellAdmins({ notices });

  const activity = createActivityRepository(reports);
  const interactions = createInteractionService({ interactions: createInteractionRepository(database), activity });
  const decisionFigures = createDecisionFiguresRepository(reports);
  const decisionTimes = createDecisionTimesRepository(reports);
  const figures = createFiguresReader({
    interactions,
    decisionTimes,
    decisionFigures,
    users,
    chats,
    defaultTimeZone: timeZone,
  });
  const pictureRenderer = ground.pictureRenderer ?? createPictureRenderer();
  const pictures = createPictureCache({ renderer: pictureRenderer, clock, logger });
  const figuresMessages = createFiguresMessages({ pictures, api, logger });
  const botResponses = recordBotResponses({ interactions, clock, logger });
  const conversations = createConversationRepository(database);

  const categoryMix = createCategoryMixRepository(database);
  const mix = { ...categoryMix, parse: parseMix };
  const settingsRepository = createSettingsRepository(database, { record: interactions.log, reslot: reslotIn });
  const settings = createSettingsService({ settings: settingsRepository, chats, mix });
  const settingsMenu = createSettingsMenu({ chats, settings: settingsRepository, mix, users, memberships });
  const settingsConversation = createSettingsConversation({ settingsMenu, settings });

  const reportReader = createReportReader({
    activity,
    decisionTimes,
    decisionFigures,
    reportFigures: createReportFiguresRepository(reports),
    users,
    chats,
    defaultTimeZone: timeZone,
  });
  const reportDelivery = createReportDelivery({
    deliveries: createReportDeliveryRepository(database),
    sender: createReportSender({ api }),
    pictures,
    chats,
    settings,
    alerts,
    clock,
    monotonicMs,
    logger,
  });
  const reportJob = { reportReader, reportDelivery, chats };

  const media = createMediaRepository(database);
  const files = createFileClient({ api, apiRoot: ground.apiRoot, token: ground.token });
  const intake = createIntakeService({ media, files });

  const uploads = new Api(ground.token, {
    apiRoot: ground.apiRoot,
    timeoutSeconds: UPLOAD_TIMEOUT_SECONDS,
    fetch: createBotApiFetch(),
  });
  uploads.config.use(botResponses.transformer);

  const queue = createQueueRepository(database);
  const cards = createCardRepository(database);
  const renderer = createCardRenderer({ cards, api, clock, monotonicMs, logger });
  const cardDetails = createCardDetailsRepository(database);
  const decisions = createDecisionService({ decisions: createDecisionRepository(database) });
  const approveAll = createApproveAllRepository(database);
  const history = createHistoryRepository(database);
  const locks = createLocksRepository(database);
  const delivery = createDeliveryService({
    deliveries: createDeliveryRepository(database, { record: interactions.log }),
    cards,
    chats,
    mediums: createMediumService({ media, api, uploads, logger }),
    tellAdmins,
    alerts,
    clock,
    monotonicMs,
    logger,
  });
  // As slow as it likes, and never in a tap's way.
  const itemInteractionImport = createImportService({ itemInteractions: createItemInteractionRepository(reports) });
  const pauses = createPauseService({ pauses: createPauseRepository(database), chats });
  const plan = createPlanRepository(database, { choose: createMediaChoice({ mix: categoryMix }) });
  const keepPlan = createKeepPlanJob({ plan, chats, clock, logger });
  const lookAfterWaiting = createWaitingJob({
    waiting: createWaitingRepository(database),
    renderer,
    api,
    clock,
    logger,
  });
  const pools = createPoolService({
    pools: createPoolRepository(database),
    mix: categoryMix,
    chats,
    api,
    clock,
    logger,
  });
  const disk = createDiskSpace({ read: ground.readSpace ?? (() => readSpace('.')), alerts });
  const databaseWatch = createDatabaseWatch({ ping: database.ping, alerts, clock });
  const watchReach = createReachWatch({ alerts, chats, users });
  const watchActivity = createUnusualActivityJob({
    activity: createUnusualActivityRepository(reports),
    alerts,
    chats,
    users,
  });
  const downtime = createDowntime({ database, chats, queue, api, clock, logger });
  const botId = Number.parseInt(ground.token, 10);
  const uploadKey = ({ chatId, messageId }: { chatId: number; messageId: number }) =>
    messageKey({ chat: { id: chatId }, message_id: messageId }, botId);
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
    answers: {
      begin: (message) => interactions.beginAnswer(uploadKey(message)),
      takeBack: (message) => interactions.takeAnswerBack(uploadKey(message)),
    },
    clock,
  });
  /** Adds a job together with the record of what caused it, so that a redelivered update finds the one and makes no other. */
  const addWithRecord = async <T>(draft: InteractionDraft | undefined, add: (executor: Executor) => Promise<T>) => {
    if (!draft) return add(database.db);
    const added = await database.db.transaction(async (tx) => {
      await interactions.log(draft, tx);
      return add(tx);
    });
    draft.isRecorded = true;
    return added;
  };
  const takeInLater = (payload: TakeInPayload | AlbumPayload, key: string, draft?: InteractionDraft) =>
    addWithRecord(draft, (executor) => addJob(executor, TAKE_IN_TASK, payload, { key }));
  const exportLater = (payload: ExportPayload, key: string, draft: InteractionDraft) =>
    addWithRecord(draft, (executor) =>
      addJob(executor, EXPORT_TASK, payload, { key, queue: 'exports', attempts: EXPORT_ATTEMPTS }),
    );
  const gatherAlbum = (entry: AlbumEntry, options: { key: string; delayMs: number }, draft?: InteractionDraft) =>
    addWithRecord(draft, (executor) => addToBatch(executor, GATHER_ALBUM_TASK, entry, options));

  const unrecordedApi = new Api(ground.token, { apiRoot: ground.apiRoot, fetch: createBotApiFetch() });
  unrecordedApi.config.use(limitCalls(ground.callLimits));
  const forgetting = createForgetRepository(database);
  const forgetJobs = createForgetJobs({
    // Whoever has many rows is forgotten for as long as a report may take.
    forgetting: createForgetRepository(reports),
    people,
    botResponses,
    unrecordedApi,
    tellAdmins,
    dataDir: ground.dataDir,
    objectStorage: ground.objectStorage,
    adminTelegramIds: ground.adminTelegramIds,
    clock,
    logger,
  });
  const forgetLater = (request: { userId: string; telegramUserId: number }, draft?: InteractionDraft) =>
    addWithRecord(draft, (executor) => forgetting.addJob({ ...request, by: 'themselves' }, executor));
  const sendMyDataLater = (payload: MyDataPayload, draft?: InteractionDraft) =>
    addWithRecord(draft, (executor) =>
      addJob(executor, MY_DATA_TASK, payload, { key: `${MY_DATA_TASK}:${payload.userId}` }),
    );

  const { target, objectStorage } = ground;
  const exportFolder = join(ground.dataDir, EXPORTS_FOLDER);
  const { isDiskTooFull } = disk;
  const exportJob = createExportJob({
    kinds: {
      personalize: {
        fileName: 'user_interactions_export',
        rowName: 'item interaction',
        write: createFreshPersonalize({ imports: itemInteractionImport }),
      },
      interactions: {
        fileName: 'interactions_export',
        rowName: 'interaction',
        write: async (where, { path, range }) => ({
          ...(await exportInteractions(where, { path, range, format: 'csv', isPseudonymised: false })),
          remarks: [],
        }),
      },
      decisions: {
        fileName: 'decisions_export',
        rowName: 'decision',
        write: async (where, request) => ({ ...(await exportDecisions(where, request)), remarks: [] }),
      },
    },
    target,
    folder: exportFolder,
    objectStorage,
    isDiskTooFull,
    api,
    uploads,
    monotonicMs,
    logger,
  });
  const dailyDigest = createTeamReportJob('daily', reportJob);
  const weeklyTeamReport = createTeamReportJob('weekly', reportJob);
  const jobRuns = createJobRunRepository(database);
  const jobList = createJobListRepository(database);
  const jobPauses = createJobPauseRepository(database);
  /** What `stats-job` and `export-job` run, one part after the other. */
  const statistics: JobPart[] = [];
  const exporters: JobPart[] = [
    { name: 'personalize', run: createWeeklyExportJob({ target, folder: exportFolder, isDiskTooFull, tellAdmins }) },
  ];
  const clockEntries = clockJobEntries({
    dailyDigest,
    weeklyTeamReport,
    watchActivity,
    disk,
    keepPlan,
    pools,
    pruneJobRuns: createPruneJobRuns({ timings: clockTimings(), runs: jobRuns }),
    nightlyImport: createNightlyImportJob({ imports: itemInteractionImport, tellAdmins }),
    statistics,
    exporters,
  });
  const clockRuns = createClockRunJob({ entries: clockEntries, runs: jobRuns, alerts, clock, monotonicMs, logger });
  const checkClock = createClockCheck({
    runs: jobRuns,
    isSynchronised: ground.isClockSynchronised ?? (() => undefined),
    clock,
    monotonicMs,
    logger,
  });
  const jobKeeping = { entries: clockEntries, runs: jobRuns, list: jobList, pauses: jobPauses, chats };

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
    tellPerson,
    members,
    memberService,
    chooseTeam,
    notices,
    alerts,
    disk,
    databaseWatch,
    watchReach,
    watchActivity,
    tellAlerts: async () => {
      await alerts.tellWaiting();
      await watchReach();
    },
    tellAdmins,
    forgetting,
    forgetLater,
    sendMyDataLater,
    interactions,
    figures,
    figuresMessages,
    editFigures: createEditFigures({ figuresMessages, background }),
    reportReader,
    /** What /report can send; later parts add theirs. */
    reports: createTeamReports({ reportReader, figuresMessages }),
    dailyDigest,
    weeklyTeamReport,
    clockRuns,
    clockTick: createClockTick({ ...jobKeeping, check: checkClock, clock, logger }),
    watchJobs: createWatchJobs({ ...jobKeeping, alerts, clock, monotonicMs }),
    jobsService: createJobsService(jobKeeping),
    pictureRenderer,
    botResponses,
    callLimits: limitCalls(ground.callLimits),
    conversations,
    isRecorded: interactions.isRecorded,
    categoryMix,
    settings,
    settingsMenu,
    settingsConversation,
    askForValue: settingsConversation.askForValue,
    pauses,
    pauseSwitch: createPauseSwitch({ pauses }),
    media,
    queue,
    cards,
    cardDetails,
    renderer,
    decisions,
    approveAll,
    history,
    upvotes: createUpvoteRepository(database),
    reactions: createReactionRepository(database),
    itemInteractionImport,
    locks,
    delivery,
    plan,
    keepPlan,
    resets: createResetRepository(database),
    lookAfterWaiting,
    pools,
    downtime,
    takeIn,
    takeInLater,
    exportLater,
    interruptExports: exportJob.interrupt,
    gatherAlbum,
    albumPauseMs: ground.albumPauseMs ?? ALBUM_PAUSE_MS,
    /** Durable jobs by name, for the job worker. */
    jobs: {
      [TAKE_IN_TASK]: takeIn,
      [GATHER_ALBUM_TASK]: createGatherAlbumJob({ takeInAlbumLater: takeInLater }),
      [RUN_CLOCK_JOB_TASK]: clockRuns.job,
      [EXPORT_TASK]: exportJob.job,
      [MY_DATA_TASK]: createMyDataJob({ target: ground.target, api, uploads, clock }),
      ...forgetJobs,
    },
    tellOfBug: createTellOfBug({ tellAdmins, background }),
    isDatabaseAway: createIsDatabaseAway({ pingDatabase: database.ping }),
    databaseName: () => readServerName(database, ground.isEmbedded),
    startedAt: clock.now(),
    version,
    defaultTimeZone: timeZone,
    timeZone,
    configuredTeamChatId: ground.teamChatId,
  };
}
