import type { Message } from 'grammy/types';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import type { DecisionsPicture } from '../../src/charts/decisions-picture.ts';
import { chats } from '../../src/db/schema/index.ts';
import type { Person } from '../../src/simulator/simulator.ts';
import { buttonsOf, dataOf } from '../support/buttons.ts';
import { HOSTILE } from '../support/hostile.ts';
import { interactionLines, interactionRows } from '../support/rows.ts';
import { startTeam, type Team, type TeamOptions } from '../support/team.ts';

const DAY = 86_400_000;
/** A PNG of 1080 by 1350, as far as a look at its head can tell. */
const HEAD = Buffer.from('89504e470d0a1a0a0000000d49484452000004380000054608020000000000000000', 'hex');

let team: Team;
afterEach(() => team.stop());

/** A team whose pictures are only remembered, not drawn; `fail` makes the next ones fail, `hold` makes one slow. */
async function startWithEasel(options: TeamOptions = {}) {
  const drawn: DecisionsPicture[] = [];
  let failures = 0;
  let held: Promise<void> | undefined;
  team = await startTeam({
    ...options,
    pictureRenderer: {
      async render(picture) {
        drawn.push(picture);
        const slowness = held;
        held = undefined;
        await slowness;
        if (failures > 0) {
          failures -= 1;
          throw new Error('out of paint');
        }
        return Buffer.concat([HEAD, Buffer.from(JSON.stringify(picture))]);
      },
      stop: async () => {},
    },
  });
  return {
    drawn,
    fail: (times = 1) => {
      failures = times;
    },
    /** The next drawing takes until this is called. */
    hold: (): (() => void) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return resolve;
    },
  };
}

/** Twenty days ago Dana skipped one, today Bob posted one and rejected none. */
async function decide(): Promise<void> {
  await team.fill(2);
  await team.dana.press(await team.nextCard(), 'Skip');
  team.clock.advance(20 * DAY);
  await team.bob.press(await team.nextCard(), 'Posted');
  await team.settle();
}

/** Sends it and returns the bot's newest message there. */
async function ask(person: Person, text: string, chat: { id: number } = person.privateChat): Promise<Message> {
  person.send(chat, text);
  await team.settle();
  const last = team.telegram.messages(chat).findLast(({ from }) => from?.is_bot);
  if (!last) throw new Error('the bot said nothing');
  return last;
}
const press = async (person: Person, message: Message, words: string) => {
  const answer = await person.press(message, words);
  await team.settle();
  return answer;
};
const lastLine = async () => (await interactionLines(team.test.db)).at(-1);

test('/stats and /team are pictures with the figures as caption and the three buttons', async () => {
  const { drawn } = await startWithEasel();
  await decide();
  const mine = await ask(team.bob, '/stats', team.group);
  expect(mine.photo).toBeDefined();
  expect(mine.caption).toMatch(/^📊 Your figures, last 30 days\n\nDecisions 1\n✅ Posted 1 \(100 %\)/);
  expect(mine.caption_entities).toContainEqual({ type: 'bold', offset: 3, length: 12 });
  expect(buttonsOf(mine)).toEqual([['7 days', '• 30 days', '90 days']]);
  expect(drawn[0]).toMatchObject({ title: 'Bob', timeZone: 'Europe/Berlin' });
  expect(drawn[0]?.people).toBeUndefined();
  expect(drawn[0]?.days).toHaveLength(31);
  expect(drawn[0]?.days.at(-1)).toEqual({ date: '2026-12-10', posted: 1, skipped: 0, rejected: 0 });
  expect(drawn[0]?.hours).toEqual([{ weekday: 4, hour: 12, count: 1 }]);

  const ours = await ask(team.alice, '/team', team.group);
  expect(ours.caption).toMatch(/^👥 Team, last 30 days\n\nDecisions 2\n/);
  expect(drawn[1]?.title).toBe('Team');
  expect(drawn[1]?.people).toHaveLength(2);
  expect(drawn[1]?.people).toContainEqual({ name: 'Bob', posted: 1, skipped: 0, rejected: 0 });
  expect(drawn[1]?.people).toContainEqual({ name: 'Dana', posted: 0, skipped: 1, rejected: 0 });
  expect(team.telegram.calls('sendChatAction').at(-1)?.payload).toMatchObject({ action: 'upload_photo' });
  for (const data of [dataOf(mine, '90'), dataOf(ours, '90')]) expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64);
});

test('the real process draws the picture that is sent', async () => {
  team = await startTeam();
  await decide();
  const { photo } = await ask(team.alice, '/team');
  expect(photo?.at(-1)?.width).toBe(1080);
});

test('a button changes picture, caption and mark of the same message, and is a row of its own', async () => {
  await startWithEasel();
  await decide();
  const shown = await ask(team.alice, '/team', team.group);
  const before = team.telegram.messages(team.group).length;
  expect(await press(team.alice, shown, '7')).toMatchObject({});
  const changed = team.now(shown);
  expect(changed.caption).toMatch(/^👥 Team, last 7 days\n\nDecisions 1\n/);
  expect(buttonsOf(changed)).toEqual([['• 7 days', '30 days', '90 days']]);
  expect(changed.photo?.at(-1)?.file_unique_id).not.toBe(shown.photo?.at(-1)?.file_unique_id);
  expect(team.telegram.messages(team.group)).toHaveLength(before);
  expect((await interactionRows(team.test.db)).at(-1)).toMatchObject({
    interactionName: 'team:days',
    context: { days: 7, outcome: 'done' },
  });
});

test('a press on what is shown says so and edits nothing', async () => {
  await startWithEasel();
  await decide();
  const shown = await ask(team.bob, '/stats');
  expect(await press(team.bob, shown, '30')).toMatchObject({ text: 'These are the last 30 days.' });
  expect(team.telegram.calls('editMessageMedia')).toEqual([]);
  expect(await lastLine()).toBe('Bob stats:days noop');
});

test('days that were typed are marked on no button, and every button works from there', async () => {
  await startWithEasel();
  await decide();
  const shown = await ask(team.bob, '/stats 14');
  expect(buttonsOf(shown)).toEqual([['7 days', '30 days', '90 days']]);
  await press(team.bob, shown, '30');
  expect(team.now(shown).caption).toMatch(/^📊 Your figures, last 30 days/);
});

test('a second asking within the minute uploads nothing, a later one does again', async () => {
  const { drawn } = await startWithEasel();
  await decide();
  const uploads = () => team.telegram.calls('sendPhoto').map(({ payload }) => typeof payload.photo === 'string');
  const sent = uploads().length;
  await ask(team.alice, '/team', team.group);
  await ask(team.alice, '/team', team.group);
  expect(uploads().slice(sent)).toEqual([false, true]);
  expect(drawn).toHaveLength(1);
  const shown = await ask(team.alice, '/team', team.group);
  await press(team.alice, shown, '7');
  await press(team.alice, team.now(shown), '30');
  expect(team.now(shown).photo?.at(-1)?.file_id).toBe(shown.photo?.at(-1)?.file_id);
  expect(drawn).toHaveLength(2);
  team.clock.advance(61_000);
  await ask(team.alice, '/team', team.group);
  expect(drawn).toHaveLength(3);
});

test('figures that changed within the minute are a new picture', async () => {
  const { drawn } = await startWithEasel();
  await team.fill(2);
  await team.bob.press(await team.nextCard(), 'Posted');
  await ask(team.alice, '/team', team.group);
  await team.bob.press(await team.nextCard(), 'Skip');
  const shown = await ask(team.alice, '/team', team.group);
  expect(drawn).toHaveLength(2);
  expect(shown.caption).toContain('Skipped 1');
});

test('the text goes alone, whole and with its buttons, when the picture cannot be drawn; it is logged once', async () => {
  const lines: string[] = [];
  const { fail } = await startWithEasel({
    logger: pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) }),
  });
  await decide();
  fail();
  const shown = await ask(team.alice, '/team', team.group);
  expect(shown.photo).toBeUndefined();
  expect(shown.text).toMatch(/^👥 Team, last 30 days\n\nDecisions 2\n[\s\S]*Days are Europe\/Berlin\.$/);
  expect(buttonsOf(shown)).toEqual([['7 days', '• 30 days', '90 days']]);
  expect(lines.filter((line) => line.includes('picture'))).toHaveLength(1);
  // The next press can draw again, and makes a picture of the text.
  await press(team.alice, shown, '90');
  expect(team.now(shown).photo).toBeDefined();
  expect(team.now(shown).text).toBeUndefined();
  expect(team.now(shown).caption).toMatch(/^👥 Team, last 90 days/);
});

test('a button under a text that cannot become a picture changes the text', async () => {
  const { fail } = await startWithEasel();
  await decide();
  fail(2);
  const shown = await ask(team.alice, '/team', team.group);
  await press(team.alice, shown, '7');
  expect(team.now(shown).text).toMatch(/^👥 Team, last 7 days/);
  expect(buttonsOf(team.now(shown))).toEqual([['• 7 days', '30 days', '90 days']]);
});

test('a button under a picture says that there is none now, and leaves the message as it is', async () => {
  const { fail } = await startWithEasel();
  await decide();
  const shown = await ask(team.bob, '/stats');
  fail();
  const answer = await press(team.bob, shown, '7');
  expect(answer).toMatchObject({ show_alert: true, text: expect.stringContaining('cannot be drawn just now') });
  expect(team.now(shown)).toEqual(shown);
});

test('a tap is answered before a slow drawing is done; of two presses the later one is shown', async () => {
  const { hold, drawn } = await startWithEasel();
  await decide();
  const shown = await ask(team.alice, '/team', team.group);
  const release = hold();
  expect(await team.alice.press(shown, '7')).toEqual({});
  await team.alice.press(shown, '90');
  release();
  await team.settle();
  expect(drawn).toHaveLength(3);
  expect(team.now(shown).caption).toMatch(/^👥 Team, last 90 days/);
  expect(team.telegram.calls('editMessageMedia')).toHaveLength(1);
});

test('a drawing that fails after the tap was answered is told in a message', async () => {
  const { hold, fail } = await startWithEasel();
  await decide();
  const shown = await ask(team.bob, '/stats');
  const release = hold();
  fail();
  expect(await team.bob.press(shown, '7')).toEqual({});
  release();
  await team.settle();
  expect(team.telegram.messages(team.bob.privateChat).at(-1)?.text).toContain('cannot be drawn just now');
  expect(team.now(shown)).toEqual(shown);
});

test('the text goes alone when Telegram does not take the picture, and nothing does to whom the bot may not write', async () => {
  await startWithEasel();
  await decide();
  team.telegram.arm('sendPhoto', { error: { code: 400, description: 'Bad Request: IMAGE_PROCESS_FAILED' } });
  expect((await ask(team.bob, '/stats')).text).toMatch(/^📊 Your figures/);
  const before = team.telegram.messages(team.bob.privateChat).length;
  team.telegram.arm('sendPhoto', { error: { code: 403, description: 'Forbidden: bot was blocked by the user' } });
  team.bob.send(team.bob.privateChat, '/stats');
  await team.settle();
  expect(team.telegram.messages(team.bob.privateChat)).toHaveLength(before + 1);
});

test('who did nothing yet gets a sentence; the buttons show the time in which something was done', async () => {
  const { drawn } = await startWithEasel();
  await decide();
  team.clock.advance(25 * DAY);
  const shown = await ask(team.alice, '/stats @dana_is_nobody');
  expect(shown.text).toContain('I do not know');
  const { dana, alice, services } = team;
  await services.users.identify(
    { telegramUserId: dana.id, username: 'dana', firstName: 'Dana', lastName: null, languageCode: null },
    { now: team.clock.now(), isConfiguredAdmin: false },
  );
  const nothing = await ask(alice, '/stats @dana');
  expect(nothing.text).toBe('📊 Dana, last 30 days\nNothing yet.');
  expect(nothing.photo).toBeUndefined();
  expect(drawn).toEqual([]);
  await press(alice, nothing, '90');
  expect(team.now(nothing).caption).toMatch(/^📊 Dana, last 90 days\n\nDecisions 1\n/);
  // A picture cannot become a text again: the empty time is drawn.
  await press(alice, team.now(nothing), '7');
  expect(team.now(nothing).caption).toBe('📊 Dana, last 7 days\nNothing yet.');
  expect(team.now(nothing).photo).toBeDefined();
});

test('in a group only the person themself and admins change the days of /stats', async () => {
  await startWithEasel();
  await decide();
  const shown = await ask(team.bob, '/stats', team.group);
  expect(await press(team.dana, shown, '7')).toMatchObject({ text: 'This is Bob’s. Send /stats for yours.' });
  expect(team.now(shown)).toEqual(shown);
  expect(await lastLine()).toBe('Dana stats:days denied');
  await press(team.alice, shown, '7');
  expect(team.now(shown).caption).toMatch(/^📊 Your figures, last 7 days\n\nDecisions 1/);
  await press(team.bob, team.now(shown), '90');
  expect(team.now(shown).caption).toMatch(/^📊 Your figures, last 90 days/);
  expect(await lastLine()).toBe('Bob stats:days done');
});

test('only admins change the days of /team, and strangers those of nothing', async () => {
  await startWithEasel();
  await decide();
  const shown = await ask(team.alice, '/team', team.group);
  expect(await press(team.bob, shown, '7')).toMatchObject({
    text: 'This is for admins. /stats shows your own figures.',
  });
  await team.charlie.tap(team.group, dataOf(shown, '7'), { messageId: shown.message_id });
  expect(team.now(shown)).toEqual(shown);
});

test('/stats @bob is answered in private with the picture, and its buttons stay about Bob', async () => {
  await startWithEasel();
  await decide();
  team.alice.send(team.alice.privateChat, '/start');
  await ask(team.alice, '/stats @bob', team.group);
  const inPrivate = team.telegram.messages(team.alice.privateChat).at(-1);
  if (!inPrivate) throw new Error('nothing in private');
  expect(inPrivate.photo).toBeDefined();
  expect(inPrivate.caption).toMatch(/^📊 Bob, last 30 days/);
  await press(team.alice, inPrivate, '7');
  expect(team.now(inPrivate).caption).toMatch(/^📊 Bob, last 7 days\n\nDecisions 1/);
  const row = (await interactionRows(team.test.db)).at(-1);
  expect(row?.context).toMatchObject({ days: 7, about_user_id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
});

test.each([
  'stats:days',
  'stats:days:7',
  'stats:days:14.018f0000-0000-7000-8000-000000000000',
  'stats:days:7.018f0000-0000-7000-8000-000000000000',
  'stats:days:7.nobody',
  'team:days:8',
  'team:days:7.018f0000-0000-7000-8000-000000000000',
  'team:days:',
])('a forged %s is not valid and changes nothing', async (data) => {
  await startWithEasel();
  await decide();
  const shown = await ask(team.alice, '/team', team.group);
  const answer = await team.alice.tap(team.group, data, { messageId: shown.message_id });
  expect(answer).toMatchObject({ text: 'This button is not valid any more. Send /help for what I can do.' });
  expect(team.now(shown)).toEqual(shown);
});

test('a message that is gone, or too old to look into, is no failure', async () => {
  await startWithEasel();
  await decide();
  const shown = await ask(team.bob, '/stats');
  const data = dataOf(shown, '7');
  await team.bob.tap(team.bob.privateChat, data, { messageId: shown.message_id, inaccessible: true });
  await team.settle();
  expect(team.now(shown).caption).toMatch(/^📊 Your figures, last 7 days/);
  team.telegram.arm('editMessageMedia', {
    error: { code: 400, description: 'Bad Request: message to edit not found' },
  });
  await press(team.bob, team.now(shown), '90');
  expect(await lastLine()).toBe('Bob stats:days done');
});

/** Bob says he is on a card and posts it three minutes later, Dana rejects one for a reason. */
async function decideWithDetails(reason: string): Promise<void> {
  await team.fill(2);
  const first = await team.nextCard();
  await team.bob.press(first, 'On it');
  team.clock.advance(180_000);
  await team.bob.press(first, 'Posted');
  await team.test.db.update(chats).set({ rejectReasons: [reason] });
  team.services.chats.forget(team.group.id);
  const second = await team.nextCard();
  await press(team.dana, second, 'Reject');
  await press(team.dana, team.now(second), reason);
}

test('/team says how long claimed cards took and why was rejected; /stats and another chat’s figures do not', async () => {
  await startWithEasel();
  await decideWithDetails('too dark');
  const details = '🙋 Half handled within 3 min\n💬 Rejected for: too dark (1)\n';
  expect((await ask(team.alice, '/team', team.group)).caption).toContain(details);
  expect((await ask(team.bob, '/stats', team.group)).caption).not.toMatch(/🙋|💬/);
  const other = team.telegram.createGroup({ title: 'Other', members: [team.alice] });
  const { id, title, type } = other;
  await team.services.chats.admit({ id, title, type, timeZone: 'UTC', addedBy: null });
  await ask(team.alice, '/help', other);
  expect((await ask(team.alice, '/team', other)).caption).not.toMatch(/🙋|💬/);
});

test('names of any kind arrive whole in the caption and reach the picture (T22)', async () => {
  const { drawn } = await startWithEasel();
  await team.fill(HOSTILE.length);
  for (const [index, name] of HOSTILE.entries()) {
    const person = team.telegram.createPerson({ first_name: name.slice(0, 60), id: 5000 + index });
    team.telegram.setMember(team.group, person, 'member');
    await person.press(await team.nextCard(), 'Posted');
  }
  const shown = await ask(team.alice, '/team', team.group);
  expect(shown.caption?.length).toBeLessThanOrEqual(1024);
  const names = drawn.at(-1)?.people?.map(({ name }) => name) ?? [];
  expect(names.sort()).toEqual(HOSTILE.map((name) => name.slice(0, 60).trim()).sort());
});
