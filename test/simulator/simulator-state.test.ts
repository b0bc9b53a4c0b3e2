import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { keepState } from '../../src/simulator/simulator-state.ts';
import { pngOf, startTelegram } from './cast.ts';

const onError = (error: unknown) => {
  throw error;
};

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'simulator-state-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test('a state is saved with its files and comes back', async () => {
  const folder = await emptyFolder();
  const { telegram, alice, team } = await startTelegram();
  const state = await keepState(telegram, folder, { onError });
  expect(state.restored).toBe(false);
  const photo = alice.sendMedia(alice.privateChat, { kind: 'photo', bytes: pngOf(640, 480), caption: 'poster' });
  await state.stop();
  expect(await readdir(join(folder, 'files'))).toHaveLength(1);

  const second = await startTelegram();
  const again = await keepState(second.telegram, folder, { onError });
  expect(again.restored).toBe(true);
  expect(second.telegram.snapshot()).toEqual(telegram.snapshot());
  expect(second.telegram.message(alice.privateChat, photo.message_id)).toMatchObject({ caption: 'poster' });
  const { file_path } = await second.api.getFile(photo.photo?.at(-1)?.file_id ?? '');
  const download = await fetch(`${second.telegram.apiRoot}/file/bot${second.telegram.token}/${file_path}`);
  expect(new Uint8Array(await download.arrayBuffer())).toEqual(pngOf(640, 480));
  second.telegram.person(alice.id).send(team, 'goes on');
  await again.stop();
});

test('a change is saved soon after, without stopping', async () => {
  const folder = await emptyFolder();
  const { telegram, alice } = await startTelegram();
  const state = await keepState(telegram, folder, { onError });
  alice.send(alice.privateChat, 'remember this');
  await expect
    .poll(() => readFile(join(folder, 'state.json'), 'utf8').catch(() => ''), { timeout: 2000 })
    .toContain('remember this');
  await state.stop();
});

test('a chat that was read is read after a restart', async () => {
  const folder = await emptyFolder();
  const { telegram, api, bob, team } = await startTelegram();
  const message = await api.sendMessage(team.id, 'news');
  const state = await keepState(telegram, folder, { onError });
  telegram.markRead(bob, message);
  await expect
    .poll(() => readFile(join(folder, 'state.json'), 'utf8').catch(() => ''), { timeout: 2000 })
    .toContain(`"readUpTo":[[${bob.id},${message.message_id}]]`);
  await state.stop();
});

test('a state that cannot be read is not thrown away', async () => {
  const folder = await emptyFolder();
  const path = join(folder, 'state.json');
  await writeFile(path, '{"version": 99}');
  const { telegram } = await startTelegram();
  await expect(keepState(telegram, folder, { onError })).rejects.toThrow(`${path} is no state of this simulator`);
  expect(await readFile(path, 'utf8')).toBe('{"version": 99}');
});
