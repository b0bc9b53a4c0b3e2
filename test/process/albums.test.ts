import { expect, test, vi } from 'vitest';
import { picture } from '../support/picture.ts';
import { startProcessTeam } from '../support/process-team.ts';
import { until } from '../support/until.ts';

// Processes start slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const WAITING = `select job.payload from graphile_worker._private_jobs job
  join graphile_worker._private_tasks task on task.id = job.task_id
  where task.identifier = 'gather-album' and json_array_length(job.payload) = 4`;
const PLAN = `select m.file_name from queue_items q join media_items m on m.id = q.media_item_id order by q.scheduled_for`;

test('an album is taken in when a moment has passed without a further part', async () => {
  const team = await startProcessTeam();
  const { bob, telegram } = team;
  await team.start();
  const [first] = [1, 2, 3].map((number) =>
    bob.sendMedia(bob.privateChat, { kind: 'photo', bytes: picture(number), mediaGroupId: 'album' }),
  );
  const isAnswer = ({ reply_to_message: to }: { reply_to_message?: { message_id: number } }) =>
    to !== undefined && to.message_id === first?.message_id;
  const answer = await telegram.waitForMessage(bob.privateChat, isAnswer, { timeoutMs: 20_000 });
  expect(answer.text).toMatch(/^✅ Added 3 pictures\n/);
});

test('an album whose process is killed after its parts have come is taken in by the next one, once', async () => {
  const team = await startProcessTeam();
  const { bob, telegram } = team;
  const bot = await team.start();
  // The parts are not confirmed either, and come again: the hardest case.
  telegram.arm('getUpdates', { cut: 'before' }, { times: 3 });
  for (const number of [1, 2, 3, 4]) {
    const fileName = `${number}.jpg`;
    bob.sendMedia(bob.privateChat, { kind: 'document', bytes: picture(number), fileName, mediaGroupId: 'album' });
  }
  await until(() => team.rows(WAITING));
  bot.kill('SIGKILL');
  await bot.ended();
  expect(await team.rows('select id from media_items')).toEqual([]);

  await team.start();
  await telegram.waitForMessage(bob.privateChat, ({ from }) => from?.is_bot === true, { timeoutMs: 20_000 });
  await telegram.idle({ timeoutMs: 20_000 });
  await until(async () => ((await team.rows('select id from graphile_worker.jobs')).length === 0 ? [true] : []));
  expect((await team.rows(PLAN)).map(({ file_name }) => file_name)).toEqual(['1.jpg', '2.jpg', '3.jpg', '4.jpg']);
  const answers = telegram.messages(bob.privateChat).filter(({ from }) => from?.is_bot);
  expect(answers.map(({ text }) => text?.split('\n')[0])).toEqual(['✅ Added 4 documents']);
  expect(
    await team.rows(`select interaction_name from user_interactions where interaction_type = 'message'`),
  ).toHaveLength(4);
});
