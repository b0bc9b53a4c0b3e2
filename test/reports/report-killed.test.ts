import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { reportDeliveries } from '../../src/db/schema/index.ts';
import { startProcess } from '../support/bot-process.ts';
import { type ProcessTeam, startProcessTeam } from '../support/process-team.ts';
import { addCard, HOUR, NINE } from './report-team.ts';

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** Longer than any test: the call hangs until the process that made it is gone. */
const HANGS = { delayMs: 600_000 };

/** Runs the daily report of the group in a process of its own. */
function run({ telegram, test: { url }, group }: ProcessTeam, now: Date) {
  const env = {
    DATABASE_URL: url,
    API_ROOT: telegram.apiRoot,
    TOKEN: telegram.token,
    CHAT_ID: String(group.id),
    SLOT: NINE.toISOString(),
    NOW: now.toISOString(),
  };
  return startProcess(process.execPath, [join(import.meta.dirname, 'report-child.ts')], { env });
}

test('C09: killed in the middle of a report, the next run sends it once, with a label', async () => {
  const team = await startProcessTeam();
  const { telegram, group, test: database } = team;
  const { db } = database;
  await db.execute(`insert into chats (id, title, time_zone) values (${group.id}, 'Team', 'Europe/Berlin')`);
  await addCard(db, { chatId: group.id, sentAt: new Date(NINE.getTime() - 20 * HOUR), decision: 'posted' });
  const isSending = team.meet('sendMessage', HANGS);
  const first = run(team, NINE);
  await isSending;
  first.kill('SIGKILL');
  await first.ended();
  expect(await db.select().from(reportDeliveries)).toMatchObject([{ state: 'sending', attempts: 1 }]);

  const second = run(team, new Date(NINE.getTime() + 60_000));
  expect(await second.ended()).toMatchObject({ code: 0 });
  expect(second.stdout()).toContain('"outcome":"done"');
  const texts = telegram.messages(group).flatMap(({ text, from }) => (from?.is_bot && text ? [text] : []));
  expect(texts).toEqual([
    expect.stringMatching(
      /^🔁 Repeat of the 09:00 report: .*\n🕰 Report of 09:00, sent 09:01 because I was away\.\n\n📊/,
    ),
  ]);
  expect(await db.select().from(reportDeliveries)).toMatchObject([{ state: 'repeated', attempts: 2 }]);
});
