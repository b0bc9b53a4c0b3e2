import { InlineKeyboard } from 'grammy';
import { describe, expect, test } from 'vitest';
import { CROWD_SIZE, tapTogether } from '../../src/simulator/crowd.ts';
import { createSettableClock } from '../../src/simulator/settable-clock.ts';
import { refusalOf, runBot } from './cast.ts';
import { listen, startPage } from './page.ts';

const DAY_MS = 86_400_000;

describe('the faults of the page', () => {
  test('answer as Telegram does, as often as they were armed for', async () => {
    const { api, post, team } = await startPage();
    const send = () => refusalOf(api.sendMessage(team.id, 'x'));
    await post('faults', { kind: '429', method: 'sendMessage', seconds: 7, times: 2 });
    await post('faults', { kind: '403', method: 'sendmessage' });
    await post('faults', { kind: '500', method: 'sendMessage' });
    expect([await send(), await send(), await send(), await send()]).toEqual([
      '429 Too Many Requests: retry after 7',
      '429 Too Many Requests: retry after 7',
      '403 Forbidden: bot was blocked by the user',
      '500 Internal Server Error',
    ]);
    await api.sendMessage(team.id, 'through');
  });

  test('are listed with what is left, and the list is heard whenever it changes', async () => {
    const { telegram, api, get, post, team } = await startPage();
    const until = await listen(telegram.url);
    const slow = { id: 1, kind: 'slow', method: '*', left: 1, seconds: 1 };
    const cut = { id: 2, kind: 'cut after', method: 'getChat', left: 2 };
    expect((await post('faults', { kind: 'slow', method: '*', seconds: 1 })).body).toEqual({ armed: [slow] });
    expect((await post('faults', { kind: 'cut after', method: 'getchat', times: 2 })).body).toEqual({
      armed: [slow, cut],
    });
    const saysArmed = (armed: object[]) => (event: object) =>
      JSON.stringify(event) === JSON.stringify({ kind: 'faults', armed });
    await until(saysArmed([slow, cut]));
    await api.sendMessage(team.id, 'slowly');
    await until(saysArmed([cut]));
    await expect(api.getChat(team.id)).rejects.toThrow('Network request');
    await until(saysArmed([{ ...cut, left: 1 }]));
    expect((await get('faults')).body).toEqual({ armed: [{ ...cut, left: 1 }] });
    expect((await post('faults/disarm', {})).body).toEqual({ armed: [] });
    await until(saysArmed([]));
    await api.getChat(team.id);
  });

  test('for every method leave getUpdates alone; it can be named', async () => {
    const { api, post } = await startPage();
    await post('faults', { kind: '500', method: '*' });
    await api.getUpdates();
    expect(await refusalOf(api.getMe())).toMatch(/^500/);
    await post('faults', { kind: '500', method: 'getUpdates' });
    await api.getMe();
    expect(await refusalOf(api.getUpdates())).toMatch(/^500/);
  });

  test('are checked, and refused with a sentence', async () => {
    const { get, post } = await startPage();
    expect(await post('faults', { kind: '500', method: 'sendMesage' })).toEqual({
      status: 400,
      body: { error: 'The simulator has no method sendMesage' },
    });
    for (const wrong of [
      { kind: '404' },
      { times: 0 },
      { times: 101 },
      { seconds: 0 },
      { seconds: 121 },
      { method: '' },
    ]) {
      const request = { kind: '500', method: 'sendMessage', ...wrong };
      expect([wrong, (await post('faults', request)).status]).toEqual([wrong, 400]);
    }
    expect((await get('faults')).body).toEqual({ armed: [] });
  });
});

describe('the clock', () => {
  test('goes forwards and back, and everybody hears of it', async () => {
    const { telegram, get, post } = await startPage({ clock: createSettableClock({ ticking: true }) });
    const until = await listen(telegram.url);
    const started = Date.now();
    expect((await post('clock', { advanceMs: 3 * DAY_MS })).body).toMatchObject({ offsetMs: 3 * DAY_MS });
    expect(await until(({ kind }) => kind === 'clock')).toMatchObject({ offsetMs: 3 * DAY_MS });
    const people = (await get('people')).body as { now: string; offsetMs: number };
    expect(people.offsetMs).toBe(3 * DAY_MS);
    expect(Date.parse(people.now) - started - 3 * DAY_MS).toBeLessThan(60_000);
    await post('clock', { advanceMs: -4 * DAY_MS });
    expect(telegram.clock.offsetMs).toBe(-DAY_MS);
    expect((await post('clock', { reset: true })).body).toMatchObject({ offsetMs: 0 });
    await until((event) => JSON.stringify(event).includes('"offsetMs":0'));
  });

  test('stays within 400 days of the machine’s time', async () => {
    const { telegram, post } = await startPage({ clock: createSettableClock({ ticking: true }) });
    expect((await post('clock', { advanceMs: 400 * DAY_MS })).status).toBe(200);
    expect(await post('clock', { advanceMs: 1 })).toEqual({
      status: 400,
      body: { error: 'The clock can be at most 400 days away from the machine’s time' },
    });
    expect((await post('clock', { advanceMs: -800 * DAY_MS })).status).toBe(400);
    for (const wrong of [{}, { advanceMs: 'soon' }, { advanceMs: 1.5 }, { reset: false }]) {
      expect([wrong, (await post('clock', wrong)).status]).toEqual([wrong, 400]);
    }
    expect(telegram.clock.offsetMs).toBe(400 * DAY_MS);
  });

  test('moved by 150 s ends the wait of a tap', async () => {
    const { api, post, bob, team } = await startPage();
    const card = await api.sendMessage(team.id, 'card', { reply_markup: new InlineKeyboard().text('x', 'x') });
    const answer = bob.press(card, 'x');
    await post('clock', { reset: true });
    await post('clock', { advanceMs: 150_000 });
    expect(await answer).toBe('expired');
  });
});

describe('the crowd', () => {
  test('of ten joins the group at once, taps the same button, and all ten get their answers', async () => {
    const { telegram, api, get, post, alice, team } = await startPage();
    let taken: string | undefined;
    runBot(telegram, (bot) =>
      bot.on('callback_query:data', (context) => {
        taken ??= context.from.first_name;
        const isFirst = taken === context.from.first_name;
        return context.answerCallbackQuery(
          isFirst ? { text: 'Yours' } : { text: `Taken by ${taken}`, show_alert: true },
        );
      }),
    );
    const card = await api.sendMessage(team.id, 'card', { reply_markup: new InlineKeyboard().text('Mine', 'mine') });
    const request = { chat: team.id, messageId: card.message_id, data: 'mine' };
    const { answers } = (await post('crowd', request)).body as Awaited<{ answers: Record<string, unknown>[] }>;
    expect(answers).toHaveLength(10);
    expect(answers.filter(({ expired }) => expired)).toEqual([]);
    expect(answers.filter(({ words, alert }) => words === 'Yours' && alert === false)).toHaveLength(1);
    expect(answers.filter(({ words, alert }) => words === `Taken by ${taken}` && alert === true)).toHaveLength(9);
    expect(new Set(answers.map(({ personId }) => personId)).size).toBe(10);

    const joined = telegram.messages(team).filter(({ new_chat_members }) => new_chat_members !== undefined);
    expect(joined).toMatchObject([{ from: { id: alice.id }, new_chat_members: { length: 10 } }]);
    expect((await api.getChatMember(team.id, Number(answers[0]?.personId))).status).toBe('member');
    const { people } = (await get('people')).body as { people: { id: number; isCrowd: boolean; role: string }[] };
    expect(people.filter(({ isCrowd }) => isCrowd).map(({ id }) => id)).toEqual(
      answers.map(({ personId }) => personId),
    );
    expect(people.filter(({ isCrowd }) => !isCrowd)).toHaveLength(3);
    expect((await post('crowd', { ...request, size: 2 })).body).toMatchObject({ answers: { length: 2 } });
    expect(telegram.people()).toHaveLength(13);
    expect(telegram.messages(team).filter(({ new_chat_members }) => new_chat_members !== undefined)).toHaveLength(1);
  });

  test('says who got no answer: when the tap expires, and when patience ends', async () => {
    const { telegram, api, clock, post, team } = await startPage();
    const card = await api.sendMessage(team.id, 'card', { reply_markup: new InlineKeyboard().text('x', 'x') });
    const tap = { chat: team.id, messageId: card.message_id, data: 'x', size: 2 };
    const expired = { words: null, alert: false, expired: true };
    const answered = post('crowd', tap);
    await telegram.waitFor(() => telegram.pendingUpdates().filter((update) => update.callback_query).length === 2);
    clock.advance(150_000);
    expect((await answered).body).toMatchObject({ answers: [expired, expired] });
    expect(await tapTogether(telegram, { ...tap, size: CROWD_SIZE }, 20)).toEqual(
      Array.from({ length: 10 }, () => expect.objectContaining(expired)),
    );
  });

  test('is two to ten people, in a group that there is', async () => {
    const { telegram, api, post, alice, team } = await startPage();
    const card = await api.sendMessage(team.id, 'card', { reply_markup: new InlineKeyboard().text('x', 'x') });
    const tap = { chat: team.id, messageId: card.message_id, data: 'x' };
    for (const wrong of [{ size: 1 }, { size: 11 }, { data: '' }, { chat: -1 }]) {
      expect([wrong, (await post('crowd', { ...tap, ...wrong })).status]).toEqual([wrong, 400]);
    }
    expect((await post('crowd', { ...tap, chat: alice.id })).body).toEqual({ error: 'A crowd taps in a group' });
    expect(telegram.people()).toHaveLength(3);
  });

  test('is there again after a restart, and is not brought in twice', async () => {
    const { telegram, api, team } = await startPage();
    const card = await api.sendMessage(team.id, 'card', { reply_markup: new InlineKeyboard().text('x', 'x') });
    const tap = { chat: team.id, messageId: card.message_id, data: 'x', size: 3 };
    await tapTogether(telegram, tap, 5);
    const second = await startPage();
    second.telegram.restore(telegram.snapshot());
    await tapTogether(second.telegram, { ...tap, size: 4 }, 5);
    expect(second.telegram.people()).toHaveLength(7);
    const joined = second.telegram.messages(team).filter(({ new_chat_members }) => new_chat_members !== undefined);
    expect(joined).toMatchObject([{ new_chat_members: { length: 3 } }, { new_chat_members: { length: 1 } }]);
  });
});

test('what the panel changes is refused to other sites', async () => {
  const { post } = await startPage();
  const foreign = { origin: 'https://example.org' };
  const paths = ['faults', 'faults/disarm', 'clock', 'crowd', 'read', 'album', 'edit', 'react', 'forward', 'delete'];
  for (const path of paths) expect([path, (await post(path, {}, foreign)).status]).toEqual([path, 403]);
});
