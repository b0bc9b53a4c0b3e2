import { InlineKeyboard } from 'grammy';
import { featureData } from '../telegram/callback-data.ts';
import { bold, fmt, lines, type Text } from '../telegram/text.ts';

type View = { text: Text; keyboard: InlineKeyboard };

/** How long an unanswered question holds. */
export const QUESTION_MINUTES = 10;

const BACKUPS =
  'Backups: once backups are set up here, what was deleted stays in them until they are thrown away, after six months at most. A backup that is played back forgets the same people again.';

/** `/privacy`: what is kept, why, how long, and what one can do. The same for everybody; it says nothing about the team. */
export const PRIVACY: Text = lines(
  bold('🔒 What I keep about you'),
  '• your Telegram profile: number, name, username, language; e-mail and member number if another program brought them',
  '• what you do with me: commands, buttons and uploads, with their time. Other talk in a group I do not keep.',
  '• cards that you decide, upvotes, reactions under cards, and what recommendations learn from them',
  '• your role, who let you in, and settings that you change',
  '',
  bold('What for'),
  'The team sees who decided what. Recommendations learn what to show next; admins can export the figures for that.',
  '',
  bold('How long'),
  `Until you send /forget. ${BACKUPS}`,
  '',
  bold('What you can do'),
  '/mydata · everything about you as a file, in private',
  '/forget · have it deleted',
);

const DETAILS = [
  bold('Deleted:'),
  'your profile and role, what you did with me, your upvotes and reactions, and what recommendations learned from you.',
  '',
  bold('Kept without you:'),
  'what the team needs to follow its work: decisions, approvals, changes of settings, media that you sent. They name a “former member” then.',
];

/** The first question of /forget. */
export function forgetQuestion(userId: string): View {
  const keyboard = new InlineKeyboard()
    .text('Forget me…', featureData('forget', 'ask', userId))
    .text('Keep everything', featureData('forget', 'cancel', userId));
  const text = lines(
    bold('🗑 Shall I forget you?'),
    '',
    ...DETAILS,
    '',
    'You can no longer use me then, and nobody can bring it back. /mydata gives you a copy first.',
  );
  return { text, keyboard };
}

/** The second question, which holds for ten minutes from `askedAt`. */
export function forgetConfirmation(userId: string, askedAt: Date): View {
  const asked = Math.floor(askedAt.getTime() / 1000).toString(36);
  const keyboard = new InlineKeyboard()
    .text('Yes, forget me for ever', featureData('forget', 'confirm', `${userId}.${asked}`))
    .row()
    .text('No, keep everything', featureData('forget', 'cancel', userId));
  const text = lines(
    bold('Are you sure?'),
    '',
    `This cannot be undone. The button works for ${QUESTION_MINUTES} minutes.`,
  );
  return { text, keyboard };
}

export const KEPT = lines('↩️ Nothing was changed.');
export const FORGETTING = lines('⏳ I am forgetting you. I write once more when it is done.');
export const QUESTION_EXPIRED = { text: 'That took too long. Here is the question again.', show_alert: true };
export const NOT_THIS_PERSON = { text: 'This button is not valid any more. Send /forget again.', show_alert: true };
export const FORGOTTEN_ALREADY = { text: 'You are forgotten already.', show_alert: false };

/** Nobody could let people in afterwards. */
export const ONLY_ADMIN = lines(
  'You are the only admin, so nobody could let people in without you.',
  'Make somebody else an admin first (/members), then send /forget again. Nothing was changed.',
);

/** The database would not have it for half a day. */
export const FORGET_FAILED = lines('I could not forget you: my database did not let me. Please send /forget again.');

/** To the admins; the person is gone from the database by then. */
export const FILES_REMAIN =
  'Somebody was forgotten, but the folder “exports” in DATA_DIR does not let me delete files or write one. Delete all files in it by hand. If you use AWS Personalize, delete them there, too: it knows them by an id that is in the last export.';

function rows(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'row' : 'rows'}`;
}

/** The last words to somebody: what was done, and what lies outside of the bot's reach. */
export function goodbyeMessage(facts: {
  deleted: number;
  kept: number;
  former: { name: string } | null;
  personalizeIds: readonly string[];
  isConfiguredAdmin: boolean;
}): Text {
  const { deleted, kept, former, personalizeIds, isConfiguredAdmin } = facts;
  return lines(
    bold('✅ You are forgotten.'),
    former
      ? `${rows(deleted)} deleted, ${rows(kept)} kept for the team without you: “${former.name}”.`
      : `${rows(deleted)} deleted, nothing kept.`,
    '',
    bold('What I cannot reach'),
    '• Messages in Telegram: delete this chat yourself. Reports and lists of earlier days in the group keep your name.',
    former ? '• Cards in the group lose it by and by, fifteen a minute.' : undefined,
    '• Files that admins have downloaded.',
    personalizeIds.length > 0
      ? '• AWS Personalize, if the team uses it: the admins have got the file that deletes you there.'
      : undefined,
    `• ${BACKUPS}`,
    '• I keep no logs myself; the machine’s own may name your number until they are rotated.',
    isConfiguredAdmin
      ? '• The configuration (ADMIN_TELEGRAM_IDS) names you as an admin. Ask the operator to take you out of it, or your next message makes you one again.'
      : undefined,
    '',
    fmt`All that stays is a code made of your ids, which cannot be turned back into them. It keeps imports from bringing you back. If you write to me again, you are a stranger; in the team’s group a message or a tap makes you a member, so leave it first if you do not want that.`,
  );
}

/** What the admins have to do when somebody was forgotten; it does not say who. */
export function adminsChecklist(facts: {
  former: string | undefined;
  deletionFile: string | undefined;
  removed: number;
  isConfiguredAdmin: boolean;
}): string {
  const { former, deletionFile, removed, isConfiguredAdmin } = facts;
  const tasks = [
    deletionFile &&
      `AWS Personalize, if you use it: upload exports/${deletionFile} (in DATA_DIR) to its bucket, start a data deletion job with it, train anew when it is done, and delete the file.`,
    removed > 0 &&
      `${removed === 1 ? 'One earlier export was' : `${removed} earlier exports were`} deleted, since they may name them. Export again what you need.`,
    'Delete downloaded exports and copies elsewhere.',
    isConfiguredAdmin && 'Take their number out of ADMIN_TELEGRAM_IDS in .env and start me anew.',
  ].filter((task) => typeof task === 'string');
  return [
    `Somebody asked to be forgotten, and it is done.${former ? ` What they decided is by “${former}” now.` : ''}`,
    ...tasks.map((task) => `☐ ${task}`),
  ].join('\n');
}

export const GATHERING = lines('📦 I am gathering everything about you. It takes a moment.');
export const NO_DATA = lines('I know nothing about you any more.');
export const DATA_FAILED = lines('I could not put your data together. Please send /mydata again later.');

/** What stands in the place of "I am gathering" when the file is there. */
export function gatheredMessage(tables: number, count: number): Text {
  return lines(
    `✅ Everything about you: ${rows(count)} from ${tables} ${tables === 1 ? 'table' : 'tables'}, in the file below.`,
  );
}

/** With the file. */
export const DATA_CAPTION = lines(
  'Your data. Each table is there twice: CSV for a spreadsheet, JSON for programs. READ ME.txt says what they are.',
);

/** Telegram takes files of 50 MB from bots. */
export function tooLargeMessage(megabytes: number): Text {
  return lines(
    `Your data are ${megabytes} MB, and Telegram takes 50 MB from me. Ask the operator of this bot for them: they can export them in the terminal.`,
  );
}
