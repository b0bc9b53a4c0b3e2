import { InlineKeyboard, InputFile, InputMediaBuilder } from 'grammy';
import { expect, test } from 'vitest';
import { pngOf, refusalOf, startTelegram } from './cast.ts';

const NOT_MODIFIED =
  '400 Bad Request: message is not modified: specified new message content and reply markup are exactly the same ' +
  'as a current content and reply markup of the message';

test('an edit replaces the text, keeps the old version and drops a keyboard that is not repeated', async () => {
  const { telegram, api, team } = await startTelegram();
  const keyboard = new InlineKeyboard().text('Posted', 'posted:1');
  const card = await api.sendMessage(team.id, 'one', { reply_markup: keyboard });
  await api.editMessageText(team.id, card.message_id, 'two');
  const current = telegram.message(team, card.message_id);
  expect(current).toMatchObject({ text: 'two', edit_date: expect.any(Number) });
  expect(current?.reply_markup).toBeUndefined();
  expect(telegram.versions(card).map(({ text }) => text)).toEqual(['one']);
});

test('an edit that changes nothing is refused; one that changes only entities or keyboard is not', async () => {
  const { api, team } = await startTelegram();
  const { message_id } = await api.sendMessage(team.id, 'same');
  expect(await refusalOf(api.editMessageText(team.id, message_id, 'same '))).toBe(NOT_MODIFIED);
  expect(await refusalOf(api.editMessageReplyMarkup(team.id, message_id))).toBe(NOT_MODIFIED);
  const bold = { entities: [{ type: 'bold' as const, offset: 0, length: 4 }] };
  await api.editMessageText(team.id, message_id, 'same', bold);
  expect(await refusalOf(api.editMessageText(team.id, message_id, 'same', bold))).toBe(NOT_MODIFIED);
  const reply_markup = new InlineKeyboard().text('Skip', 'skip:1');
  await api.editMessageReplyMarkup(team.id, message_id, { reply_markup });
  expect(await refusalOf(api.editMessageReplyMarkup(team.id, message_id, { reply_markup }))).toBe(NOT_MODIFIED);
  await api.editMessageReplyMarkup(team.id, message_id);
});

test('only existing messages of the bot can be edited', async () => {
  const { telegram, api, team, alice } = await startTelegram();
  expect(await refusalOf(api.editMessageText(team.id, 999, 'x'))).toBe('400 Bad Request: message to edit not found');
  const card = await api.sendMessage(team.id, 'x');
  telegram.deleteMessage(card);
  expect(await refusalOf(api.editMessageText(team.id, card.message_id, 'y'))).toMatch('message to edit not found');
  const foreign = alice.send(team, 'mine');
  expect(await refusalOf(api.editMessageText(team.id, foreign.message_id, 'y'))).toBe(
    "400 Bad Request: message can't be edited",
  );
});

test('a caption has 1024 units at most and only media have one', async () => {
  const { telegram, api, team } = await startTelegram();
  const photo = await api.sendPhoto(team.id, new InputFile(pngOf(640, 480), 'a.png'), { caption: 'c'.repeat(1024) });
  const long = { caption: 'c'.repeat(1025) };
  const tooLong = '400 Bad Request: message caption is too long';
  expect(await refusalOf(api.editMessageCaption(team.id, photo.message_id, long))).toBe(tooLong);
  expect(await refusalOf(api.sendPhoto(team.id, new InputFile(pngOf(640, 480), 'a.png'), long))).toBe(tooLong);
  await api.editMessageCaption(team.id, photo.message_id, { caption: 'new' });
  expect(telegram.message(team, photo.message_id)).toMatchObject({ caption: 'new', photo: expect.any(Array) });
  expect(await refusalOf(api.editMessageText(team.id, photo.message_id, 'x'))).toBe(
    '400 Bad Request: there is no text in the message to edit',
  );
  const text = await api.sendMessage(team.id, 'x');
  expect(await refusalOf(api.editMessageCaption(team.id, text.message_id, { caption: 'c' }))).toBe(
    '400 Bad Request: there is no caption in the message to edit',
  );
});

test('media can be exchanged', async () => {
  const { telegram, api, team } = await startTelegram();
  const photo = await api.sendPhoto(team.id, new InputFile(pngOf(640, 480), 'a.png'), { caption: 'old' });
  const other = InputMediaBuilder.document(new InputFile(Buffer.from('hello'), 'a.txt'), { caption: 'new' });
  await api.editMessageMedia(team.id, photo.message_id, other);
  const current = telegram.message(team, photo.message_id);
  expect(current).toMatchObject({ caption: 'new', document: { file_name: 'a.txt', mime_type: 'text/plain' } });
  expect(current?.photo).toBeUndefined();
});
