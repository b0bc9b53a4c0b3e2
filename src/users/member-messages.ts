import { InlineKeyboard } from 'grammy';
import { featureData } from '../telegram/callback-data.ts';
import { dayAndTime, duration } from '../telegram/local-time.ts';
import { bold, clip, code, fmt, lines, type Text } from '../telegram/text.ts';
import type { Member, MemberCounts } from './member-repository.ts';
import type { ChangeOutcome } from './member-service.ts';
import type { RoleStep } from './role-repository.ts';

/** People on one page of `/members`: each has a button, and a phone shows as many without scrolling. */
export const PAGE_SIZE = 8;

export type View = { text: Text; keyboard: InlineKeyboard };
type Role = Member['role'];

export const ROLE_WORDS: Readonly<Record<Role, string>> = { admin: 'an admin', member: 'a member', guest: 'a guest' };
const HEADINGS: Readonly<Record<Role, string>> = { admin: 'Admins', member: 'Members', guest: 'Guests' };
const ROLES = ['admin', 'member', 'guest'] as const;
const DAY_MS = 86_400_000;

/** `2 h ago`, `3 days ago`, `5 months ago`: the largest unit is enough. A person is remembered for half a minute, hence `just now`. */
export function ago(at: Date | null, now: Date): string {
  if (!at) return 'never';
  const ms = now.getTime() - at.getTime();
  if (ms < 2 * 60_000) return 'just now';
  if (ms < DAY_MS) return `${duration(ms).split(' ').slice(0, 2).join(' ')} ago`;
  const days = Math.floor(ms / DAY_MS);
  if (days < 60) return days === 1 ? '1 day ago' : `${days} days ago`;
  return `${Math.floor(days / 30)} months ago`;
}

/** Name and username; as code, so that the username rings nobody and a tap copies it. */
function nameOf({ name, username }: Member): Text {
  return username ? fmt`${bold(clip(name, 40))} ${code(`@${username}`)}` : bold(clip(name, 40));
}

function placeOf({ chats }: Member): string {
  const [first, ...more] = chats;
  if (!first) return 'not in the team chat';
  return more.length === 0 ? `in ${clip(first.title, 32)}` : `in ${clip(first.title, 32)} and ${more.length} more`;
}

function count(number: number, one: string, many: string): string | undefined {
  if (number === 0) return undefined;
  return `${number} ${number === 1 ? one : many}`;
}

/** One page of everyone who was let in; each number is a button that opens the person. */
export function membersMessage(facts: {
  members: readonly Member[];
  counts: MemberCounts;
  page: number;
  now: Date;
}): View {
  const { members, counts, page, now } = facts;
  const summary = [
    count(counts.admin, 'admin', 'admins'),
    count(counts.member, 'member', 'members'),
    count(counts.guest, 'guest', 'guests'),
    count(counts.removed, 'removed', 'removed'),
  ].filter((part) => part !== undefined);
  const text: (Text | string)[] = [fmt`👥 ${bold('People')}: ${summary.join(', ')}`];
  const keyboard = new InlineKeyboard();
  let heading = '';
  members.forEach((member, index) => {
    const group = member.isActive ? HEADINGS[member.role] : 'Removed';
    if (group !== heading) text.push('', bold(group));
    heading = group;
    const number = page * PAGE_SIZE + index + 1;
    text.push(fmt`${String(number)}. ${nameOf(member)}`, `    ${ago(member.lastSeenAt, now)}, ${placeOf(member)}`);
    keyboard.text(`${number} ${clip(member.name, 20)}`, featureData('members', 'show', `${member.id}.${page}`));
    if (index % 2 === 1) keyboard.row();
  });
  const total = counts.admin + counts.member + counts.guest + counts.removed;
  const pages = Math.ceil(total / PAGE_SIZE);
  keyboard.row();
  if (page > 0) keyboard.text('‹', featureData('members', 'page', page - 1));
  if (page + 1 < pages) keyboard.text('›', featureData('members', 'page', page + 1));
  if (pages > 1) text.push('', `Page ${page + 1} of ${pages}`);
  return { text: lines(...text), keyboard };
}

type CardFacts = { member: Member; page: number; isMe: boolean; isConfigured: boolean; timeZone: string; now: Date };

/** One person, and what can be done about their role. */
export function memberMessage({ member, page, isMe, isConfigured, timeZone, now }: CardFacts): View {
  const data = (action: string, step = '') => featureData('members', action, `${member.id}${step}.${page}`);
  const keyboard = new InlineKeyboard();
  if (member.isActive && !isConfigured) {
    for (const role of ROLES) {
      if (role !== member.role) keyboard.text(`Make ${role}`, data('role', `.${role[0]}`));
    }
    keyboard.row();
    if (!isMe) keyboard.text('Remove', data('remove')).row();
  }
  if (!member.isActive) {
    keyboard.text('Restore as member', data('restore', '.m')).text('Restore as guest', data('restore', '.g')).row();
  }
  keyboard.text('‹ Back', featureData('members', 'page', page));
  const standing = member.isActive
    ? `${isMe ? 'You are' : 'Is'} ${ROLE_WORDS[member.role]}`
    : 'Was removed and cannot use me';
  const text = lines(
    nameOf(member),
    '',
    `${standing}.`,
    member.dateJoined ? `Joined: ${dayAndTime(member.dateJoined, timeZone, now)}` : undefined,
    `Last seen: ${ago(member.lastSeenAt, now)}`,
    `Team chat: ${member.chats.map(({ title }) => clip(title, 32)).join(', ') || 'none'}`,
    isConfigured
      ? 'ADMIN_TELEGRAM_IDS in the configuration makes this person an admin: only there it can be changed.'
      : undefined,
  );
  return { text, keyboard };
}

/** Asked before what is hard to take back: removing somebody, making an admin, changing one's own role. */
export function memberQuestion({ member, page, isMe }: CardFacts, step: RoleStep): View {
  const id = step.action === 'member_removed' ? member.id : `${member.id}.${step.role[0]}`;
  const action = step.action === 'member_removed' ? 'confirm_remove' : 'confirm_role';
  const keyboard = new InlineKeyboard()
    .text(step.action === 'member_removed' ? 'Yes, remove' : 'Yes', featureData('members', action, `${id}.${page}`))
    .text('Cancel', featureData('members', 'show', `${member.id}.${page}`));
  const name = bold(clip(member.name, 40));
  if (step.action === 'member_removed') {
    const text = lines(
      fmt`Remove ${name}?`,
      'They can no longer use me, not even in the team chat. I do not tell them. Telegram’s group stays as it is.',
    );
    return { text, keyboard };
  }
  if (isMe) {
    const text = lines(`Really become ${ROLE_WORDS[step.role]}?`, 'Only another admin can make you an admin again.');
    return { text, keyboard };
  }
  return { text: lines(fmt`Make ${name} an admin?`, ADMIN_POWERS), keyboard };
}

/** Said before somebody becomes an admin. */
export const ADMIN_POWERS =
  'Admins see everybody’s figures, change settings, and let people in and remove them: you too.';

const REFUSALS: Readonly<Record<Extract<ChangeOutcome, { kind: 'refused' }>['why'], string>> = {
  not_admin: 'You are no admin any more.',
  last_admin: 'There must be one admin. Make somebody else an admin first.',
  yourself: 'You cannot remove yourself. Another admin can.',
  removed: 'This person was removed meanwhile. Restore them first.',
  unknown: 'I do not know this person.',
  configured: 'ADMIN_TELEGRAM_IDS in the configuration makes this person an admin: only there it can be changed.',
};

/** What a tap says when it has changed something or not. `member`: as they are afterwards. */
export function changeToast(outcome: ChangeOutcome, member: Member): { text: string; show_alert: boolean } {
  if (outcome.kind === 'refused') return { text: REFUSALS[outcome.why], show_alert: true };
  const name = clip(member.name, 60);
  if (!member.isActive)
    return { text: `${name} ${outcome.kind === 'changed' ? 'is' : 'was already'} removed.`, show_alert: false };
  const when = outcome.kind === 'changed' ? 'now' : 'already';
  return { text: `${name} is ${ROLE_WORDS[member.role]} ${when}.`, show_alert: false };
}

/** To a guest who can do nothing yet. */
export const CLOSED_TO_GUESTS =
  'The team has not opened me to guests yet, so there is nothing you can do here for now.';

/** To the person whose role somebody changed. `canUseBot` as a guest: in a team chat, or the bot is open to guests. */
export function roleNews(role: Role, facts: { by: string; canUseBot: boolean }): Text {
  const next = role === 'guest' && !facts.canUseBot ? CLOSED_TO_GUESTS : '/help shows what you can do now.';
  return lines(fmt`${bold(clip(facts.by, 40))} made you ${ROLE_WORDS[role]}. ${next}`);
}
