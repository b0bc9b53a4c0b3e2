import { describe, expect, test } from 'vitest';
import { queueMessage } from '../../src/queue/queue-messages.ts';
import { duplicateMessage, takenInMessage, uploadFailedMessage } from '../../src/queue/upload-messages.ts';
import { NOON } from '../support/team.ts';

const HOUR = 3_600_000;
const at = (hours: number) => new Date(NOON.getTime() + hours * HOUR);
const team = { id: -1001234567890, title: 'Team', timeZone: 'Europe/Berlin' };
const upcoming = (label: string, hours: number, kind = 'photo', category: string | null = null) => ({
  label,
  kind,
  category,
  scheduledFor: at(hours),
});

describe('/queue', () => {
  const show = (facts: Partial<Parameters<typeof queueMessage>[0]>) => {
    const summary = { pending: 0, waiting: 0, nextAt: null, lastPostedAt: null, mediaCount: 0 };
    const { text, keyboard } = queueMessage({ team, summary, upcoming: [], waiting: [], page: 0, now: NOON, ...facts });
    const buttons = keyboard.inline_keyboard
      .flat()
      .map((button) => [button.text, 'callback_data' in button && button.callback_data]);
    return { text: text.text, entities: text.entities, buttons };
  };

  test('with nothing planned says what to do', () => {
    expect(show({}).text).toBe(
      '📭 Nothing is planned.\nSend me a picture in private, or /next for one from the library.\n\nTimes are Europe/Berlin.',
    );
  });

  test('names what comes when, in the chat’s zone, and what waits since when, with links', () => {
    const shown = show({
      summary: { pending: 3, waiting: 3, nextAt: at(2), lastPostedAt: null, mediaCount: 9 },
      upcoming: [
        upcoming('Paris', 2),
        upcoming('one.mp4', 22, 'video', 'memes'),
        upcoming('x'.repeat(50), 30 * 24, 'document'),
      ],
      waiting: [
        { label: 'old.jpg', sentAt: at(-26), messageId: 7, isRejectAsked: true },
        { label: 'lost.jpg', sentAt: null, messageId: null, isRejectAsked: false },
      ],
    });
    expect(shown.text).toBe(
      [
        '📅 Coming 1–3 of 3',
        '🖼 today 14:00',
        'Paris',
        '🎬 tomorrow 10:00',
        'one.mp4 · memes',
        '📄 Sun 20 Dec 12:00',
        `${'x'.repeat(39)}…`,
        '',
        '⏳ Waiting for a decision 3',
        '• old.jpg, since 1 d 2 h (reject?)',
        '• lost.jpg',
        'and 1 more',
        '',
        'Times are Europe/Berlin.',
      ].join('\n'),
    );
    expect(shown.entities).toContainEqual(
      expect.objectContaining({ type: 'text_link', url: 'https://t.me/c/1234567890/7' }),
    );
    expect(shown.buttons).toEqual([]);
  });

  test('has buttons for the pages there are', () => {
    const summary = { pending: 17, waiting: 0, nextAt: null, lastPostedAt: null, mediaCount: 0 };
    const page = (number: number) => show({ summary, page: number, upcoming: [upcoming('a', 1)] }).buttons;
    expect(page(0)).toEqual([['Later ▶️', 'queue:page:-1001234567890.1']]);
    expect(page(1)).toEqual([
      ['◀️ Earlier', 'queue:page:-1001234567890.0'],
      ['Later ▶️', 'queue:page:-1001234567890.2'],
    ]);
    expect(page(2)).toEqual([['◀️ Earlier', 'queue:page:-1001234567890.1']]);
  });
});

describe('an upload', () => {
  test('that was taken in', () => {
    const facts = { fileName: 'a.jpg', slot: at(30), chat: { title: '', timeZone: 'Asia/Kolkata' }, now: NOON };
    expect(takenInMessage({ ...facts, isCompared: true }).text).toBe(
      '✅ Added a.jpg\nThe team gets it tomorrow 22:30 (Asia/Kolkata).',
    );
    expect(takenInMessage({ ...facts, isCompared: false }).text).toMatch(/over 20 MB\)\.$/);
  });

  test('that is here already says where it stands', () => {
    const of = { fileName: 'a.jpg', lastPostedAt: null, timesPosted: 0 };
    const say = (facts: Partial<Parameters<typeof duplicateMessage>[0]>) =>
      duplicateMessage({ of, planned: undefined, locked: undefined, timeZone: 'UTC', now: NOON, ...facts }).text;
    const already = '♻️ I have this one already: a.jpg';
    expect(say({})).toBe(`${already}\nIt is in the library already.`);
    expect(say({ planned: at(1) })).toBe(`${already}\nIt is planned for today 12:00.`);
    expect(say({ locked: at(48) })).toBe(`${already}\nIt rests until Sun 22 Nov 11:00.`);
    expect(say({ locked: 'for ever' })).toBe(`${already}\nIt was rejected for ever.`);
    expect(say({ of: { ...of, lastPostedAt: at(-9000), timesPosted: 3 } })).toBe(
      `${already}\nIt is in the library already.\nPosted 3 times, last on Mon 10 Nov 2025 11:00.`,
    );
  });

  test('that could not be fetched', () => {
    expect(uploadFailedMessage('a.jpg').text).toBe('⚠️ I could not fetch a.jpg from Telegram. Please send it again.');
  });
});
