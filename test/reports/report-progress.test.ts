import { setTimeout as wait } from 'node:timers/promises';
import { GrammyError } from 'grammy';
import { expect, test } from 'vitest';
import { withProgress } from '../../src/reports/report-progress.ts';

type Call = [method: string, ...more: unknown[]];

/** Telegram as far as progress needs it; `refuses`: it takes none of the signs. */
function chat({ refuses = false } = {}) {
  const calls: Call[] = [];
  const take = async <T>(call: Call, result: T): Promise<T> => {
    calls.push(call);
    if (refuses) throw new GrammyError('no', { ok: false, error_code: 400, description: 'no' }, String(call[0]), {});
    return result;
  };
  const api = {
    sendChatAction: (id: number, action: string) => take(['action', id, action], true as const),
    sendMessage: (id: number, text: string, more: unknown) => take(['send', id, text, more], { message_id: 5 }),
    deleteMessage: (id: number, messageId: number) => take(['delete', id, messageId], true as const),
  };
  return { calls, api: api as unknown as Parameters<typeof withProgress>[0] };
}

test('what is quick shows that the bot is at it, and says nothing', async () => {
  const { api, calls } = chat();
  expect(await withProgress(api, { chatId: 1 }, async () => 'done', { slowAfterMs: 1_000 })).toBe('done');
  expect(calls).toEqual([['action', 1, 'upload_photo']]);
});

test('what is slow is announced in its topic by a line that goes when it is done', async () => {
  const { api, calls } = chat();
  const finish = Promise.withResolvers<void>();
  const work = withProgress(api, { chatId: 1, topicId: 7 }, () => finish.promise, { slowAfterMs: 1 });
  while (calls.length < 2) await wait(1);
  finish.resolve();
  await work;
  expect(calls.slice(1)).toEqual([
    ['send', 1, '⏳ Still reading the figures. The report comes by itself.', { message_thread_id: 7 }],
    ['delete', 1, 5],
  ]);
});

test('a failure is thrown, and the line goes all the same; signs that Telegram refuses are none', async () => {
  const { api, calls } = chat();
  const fail = Promise.withResolvers<void>();
  const work = withProgress(api, { chatId: 1 }, () => fail.promise, { slowAfterMs: 1 });
  while (calls.length < 2) await wait(1);
  fail.reject(new Error('no figures'));
  await expect(work).rejects.toThrow('no figures');
  expect(calls.at(-1)).toEqual(['delete', 1, 5]);
  const refusing = chat({ refuses: true });
  expect(await withProgress(refusing.api, { chatId: 1 }, () => wait(20, 'done'), { slowAfterMs: 1 })).toBe('done');
});
