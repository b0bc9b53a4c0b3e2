import { describe, expect, test } from 'vitest';
import { refusalOf, startTelegram } from './cast.ts';

describe('a text', () => {
  test('of 4096 units arrives, one of 4097 is too long', async () => {
    const { api, team } = await startTelegram();
    expect((await api.sendMessage(team.id, 'x'.repeat(4096))).text).toHaveLength(4096);
    expect(await refusalOf(api.sendMessage(team.id, 'x'.repeat(4097)))).toBe('400 Bad Request: message is too long');
    expect(await refusalOf(api.sendMessage(team.id, '😀'.repeat(2049)))).toBe('400 Bad Request: message is too long');
  });

  test('is trimmed, and its entities move along', async () => {
    const { api, team } = await startTelegram();
    const message = await api.sendMessage(team.id, '  bold  ', { entities: [{ type: 'bold', offset: 2, length: 6 }] });
    expect(message).toMatchObject({ text: 'bold', entities: [{ type: 'bold', offset: 0, length: 4 }] });
  });

  test('may not be empty', async () => {
    const { api, team } = await startTelegram();
    expect(await refusalOf(api.sendMessage(team.id, ''))).toBe('400 Bad Request: message text is empty');
    expect(await refusalOf(api.sendMessage(team.id, ' \n '))).toBe('400 Bad Request: text must be non-empty');
  });

  test('that was cut inside an emoji is refused', async () => {
    const { api, team } = await startTelegram();
    const refusal = await refusalOf(api.sendMessage(team.id, 'ok 😀'.slice(0, -1)));
    expect(refusal).toBe('400 Bad Request: strings must be encoded in UTF-8');
  });

  test('arrives as it was written, whatever it contains', async () => {
    const { api, team } = await startTelegram();
    const hostile = '_*[]()~`>#+-=|{}.!<b>&amp; مرحبا שלום 😀👨‍👩‍👧';
    expect((await api.sendMessage(team.id, hostile)).text).toBe(hostile);
  });

  test('gets the entities that Telegram recognises by itself', async () => {
    const { api, team } = await startTelegram();
    const { entities } = await api.sendMessage(team.id, '/help or @bob, https://example.org/a. #news me@example.org');
    expect(entities?.map(({ type }) => type)).toEqual(['bot_command', 'mention', 'url', 'hashtag', 'email']);
  });
});

describe('entities', () => {
  test.each([
    [{ type: 'bold', offset: 100, length: 1 }, 'entity begins after the end of the text at UTF-16 offset 100'],
    [
      { type: 'bold', offset: 0, length: 100 },
      'entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 100',
    ],
    [{ type: 'bold', offset: -1, length: 1 }, 'receive an entity with incorrect offset -1'],
    [{ type: 'sparkle', offset: 0, length: 1 }, "can't parse MessageEntity: Unsupported type specified"],
    [{ type: 'text_link', offset: 0, length: 1, url: '' }, "entity URL '' is invalid: URL host is empty"],
    [{ type: 'text_mention', offset: 0, length: 1, user: { id: 1 } }, 'user not found'],
    [{ type: 'bold', offset: 7, length: 1 }, 'entity begins in a middle of a UTF-16 symbol'],
  ])('%j are refused', async (entity, reason) => {
    const { telegram, team } = await startTelegram();
    const response = await fetch(`${telegram.apiRoot}/bot${telegram.token}/sendMessage`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ chat_id: team.id, text: 'hello 😀', entities: [entity] }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ ok: false, description: `Bad Request: ${reason}` });
  });

  test('are the only formatting: parse_mode is refused', async () => {
    const { api, team } = await startTelegram();
    const refusal = await refusalOf(api.sendMessage(team.id, '<b>x</b>', { parse_mode: 'HTML' }));
    expect(refusal).toMatch(/^400 Bad Request: unsupported parse_mode/);
  });
});

describe('an inline keyboard', () => {
  test('carries 1 to 64 bytes of callback data', async () => {
    const { api, team } = await startTelegram();
    const send = (callback_data: string) =>
      api.sendMessage(team.id, 'x', { reply_markup: { inline_keyboard: [[{ text: 'Tap', callback_data }]] } });
    expect((await send('ä'.repeat(32))).reply_markup?.inline_keyboard).toHaveLength(1);
    expect(await refusalOf(send('ä'.repeat(33)))).toBe('400 Bad Request: BUTTON_DATA_INVALID');
    expect(await refusalOf(send(''))).toMatch('Text buttons are unallowed in the inline keyboard');
  });

  test('has buttons with exactly one action', async () => {
    const { telegram, api, team } = await startTelegram();
    const send = (button: object) =>
      fetch(`${telegram.apiRoot}/bot${telegram.token}/sendMessage`, {
        method: 'POST',
        body: new URLSearchParams({
          chat_id: String(team.id),
          text: 'x',
          reply_markup: JSON.stringify({ inline_keyboard: [[button]] }),
        }),
      }).then((response) => response.status);
    expect(await send({ text: 'A', url: 'https://example.org' })).toBe(200);
    expect(await send({ text: 'A' })).toBe(400);
    expect(await send({ text: 'A', url: 'https://example.org', callback_data: 'a' })).toBe(400);
    expect(await send({ text: '', callback_data: 'a' })).toBe(400);
    expect(await send({ text: 'A', url: 'ftp://example.org' })).toBe(400);
    expect(await send({ text: 'A', style: 'pink', callback_data: 'a' })).toBe(400);
    const disabled = { inline_keyboard: [[{ text: 'Posted by Bob', disabled: {}, style: 'success' as const }]] };
    expect((await api.sendMessage(team.id, 'x', { reply_markup: disabled })).reply_markup).toEqual(disabled);
  });

  test('without buttons is no keyboard', async () => {
    const { api, team } = await startTelegram();
    const message = await api.sendMessage(team.id, 'x', { reply_markup: { inline_keyboard: [[]] } });
    expect(message.reply_markup).toBeUndefined();
  });
});

describe('a message', () => {
  test('answers another one, unless that one is gone', async () => {
    const { telegram, api, team, alice } = await startTelegram();
    const question = alice.send(team, 'why?');
    const reply = await api.sendMessage(team.id, 'because', { reply_parameters: { message_id: question.message_id } });
    expect(reply.reply_to_message?.text).toBe('why?');
    telegram.deleteMessage(question);
    const late = { message_id: question.message_id };
    expect(await refusalOf(api.sendMessage(team.id, 'x', { reply_parameters: late }))).toBe(
      '400 Bad Request: message to be replied not found',
    );
    const tolerant = { ...late, allow_sending_without_reply: true };
    expect((await api.sendMessage(team.id, 'x', { reply_parameters: tolerant })).reply_to_message).toBeUndefined();
  });

  test('keeps its topic and the simulator clock as its date', async () => {
    const { api, team, clock } = await startTelegram();
    clock.set(new Date('2026-05-04T03:02:01Z'));
    const message = await api.sendMessage(team.id, 'x', { message_thread_id: 7 });
    expect(message).toMatchObject({ message_thread_id: 7, date: Date.UTC(2026, 4, 4, 3, 2, 1) / 1000 });
  });

  test('is forwarded with its origin and copied without', async () => {
    const { api, team, alice } = await startTelegram();
    const original = alice.send(team, 'news');
    const forwarded = await api.forwardMessage(team.id, team.id, original.message_id);
    expect(forwarded).toMatchObject({ text: 'news', forward_origin: { type: 'user', sender_user: { id: alice.id } } });
    const { message_id } = await api.copyMessage(team.id, team.id, original.message_id);
    expect(message_id).toBe(forwarded.message_id + 1);
    expect(await refusalOf(api.copyMessage(team.id, team.id, 999))).toBe('400 Bad Request: message to copy not found');
  });

  test('can be deleted for 48 hours', async () => {
    const { telegram, api, team, clock, alice } = await startTelegram();
    const { message_id } = await api.sendMessage(team.id, 'x');
    expect(await api.deleteMessage(team.id, message_id)).toBe(true);
    expect(telegram.message(team, message_id)).toBeUndefined();
    expect(await refusalOf(api.deleteMessage(team.id, message_id))).toMatch('message to delete not found');
    const old = await api.sendMessage(team.id, 'y');
    const foreign = alice.send(team, 'mine');
    expect(await refusalOf(api.deleteMessage(team.id, foreign.message_id))).toMatch("message can't be deleted");
    clock.advance(48 * 3_600_000 + 1000);
    expect(await refusalOf(api.deleteMessage(team.id, old.message_id))).toMatch("can't be deleted for everyone");
  });

  test('takes one reaction of the bot, and only emoji that Telegram offers', async () => {
    const { api, team, alice } = await startTelegram();
    const { message_id } = alice.send(team, 'x');
    expect(await api.setMessageReaction(team.id, message_id, [{ type: 'emoji', emoji: '👍' }])).toBe(true);
    const unknown = api.raw.setMessageReaction({
      chat_id: team.id,
      message_id,
      reaction: [{ type: 'custom_emoji', custom_emoji_id: '1' }],
    });
    expect(await refusalOf(unknown)).toBe('400 Bad Request: REACTION_INVALID');
  });
});

test('chat actions are those that Telegram knows', async () => {
  const { telegram, api, team } = await startTelegram();
  expect(await api.sendChatAction(team.id, 'typing')).toBe(true);
  const response = await fetch(
    `${telegram.apiRoot}/bot${telegram.token}/sendChatAction?chat_id=${team.id}&action=dancing`,
  );
  expect(response.status).toBe(400);
});
