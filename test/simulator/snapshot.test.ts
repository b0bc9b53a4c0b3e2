import { InlineKeyboard, InputFile } from 'grammy';
import { expect, test } from 'vitest';
import { chatsView } from '../../src/simulator/page-view.ts';
import { pngOf, startTelegram } from './cast.ts';

test('a snapshot brings chats, members, menus, files and waiting updates to another simulator', async () => {
  const { telegram, api, alice, bob, team } = await startTelegram();
  alice.send(alice.privateChat, '/start');
  const keyboard = new InlineKeyboard().text('Posted', 'posted:1');
  const photo = new InputFile(pngOf(640, 480), 'a.png');
  const card = await api.sendPhoto(team.id, photo, { caption: 'card', reply_markup: keyboard });
  alice.react(card, '👍');
  await api.setMyCommands([{ command: 'start', description: 'Begin' }]);
  telegram.setMember(team, bob, 'left');

  const saved: unknown = JSON.parse(JSON.stringify(telegram.snapshot()));
  const second = await startTelegram();
  for (const [hash, bytes] of telegram.files.blobs) second.telegram.files.blobs.set(hash, bytes);
  second.telegram.restore(saved as ReturnType<typeof telegram.snapshot>);

  expect(second.telegram.snapshot()).toEqual(telegram.snapshot());
  expect(second.telegram.message(team, card.message_id)).toMatchObject({ caption: 'card' });
  expect(second.telegram.commandsFor(second.telegram.person(alice.id), team)).toHaveLength(1);
  expect((await second.api.getChatMember(team.id, bob.id)).status).toBe('left');
  expect(await second.api.getUpdates()).toHaveLength(2);
  const again = await second.api.sendPhoto(team.id, card.photo.at(-1)?.file_id ?? '');
  expect(again.message_id).toBe(card.message_id + 2);
});

test('what is read stays read in another simulator; a state from before there were marks is all unread', async () => {
  const { telegram, api, bob, team } = await startTelegram();
  const first = await api.sendMessage(team.id, 'one');
  await api.sendMessage(team.id, 'two');
  telegram.markRead(bob, first);
  const saved = telegram.snapshot();
  const unreadIn = async (snapshot: typeof saved) => {
    const second = await startTelegram();
    second.telegram.restore(snapshot);
    return chatsView(second.telegram, bob.id).map(({ unread }) => unread);
  };
  expect(await unreadIn(saved)).toEqual([0, 1]);
  const chats = saved.chats.map(({ readUpTo: _marks, ...chat }) => chat);
  expect(await unreadIn({ ...saved, chats })).toEqual([0, 2]);
});
