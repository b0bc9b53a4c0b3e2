import { Buffer } from 'node:buffer';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { asc, sql } from 'drizzle-orm';
import { Api } from 'grammy';
import type { Message } from 'grammy/types';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { upvotes, userInteractions, users } from '../../src/db/schema/index.ts';
import { type ChatExportKind, type ExportWriter, writePersonalize } from '../../src/item-interactions/chat-exports.ts';
import { createExportJob, type ExportPayload } from '../../src/item-interactions/export-job.ts';
import { parseExportRequest, rangeOf } from '../../src/item-interactions/export-request.ts';
import { createNightlyImportJob } from '../../src/item-interactions/nightly-import-job.ts';
import { createWeeklyExportJob, KEPT_EXPORTS } from '../../src/item-interactions/weekly-export-job.ts';
import { OutsideError, PersonError } from '../../src/lib/errors.ts';
import type { JobRun } from '../../src/lib/job-run.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { ObjectStorage } from '../../src/lib/object-storage-client.ts';
import { buttonsOf } from '../support/buttons.ts';
import { interactionLines } from '../support/rows.ts';
import { NOON, startTeam, type Team } from '../support/team.ts';

let team: Team;
beforeEach(async () => {
  team = await startTeam();
  team.alice.send(team.alice.privateChat, '/start');
  await team.settle();
});
afterEach(() => team.stop());

const files = () => readdirSync(join(team.dataDir, 'exports'), { recursive: true });
const textOf = (message: Message | undefined) => message?.text ?? message?.caption;
const privately = () => team.telegram.messages(team.alice.privateChat).filter(({ from }) => from?.is_bot);

/** The answer that is done: a file, or a message that waits for nothing any more. */
async function ask(text: string, chat: { id: number } = team.alice.privateChat) {
  const before = privately().length;
  team.alice.send(chat, text);
  await vi.waitFor(
    () => {
      const last = textOf(privately().slice(before)[0]);
      if (last === undefined || last.startsWith('⏳')) throw new Error('it is not done yet');
    },
    { timeout: 10_000, interval: 20 },
  );
  await team.settle();
  return privately().slice(before);
}

function contentOf(message: Message | undefined): { name: string | undefined; text: string } {
  const { document } = message ?? {};
  if (!document) throw new Error('there is no file');
  const stored = team.telegram.files.get(document.file_id);
  const bytes = stored && team.telegram.files.bytes(stored);
  return { name: document.file_name, text: Buffer.from(bytes ?? []).toString('utf8') };
}

/** So many upvotes of other people's, imported. */
async function addUpvotes(count: number): Promise<void> {
  await team.test.db.execute(sql`insert into item_interactions (external_user_id, item_id, event_type, occurred_at)
    select n::text, 'item-' || n, 'UPVOTE', ${NOON.toISOString()}::timestamptz - make_interval(days => n)
    from generate_series(1, ${count}) as n`);
}

describe('/export', () => {
  test('personalize sends the dataset as a file, with figures and what was left out below it', async () => {
    await addUpvotes(3);
    await team.test.db.execute(sql`insert into item_interactions (external_user_id, item_id, event_type, occurred_at)
      values ('9', 'no good id', 'UPVOTE', ${NOON.toISOString()}), ('9', 'item', 'SKIP', ${NOON.toISOString()})`);
    const [progress, file, ...more] = await ask('/export personalize');
    expect(progress?.text).toBe('✅ Export of personalize, everything: done.');
    expect(more).toEqual([]);
    expect(file?.caption).toBe(
      [
        '3 item interactions',
        'Everything until 2026-11-20 11:00 (UTC) · 118 bytes',
        'Event types: UPVOTE',
        'Types that are not in it: SKIP',
        'Skipped: 1 with an id that Personalize does not take (1 to 256 of A-Z a-z 0-9 _ . : -), such as “no good id”',
      ].join('\n'),
    );
    const { name, text } = contentOf(file);
    expect(name).toBe('user_interactions_export_20261120_110000.csv');
    expect(text.split('\n')).toEqual([
      'USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE',
      '3,item-3,1794913200,UPVOTE',
      '2,item-2,1794999600,UPVOTE',
      '1,item-1,1795086000,UPVOTE',
      '',
    ]);
    expect(files()).toEqual([]);
  });

  test('ids of other systems, however long, leave room for the figures under the file', async () => {
    await addUpvotes(1);
    await team.test.db.execute(sql`insert into item_interactions (external_user_id, item_id, event_type, occurred_at)
      select n::text, repeat('=,', 250) || n, 'UPVOTE', now() from generate_series(1, 9) as n`);
    const [, file] = await ask('/export personalize');
    expect(file?.caption).toMatch(
      /^1 item interaction\nEverything until .* · 64 bytes\nEvent types: UPVOTE\nSkipped: 9 with an id .*…$/,
    );
  });

  test('personalize takes in first what the chat has brought since the last night', async () => {
    await team.fill(1);
    const card = await team.nextCard();
    await team.dana.press(card, '👍');
    await team.settle();
    await team.bob.press(team.now(card), '✅');
    await team.settle();
    const [, file] = await ask('/export personalize');
    expect(file?.caption).toContain('Event types: UPVOTE, POSTED');
    expect(
      contentOf(file)
        .text.split('\n')
        .slice(1, -1)
        .map((line) => line.split(',').at(-1)),
    ).toEqual(['UPVOTE', 'POSTED']);
  });

  test('with days it takes whole UTC days up to now', async () => {
    await addUpvotes(3);
    const [, file] = await ask('/Export Personalize 3');
    expect(file?.caption).toContain('2 item interactions\n2026-11-18 to 2026-11-20 (UTC) · ');
    expect(rangeOf({ days: 1 }, NOON)).toEqual({ since: new Date('2026-11-20T00:00:00Z'), until: null });
    const [none] = await ask('/export personalize 1');
    expect(none?.text).toBe('There are no item interactions of today (UTC), so there is no file.');
  });

  test('interactions and decisions hold what the team did, in cells that are harmless in a spreadsheet', async () => {
    await team.test.db.update(users).set({ firstName: '=HYPERLINK("http://evil")' });
    await team.fill(1);
    const card = await team.nextCard();
    await team.bob.press(card, 'Skip');
    await team.settle();
    const [, interactions] = await ask('/export interactions 7');
    expect(contentOf(interactions)).toMatchObject({ name: 'interactions_export_20261120_110000.csv' });
    expect(contentOf(interactions).text).toContain(',callback,skip,');
    const [, decisions] = await ask('/export decisions');
    expect(decisions?.caption).toMatch(/^1 decision\nEverything until /);
    const [header, row] = contentOf(decisions).text.split('\n');
    expect(header).toBe(
      'decided_at,decision,user_id,person,username,item_id,file_name,category,reason,source,waited_ms,handling_ms,telegram_chat_id,queue_item_id,undone_at',
    );
    expect(row).toMatch(/^2026-11-20T11:00:00\.000000Z,skipped,[0-9a-f-]{36},Bob,bob,[0-9a-f-]{36},/);
    await team.test.db.update(users).set({ firstName: '=1+1', lastName: null });
    const [, hostile] = await ask('/export decisions');
    expect(contentOf(hostile).text).toContain(",'=1+1,bob,");
  });

  test('asked in the group it answers in private, with one line there', async () => {
    await addUpvotes(1);
    const [, file] = await ask('/export personalize', team.group);
    expect(file?.document).toBeDefined();
    expect(team.telegram.messages(team.group).map(textOf)).toEqual([
      '/export personalize',
      'I have sent you the answer in private.',
    ]);
  });

  test('without a word it asks what, with a button for each', async () => {
    await addUpvotes(1);
    team.alice.send(team.alice.privateChat, '/export');
    await team.settle();
    const question = privately().at(-1);
    if (!question) throw new Error('there was no answer');
    expect(question.text).toContain('What shall I export?');
    expect(buttonsOf(question)).toEqual([['personalize'], ['interactions'], ['decisions']]);
    expect(await team.alice.press(question, 'personalize')).toEqual({ text: 'The file comes into our private chat.' });
    await vi.waitFor(() => expect(privately().at(-1)?.document).toBeDefined(), { timeout: 10_000, interval: 20 });
    expect((await interactionLines(team.test.db)).slice(-2)).toEqual([
      'Alice /export noop',
      'Alice export:personalize done',
    ]);
  });

  test('is for admins, and a message that comes twice makes one file', async () => {
    await addUpvotes(1);
    team.bob.send(team.group, '/export decisions');
    await team.settle();
    expect(textOf(team.telegram.messages(team.group).at(-1))).toContain('This is for admins.');
    expect(await ask('/export personalize')).toHaveLength(2);
    const update = team.telegram.world.updates.newestOf(team.alice.id);
    if (!update) throw new Error('there was no message');
    const count = privately().length;
    team.telegram.redeliver(update);
    await team.settle();
    expect(privately()).toHaveLength(count);
    const rows = await team.test.db.select().from(userInteractions).orderBy(asc(userInteractions.id));
    expect(rows.filter(({ interactionName: name }) => name === '/export')).toHaveLength(2);
  });
});

describe('the job', () => {
  const kind = (write: ExportWriter): ChatExportKind => ({ fileName: 'things', rowName: 'thing', write });
  const ready: ExportWriter = async () => ({ path: '/there', rows: 1, bytes: 61_300_000, remarks: [] });

  async function run(
    write: ExportWriter,
    more: { storage?: ObjectStorage; isFull?: boolean; isLast?: boolean; isStopping?: boolean } = {},
  ) {
    const { telegram, alice, test: database, dataDir } = team;
    const api = new Api(telegram.token, { apiRoot: telegram.apiRoot });
    const progress = await api.sendMessage(alice.id, '⏳');
    const job = createExportJob({
      kinds: { personalize: kind(writePersonalize), interactions: kind(write), decisions: kind(write) },
      target: database.target,
      folder: join(dataDir, 'exports'),
      objectStorage: more.storage,
      isDiskTooFull: async () => more.isFull ?? false,
      api,
      uploads: api,
      monotonicMs: () => 0,
      logger: silentLogger(),
    });
    const payload: ExportPayload = {
      kind: 'interactions',
      days: null,
      askedAt: NOON.toISOString(),
      progress: { chatId: alice.id, messageId: progress.message_id },
    };
    if (more.isStopping) await job.interrupt();
    const failure = await job.job(payload, { isLast: more.isLast ?? false }).then(
      () => undefined,
      (error: unknown) => error,
    );
    const edits = telegram.calls('editMessageText').map(({ payload: sent }) => sent.text);
    return { failure, edits, said: privately().at(-1) };
  }

  test('tells how far it is in one message', async () => {
    const { edits } = await run(async ({ onRows }) => {
      onRows(120_000, 400_000);
      onRows(130_000, 400_000);
      return { path: undefined, rows: 0, bytes: 0, remarks: [] };
    });
    expect(edits).toEqual([
      '⏳ Export of interactions, everything: writing… 120,000 of 400,000 rows',
      'There are no things yet, so there is no file.',
    ]);
  });

  test('sends a link when the file is too large for a chat and there is a bucket', async () => {
    const uploaded: string[] = [];
    const storage: ObjectStorage = {
      upload: async ({ key, contentType }) => void uploaded.push(key, contentType),
      link: async (key, { seconds, fileName }) => `https://bucket.example.org/${key}?${seconds}&${fileName}`,
      keys: async () => [],
      remove: async () => {},
    };
    const { said, edits } = await run(ready, { storage });
    const name = 'things_20261120_110000.csv';
    expect(uploaded).toEqual([`exports/${name}`, 'text/csv; charset=utf-8']);
    expect(said?.text).toBe(
      `1 thing\nEverything until 2026-11-20 11:00 (UTC) · 61.3 MB\n⬇️ ${name}\nThe link works for 24 hours, for everybody who has it.`,
    );
    expect(said?.entities).toContainEqual(
      expect.objectContaining({
        type: 'text_link',
        url: `https://bucket.example.org/exports/${name}?86400&${name}`,
      }),
    );
    expect(edits.at(-1)).toBe('✅ Export of interactions, everything: done.');
  });

  test('says what to do when there is no bucket for it', async () => {
    const { edits, failure } = await run(ready);
    expect(failure).toBeUndefined();
    expect(edits).toEqual([
      '⚠️ The file has 61.3 MB, and bots may send 50 MB.\nAsk for fewer days, like /export interactions 7, or let the operator set AWS_STORAGE_BUCKET_NAME: then I send a link.',
    ]);
  });

  test('writes nothing when the disk is almost full', async () => {
    const { edits } = await run(ready, { isFull: true });
    expect(edits).toEqual(['⚠️ The disk is almost full, so I write no file now. Ask the operator to make room first.']);
    expect(readdirSync(team.dataDir)).toEqual([]);
  });

  test('what a stopping process leaves is begun anew by the next one, and told only when it stops too often', async () => {
    const write: ExportWriter = async ({ signal }) => {
      signal.throwIfAborted();
      return { path: undefined, rows: 0, bytes: 0, remarks: [] };
    };
    const stopped = await run(write, { isStopping: true });
    expect(stopped.failure).toEqual(new Error('the process stops'));
    expect(stopped.edits).toEqual([]);
    expect((await run(write)).edits).toEqual(['There are no things yet, so there is no file.']);
    const again = await run(write, { isStopping: true, isLast: true });
    expect(again.edits.at(-1)).toBe('⚠️ The export was interrupted too often. Please ask for it again.');
  });

  test('what cannot be is told at once, what may succeed later at the last attempt, and a file is never left', async () => {
    const wrong = await run(async () => {
      throw new PersonError('There is no folder.');
    });
    expect(wrong.failure).toBeUndefined();
    expect(wrong.edits).toEqual(['⚠️ There is no export: There is no folder.']);
    const away = async () => {
      throw new OutsideError('s3', 'The upload failed.', { retryable: true });
    };
    const first = await run(away);
    expect(first.failure).toBeInstanceOf(OutsideError);
    expect(first.edits).toHaveLength(1);
    const last = await run(away, { isLast: true });
    expect(last.edits.at(-1)).toBe('⚠️ There is no export: The upload failed.');
    expect(files()).toEqual([]);
  });
});

describe('by the clock', () => {
  const told: string[] = [];
  const tellAdmins = async (sentence: string) => void told.push(sentence);
  const runAt = (slot: Date): JobRun => ({
    job: 'job',
    slot,
    chatId: undefined,
    isLate: false,
    now: slot,
    signal: new AbortController().signal,
  });
  beforeEach(() => told.splice(0));

  test('the nightly import takes in what is new and tells the admins how much; twice it finds nothing', async () => {
    const { test: database, services } = team;
    await database.db
      .insert(upvotes)
      .values([
        { externalUserId: '7', itemId: 'a', createdAt: new Date('2020-01-01T00:00:00Z') },
        { externalUserId: '8', itemId: 'a' },
        { itemId: 'a' },
      ]);
    const job = createNightlyImportJob({ imports: services.itemInteractionImport, tellAdmins });
    expect(await job(runAt(NOON))).toEqual({
      outcome: 'done',
      words: '2 new of 3',
      figures: { processed: 3, created: 2, skipped: 1, removed: 0 },
    });
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(
      /^🌙 Item interactions: 2 new\.\nupvotes: 2 new\nupvotes: skipped 1 row without a person: /,
    );
    expect(await job(runAt(NOON))).toEqual({ outcome: 'skipped', words: 'Nothing new in 3 rows.' });
    expect(told).toHaveLength(1);
    await database.db.execute(sql`update upvotes set withdrawn_at = now() where external_user_id = '7'`);
    await job(runAt(NOON));
    expect(told[1]).toContain('🌙 Item interactions: 0 new, 1 removed (taken back since).');
    const stopped = new AbortController();
    stopped.abort(new Error('the process stops'));
    await expect(job({ ...runAt(NOON), signal: stopped.signal })).rejects.toThrow('the process stops');
  });

  test('the weekly export writes a file under the name of its slot and keeps the newest eight', async () => {
    const folder = join(team.dataDir, 'exports');
    const ground = { target: team.test.target, folder, tellAdmins };
    const job = createWeeklyExportJob({ ...ground, isDiskTooFull: async () => false });
    expect(await job(runAt(NOON))).toMatchObject({ outcome: 'skipped' });
    await addUpvotes(2);
    expect(await job(runAt(NOON))).toMatchObject({
      outcome: 'done',
      words: '2 rows',
      figures: { rows: 2, removed: 0 },
    });
    const file = join(folder, 'user_interactions_export_20261120_110000.csv');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(told).toEqual([
      `📦 Weekly export for Personalize: 2 item interactions, 91 bytes.\nEvent types: UPVOTE\nFile: ${file}`,
    ]);
    for (let week = 0; week <= KEPT_EXPORTS; week += 1) {
      await job(runAt(new Date(NOON.getTime() + week * 7 * 86_400_000)));
    }
    const kept = files();
    expect(kept).toHaveLength(KEPT_EXPORTS);
    expect(kept).not.toContain('user_interactions_export_20261120_110000.csv');
    const full = createWeeklyExportJob({ ...ground, isDiskTooFull: async () => true });
    expect(await full(runAt(NOON))).toEqual({ outcome: 'skipped', words: 'The disk is almost full.' });
  });
});

test('what can be asked of /export', () => {
  expect(parseExportRequest('')).toBeUndefined();
  expect(parseExportRequest('Decisions  30')).toEqual({ kind: 'decisions', days: 30 });
  expect(parseExportRequest('everything')).toBe(
    'I cannot export “everything”. What I can: personalize, interactions, decisions.',
  );
  for (const days of ['0', '-1', '3651', '1.5', 'x', '7 8']) {
    expect(parseExportRequest(`decisions ${days}`)).toBe(
      'Behind “decisions” goes a number of days from 1 to 3650, like /export decisions 30, or nothing for all.',
    );
  }
});
