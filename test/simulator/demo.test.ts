import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { silentLogger } from '../../src/lib/logger.ts';
import { bringInCast, startDemo } from '../../src/simulator/demo.ts';
import { createDemoCast, DEMO_GUEST_IDS, DEMO_PEOPLE, DEMO_TEAM_CHAT_ID } from '../../src/simulator/demo-cast.ts';
import { type DemoFile, demoMedia } from '../../src/simulator/demo-media.ts';
import { openDemoTelegram } from '../../src/simulator/demo-telegram.ts';
import { chatsView, peopleView } from '../../src/simulator/page-view.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';

let folder: string;
let files: DemoFile[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-media-'));
  files = await drawn(folder);
});
afterAll(() => rm(folder, { recursive: true }));

async function drawn(into: string): Promise<DemoFile[]> {
  const all: DemoFile[] = [];
  for await (const file of demoMedia(into)) all.push(file);
  return all;
}

async function startEmptyTelegram() {
  const telegram = await startSimulator();
  onTestFinished(() => telegram.stop());
  return telegram;
}

describe('the demo media', () => {
  test('are twelve posters below 300 kB, a GIF and a document', async () => {
    expect(files.map(({ kind }) => kind)).toEqual([...Array(12).fill('photo'), 'animation', 'document']);
    for (const { fileName, bytes } of files) {
      expect([fileName, bytes.length < 300_000]).toEqual([fileName, true]);
    }
    expect(new Set(files.map(({ bytes }) => Buffer.from(bytes).toString('base64'))).size).toBe(14);
    expect(await readdir(folder)).toHaveLength(14);
  });

  test('are the same bytes when they are drawn again', async () => {
    const second = await mkdtemp(join(tmpdir(), 'demo-media-'));
    onTestFinished(() => rm(second, { recursive: true }));
    const again = await drawn(second);
    expect(again.map(({ bytes }) => Buffer.from(bytes))).toEqual(files.map(({ bytes }) => Buffer.from(bytes)));
  });
});

describe('the demo', () => {
  test('brings the cast, adds the bot to the team and sends the media to it in private', async () => {
    const telegram = await startEmptyTelegram();
    expect(await startDemo(telegram, { folder })).toEqual({ sent: 14 });
    const updates = telegram.pendingUpdates();
    expect(updates[0]).toMatchObject({
      my_chat_member: { chat: { id: DEMO_TEAM_CHAT_ID }, from: { first_name: 'Alice' } },
    });
    const messages = telegram.messages({ id: DEMO_PEOPLE.alice.id });
    expect(messages[0]?.text).toBe('/start');
    expect(messages.filter(({ photo }) => photo !== undefined)).toHaveLength(12);
    expect(messages.every(({ from }) => from?.id === DEMO_PEOPLE.alice.id)).toBe(true);
  });

  test('sends nothing a second time, and goes on after an interruption', async () => {
    const telegram = await startEmptyTelegram();
    const interrupted = new AbortController();
    telegram.changes.on(() => {
      if (telegram.files.blobs.size === 3) interrupted.abort();
    });
    expect(await startDemo(telegram, { folder, signal: interrupted.signal })).toEqual({ sent: 3 });
    expect(await startDemo(telegram, { folder })).toEqual({ sent: 11 });
    const restored = await startEmptyTelegram();
    for (const [hash, bytes] of telegram.files.blobs) restored.files.blobs.set(hash, bytes);
    restored.restore(telegram.snapshot());
    expect(await startDemo(restored, { folder })).toEqual({ sent: 0 });
  });
});

describe('the cast', () => {
  const nameOf = (update: { message?: { text?: string; from?: { first_name: string } } }) =>
    update.message?.text === '/start' ? update.message.from?.first_name : undefined;

  test('is a team, a stranger and a guest, who is in no group and has greeted the bot', async () => {
    const telegram = await startSimulator({ guestIds: DEMO_GUEST_IDS });
    onTestFinished(() => telegram.stop());
    bringInCast(telegram);
    const roles = peopleView(telegram).map(({ name, role }) => `${name}: ${role}`);
    expect(roles).toEqual([
      'Alice Admin: admin',
      'Bob: member',
      'Dana: member',
      'Charlie Stranger: stranger',
      'Grace: guest',
    ]);
    expect(chatsView(telegram, DEMO_PEOPLE.grace.id)).toMatchObject([{ type: 'private', started: true }]);
    expect(telegram.pendingUpdates().map(nameOf).filter(Boolean)).toEqual(['Alice', 'Grace']);
  });

  test('of a state from before there was a guest gets her, and nothing else twice', async () => {
    const telegram = await startEmptyTelegram();
    createDemoCast(telegram);
    bringInCast(telegram);
    bringInCast(telegram);
    expect(telegram.people().map(({ user }) => user.first_name)).toEqual(['Alice', 'Bob', 'Dana', 'Charlie', 'Grace']);
    expect(telegram.pendingUpdates().map(nameOf).filter(Boolean)).toEqual(['Grace']);
    expect(telegram.groups()).toHaveLength(1);
  });
});

test('the demo Telegram keeps its state between two runs', async () => {
  const data = await mkdtemp(join(tmpdir(), 'demo-telegram-'));
  onTestFinished(() => rm(data, { recursive: true }));
  const logger = silentLogger();
  const first = await openDemoTelegram({ folder: data, logger });
  expect(first).toMatchObject({ teamChatId: DEMO_TEAM_CHAT_ID, adminTelegramIds: [DEMO_PEOPLE.alice.id] });
  await first.begin();
  await first.stop();
  const second = await openDemoTelegram({ folder: data, logger });
  await second.begin();
  await second.stop();
  expect(await readdir(data)).toEqual(expect.arrayContaining(['demo-media', 'telegram']));
});
