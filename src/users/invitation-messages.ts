import { InlineKeyboard } from 'grammy';
import { featureData } from '../telegram/callback-data.ts';
import { nearTime } from '../telegram/local-time.ts';
import { bold, clip, fmt, lines, type Text } from '../telegram/text.ts';
import type { Invitation } from './invitation-service.ts';
import { ADMIN_POWERS, CLOSED_TO_GUESTS, ROLE_WORDS, type View } from './member-messages.ts';

type Role = Invitation['role'];

/** The same for unknown, used, withdrawn and old codes: who tries codes learns nothing. */
export const INVALID_INVITATION = 'This invitation is not valid any more. Ask for a new one.';
export const TOO_MANY_CODES = 'That were too many invitations that are not valid. Try again in an hour.';

/** To the admin who invites a guest, as long as no chat is open to guests. */
const GUESTS_WAIT = 'Guests can use me once /settings opens a chat to guests.';

/** `/invite` without a role. */
export function inviteQuestion({ isOpenToGuests }: { isOpenToGuests: boolean }): View {
  const keyboard = new InlineKeyboard()
    .text('Member', featureData('invite', 'role', 'member'))
    .text('Guest', featureData('invite', 'role', 'guest'))
    .text('Admin', featureData('invite', 'role', 'admin'));
  const text = lines(
    bold('Whom do you invite?'),
    'Member: works through the queue with the team',
    'Guest: somebody around the team, without the queue',
    'Admin: may do everything',
    ...(isOpenToGuests ? [] : ['', GUESTS_WAIT]),
  );
  return { text, keyboard };
}

/** Asked before an invitation that makes an admin. */
export function adminQuestion(): View {
  const keyboard = new InlineKeyboard()
    .text('Yes, an admin', featureData('invite', 'confirm_role', 'admin'))
    .text('Cancel', featureData('invite', 'cancel'));
  return { text: lines(bold('Really an admin?'), ADMIN_POWERS), keyboard };
}

/**
 * The invitation: worded for the person who is invited, so that the message can be forwarded as it is. Share and Copy
 * pass on the link alone.
 */
export function invitationMessage(facts: {
  invitation: Invitation;
  botUsername: string;
  timeZone: string;
  now: Date;
  isOpenToGuests: boolean;
}): View {
  const { invitation, botUsername, timeZone, now, isOpenToGuests } = facts;
  const url = `https://t.me/${botUsername}?start=${invitation.code}`;
  const share = `https://t.me/share/url?url=${encodeURIComponent(url)}`;
  const text = lines(
    fmt`🔑 ${bold(`Invitation: become ${ROLE_WORDS[invitation.role]} of our team`)}`,
    '',
    'Open this link and press Start:',
    url,
    '',
    `It works once, for one person, until ${nearTime(invitation.expiresAt, timeZone, now)} (${timeZone}).`,
    ...(invitation.role === 'guest' && !isOpenToGuests ? ['', GUESTS_WAIT] : []),
  );
  const keyboard = new InlineKeyboard()
    .url('Share', share)
    .copyText('Copy link', url)
    .row()
    .text('Withdraw', featureData('invite', 'withdraw', invitation.id));
  return { text, keyboard };
}

/** What stands in the invitation's place when it cannot be used any more. */
export function endedMessage(end: { kind: 'withdrawn' } | { kind: 'used'; by: string } | { kind: 'closed' }): Text {
  switch (end.kind) {
    case 'withdrawn':
      return lines('🔑 Withdrawn: this invitation cannot be used any more. /invite makes a new one.');
    case 'used':
      return lines(fmt`🔑 ${bold(clip(end.by, 60))} has used this invitation. /members shows who is here.`);
    case 'closed':
      return lines('🔑 This invitation is not open any more. /invite makes a new one.');
  }
}

/** To the inviting admin. */
export function usedNews(name: string, role: Role): Text {
  return lines(fmt`🔑 ${bold(clip(name, 60))} used your invitation and is ${ROLE_WORDS[role]} now.`);
}

/**
 * Greets somebody who came in: what they are now, and what to do next. `teams`: the titles of the team chats in which
 * they are (for an admin: of all); undefined when Telegram did not say.
 */
export function welcomeMessage(facts: {
  name: string;
  role: Role;
  teams: readonly string[] | undefined;
  invitedBy: string | undefined;
  /** If not, guests can do nothing unless they are in a team chat. */
  isOpenToGuests: boolean;
}): Text {
  const { name, role, teams, invitedBy = 'an admin' } = facts;
  const greeting = fmt`Hello ${bold(name)}! 👋`;
  const media = 'Send me a picture, video or document here: it joins the queue.';
  if (role === 'guest') {
    const canUseBot = facts.isOpenToGuests || (teams !== undefined && teams.length > 0);
    return lines(greeting, 'You are a guest here now.', canUseBot ? '/help shows what you can do.' : CLOSED_TO_GUESTS);
  }
  if (role === 'admin') {
    return lines(
      greeting,
      'You are an admin of this bot now.',
      '',
      teams?.length === 0 ? 'Next, add me to the group of your team: the cards come there.' : undefined,
      media,
      '/invite lets others in, /members shows who is here, /help explains everything.',
    );
  }
  const [team] = teams ?? [];
  return lines(
    greeting,
    'You are a member of the team now.',
    '',
    ...(team === undefined
      ? [
          fmt`One step is left: ask ${clip(invitedBy, 60)} to add you to the group of the team.`,
          'The cards come there, and as soon as you are in it, you can decide and use all my commands.',
        ]
      : [`You are in ${clip(team, 60)} already: /next brings a card there now, and one tap settles it.`, media]),
    '/help explains everything.',
  );
}

/** To somebody who had as much as the invitation offers. */
export function keptMessage(role: Role, offered: Role): Text {
  const same = role === offered ? `You are ${ROLE_WORDS[role]} already` : `You are ${ROLE_WORDS[role]}, which is more`;
  return lines(`${same}: nothing changes, and the invitation stays unused. Somebody else can still use it.`);
}
