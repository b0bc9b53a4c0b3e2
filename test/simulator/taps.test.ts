import { InlineKeyboard } from 'grammy';
import { expect, test } from 'vitest';
import { refusalOf, runBot, startTelegram } from './cast.ts';

const TOO_OLD = '400 Bad Request: query is too old and response timeout expired or query ID is invalid';

async function startWithCard() {
  const world = await startTelegram();
  const keyboard = new InlineKeyboard()
    .text('✅ Posted', 'posted:1')
    .text('⏭ Skip', 'skip:1')
    .url('Open', 'https://example.org');
  const card = await world.api.sendMessage(world.team.id, 'card', { reply_markup: keyboard });
  return { ...world, card };
}

test('a tap carries data, message and chat instance, and resolves with the bot’s answer', async () => {
  const { telegram, card, alice, bob } = await startWithCard();
  runBot(telegram, (bot) =>
    bot.on('callback_query:data', (context) =>
      context.answerCallbackQuery({
        text: `${context.from.first_name}: ${context.callbackQuery.data}`,
        show_alert: true,
      }),
    ),
  );
  expect(await alice.press(card, 'posted')).toEqual({ text: 'Alice: posted:1', show_alert: true });
  expect(await bob.press(card, 'skip:1')).toEqual({ text: 'Bob: skip:1', show_alert: true });
  const taps = telegram.calls('getUpdates').flatMap(({ answer }) => (answer.ok ? answer.result : [])) as object[];
  expect(taps).toMatchObject([
    { callback_query: { message: { text: 'card' }, chat_instance: expect.stringMatching(/^-?\d+$/) } },
    { callback_query: {} },
  ]);
});

test('only buttons that the message shows can be pressed', async () => {
  const { telegram, api, team, card, alice } = await startWithCard();
  expect(() => alice.press(card, 'Reject')).toThrow('it shows "✅ Posted", "⏭ Skip", "Open"');
  expect(() => alice.press(card, 'Open')).toThrow('sends nothing to the bot');
  await api.editMessageReplyMarkup(team.id, card.message_id);
  expect(() => alice.press(card, 'Posted')).toThrow('no buttons');
  telegram.deleteMessage(card);
  expect(() => alice.press(card, 'Posted')).toThrow('has no message');
});

test('forged data and messages that are gone arrive all the same', async () => {
  const { telegram, team, card, alice } = await startWithCard();
  void alice.tap(team, 'posted:999');
  expect(telegram.lastUpdate().callback_query).toMatchObject({ data: 'posted:999', message: { text: 'card' } });
  void alice.tap(team, 'posted:1', { messageId: card.message_id, inaccessible: true });
  const inaccessible = { chat: { id: team.id }, message_id: card.message_id, date: 0 };
  expect(telegram.lastUpdate().callback_query?.message).toMatchObject(inaccessible);
  telegram.deleteMessage(card);
  void alice.tap(team, 'posted:1', { messageId: card.message_id });
  expect(telegram.lastUpdate().callback_query?.message).toMatchObject(inaccessible);
});

test('a forwarded card keeps its buttons', async () => {
  const { telegram, card, alice } = await startWithCard();
  const copy = alice.forward(card, alice.privateChat);
  expect(copy).toMatchObject({ from: { id: alice.id }, forward_origin: { type: 'user' }, text: 'card' });
  void alice.press(copy, 'Posted');
  expect(telegram.lastUpdate().callback_query?.message?.chat.id).toBe(alice.id);
});

test('a tap is answered once, within 150 seconds, in at most 200 characters', async () => {
  const { telegram, api, card, alice, clock } = await startWithCard();
  const idOf = () => telegram.lastUpdate().callback_query?.id ?? '';
  const first = alice.press(card, 'Posted');
  expect(await refusalOf(api.answerCallbackQuery(idOf(), { text: 'x'.repeat(201) }))).toMatch('MESSAGE_TOO_LONG');
  await api.answerCallbackQuery(idOf(), { text: 'x'.repeat(200) });
  expect(await first).toEqual({ text: 'x'.repeat(200) });
  expect(await refusalOf(api.answerCallbackQuery(idOf()))).toBe(TOO_OLD);
  const second = alice.press(card, 'Posted');
  clock.advance(150_000);
  expect(await second).toBe('expired');
  expect(await refusalOf(api.answerCallbackQuery(idOf()))).toBe(TOO_OLD);
});

test('a tap that the client sends twice has two query ids', async () => {
  const { telegram, api, card, alice } = await startWithCard();
  void alice.press(card, 'Posted');
  const first = telegram.lastUpdate();
  const second = telegram.redeliver(first, { newUpdateId: true, newQueryId: true });
  expect(second.update_id).toBeGreaterThan(first.update_id);
  expect(second.callback_query?.id).not.toBe(first.callback_query?.id);
  expect(await api.answerCallbackQuery(second.callback_query?.id ?? '')).toBe(true);
});
