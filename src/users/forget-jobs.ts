import { basename, join } from 'node:path';
import type { Api } from 'grammy';
import { z } from 'zod';
import type { Job } from '../db/job-worker.ts';
import type { Clock } from '../lib/clock.ts';
import { EXPORTS_FOLDER, EXPORTS_PREFIX } from '../lib/export-name.ts';
import type { Logger } from '../lib/logger.ts';
import type { ObjectStorage } from '../lib/object-storage-client.ts';
import { classifyTelegramError } from '../telegram/telegram-errors.ts';
import type { Text } from '../telegram/text.ts';
import { removeExports, writeDeletionFile } from './deletion-files.ts';
import type { ForgetRepository, ForgetRequest } from './forget-repository.ts';
import { EMPTY_BUCKET_TASK, FINISH_FORGETTING_TASK, FORGET_TASK, RENAME_CARDS_TASK } from './forget-statements.ts';
import type { People } from './people.ts';
import { adminsChecklist, FILES_REMAIN, FORGET_FAILED, goodbyeMessage, ONLY_ADMIN } from './privacy-messages.ts';

const forgetPayload = z.object({
  userId: z.string(),
  by: z.enum(['themselves', 'operator']),
  telegramUserId: z.number().nullable(),
});
const finishPayload = z.object({
  userId: z.string(),
  at: z.iso.datetime().transform((at) => new Date(at)),
  telegramUserId: z.number().nullable(),
  former: z.object({ id: z.string(), name: z.string() }).nullable(),
  deleted: z.number(),
  kept: z.number(),
  personalizeIds: z.array(z.string()),
});
type FinishPayload = z.infer<typeof finishPayload>;
const renamePayload = z.object({ former: z.string(), before: z.string() });

/** Cards at a time: a group takes about twenty messages a minute, and new cards need their share. */
const CARDS_AT_ONCE = 15;

/**
 * The durable jobs of /forget. The database forgets in one transaction, which adds the job for everything outside of it;
 * each may be killed anywhere and is done again, to the same end.
 */
export function createForgetJobs(dependencies: {
  forgetting: ForgetRepository;
  people: Pick<People, 'forget'>;
  botResponses: { flush(): Promise<void> };
  /** Whose messages are not recorded: the last words to a person are about them. */
  unrecordedApi: Pick<Api, 'sendMessage'>;
  tellAdmins: (sentence: string) => Promise<void>;
  dataDir: string;
  objectStorage: ObjectStorage | undefined;
  adminTelegramIds: readonly number[];
  clock: Clock;
  logger: Logger;
}): Readonly<Record<string, Job>> {
  const { forgetting, people, botResponses, unrecordedApi, tellAdmins, objectStorage, clock, logger } = dependencies;
  const folder = join(dependencies.dataDir, EXPORTS_FOLDER);

  async function tell(telegramUserId: number | null, text: Text, { isLast } = { isLast: true }): Promise<void> {
    if (telegramUserId === null) return;
    try {
      await unrecordedApi.sendMessage(telegramUserId, text.text, { entities: text.entities });
    } catch (error) {
      const failure = classifyTelegramError(error);
      if (!failure || (failure.kind === 'wait' && !isLast)) throw error;
      // Without a name or a number: there is nobody any more whom a log may name.
      logger.warn({ failure: failure.kind }, 'somebody could not be told about their /forget');
    }
  }

  const forget: Job = async (payload, { isLast }) => {
    const { telegramUserId, ...request } = forgetPayload.parse(payload);
    try {
      await forgetPerson(request, telegramUserId);
    } catch (error) {
      if (isLast) await tell(telegramUserId, FORGET_FAILED);
      throw error;
    }
  };

  async function forgetPerson(request: ForgetRequest, telegramUserId: number | null): Promise<void> {
    // What the bot said to them waits to be recorded; recorded later it would outlive them.
    await botResponses.flush();
    if (telegramUserId !== null) people.forget(telegramUserId);
    const result = await forgetting.forget(request, clock.now());
    if (telegramUserId !== null) people.forget(telegramUserId);
    if (result.kind === 'only_admin') await tell(telegramUserId, ONLY_ADMIN);
    if (result.kind === 'forgotten') logger.info({ by: request.by }, 'a person was forgotten');
  }

  /** In the folder of exports: the file for AWS is there, and no other. */
  async function clearFiles({ userId, at, former, personalizeIds }: FinishPayload) {
    const mark = former?.id.slice(-4) ?? userId.slice(-4);
    const isKnown = personalizeIds.length > 0;
    const file = isKnown ? await writeDeletionFile(folder, { ids: personalizeIds, mark, at }) : undefined;
    return { deletionFile: file && basename(file), removed: await removeExports(folder) };
  }

  const finish: Job = async (payload, { isLast }) => {
    const forgotten = finishPayload.parse(payload);
    const { telegramUserId, former } = forgotten;
    const files = await clearFiles(forgotten).catch(async (error: unknown) => {
      if (!isLast) throw error;
      // A disk that takes nothing for half a day. The job ends here all the same, since it holds the person's ids.
      logger.error({ err: error }, 'the exports that a forgotten person is in could not be deleted');
      await tellAdmins(FILES_REMAIN);
      return { deletionFile: undefined, removed: 0 };
    });
    if (objectStorage) await forgetting.emptyBucketLater();
    if (former) await renameCards(former.id, null);
    const isConfiguredAdmin = telegramUserId !== null && dependencies.adminTelegramIds.includes(telegramUserId);
    await tell(telegramUserId, goodbyeMessage({ ...forgotten, isConfiguredAdmin }), { isLast });
    if (former || files.deletionFile !== undefined || files.removed > 0)
      await tellAdmins(adminsChecklist({ former: former?.name, ...files, isConfiguredAdmin }));
    await botResponses.flush();
    await forgetting.sweepUp(forgotten);
  };

  async function renameCards(former: string, before: string | null): Promise<void> {
    const last = await forgetting.renameCards({ former, before, limit: CARDS_AT_ONCE });
    if (last !== undefined) await forgetting.renameMoreLater({ former, before: last });
  }

  return {
    [FORGET_TASK]: forget,
    [FINISH_FORGETTING_TASK]: finish,
    [RENAME_CARDS_TASK]: async (payload) => {
      const { former, before } = renamePayload.parse(payload);
      await renameCards(former, before);
    },
    [EMPTY_BUCKET_TASK]: async (_payload, { isLast }) => {
      if (!objectStorage) return;
      try {
        await objectStorage.remove(await objectStorage.keys(EXPORTS_PREFIX));
      } catch (error) {
        if (isLast) {
          await tellAdmins(
            `Somebody was forgotten, but the exports in the bucket could not be deleted. Delete everything below ${EXPORTS_PREFIX} there by hand.`,
          );
        }
        throw error;
      }
    },
  };
}
