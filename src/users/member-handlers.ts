import { Composer } from 'grammy';
import type { ChatRepository } from '../settings/chat-repository.ts';
import { chatZone } from '../settings/chat-zone.ts';
import { answerInPrivate } from '../telegram/answer-in-private.ts';
import { type BotContext, note, personOf, setOutcome } from '../telegram/bot-context.ts';
import { parseCallbackData } from '../telegram/callback-data.ts';
import { requireAdmin } from '../telegram/require-level.ts';
import { lines } from '../telegram/text.ts';
import { isCommand } from '../telegram/typed-command.ts';
import {
  changeToast,
  memberMessage,
  memberQuestion,
  membersMessage,
  PAGE_SIZE,
  ROLE_WORDS,
  type View,
} from './member-messages.ts';
import type { MemberRepository } from './member-repository.ts';
import type { MemberService } from './member-service.ts';
import { isPrivateButton, showInstead } from './private-buttons.ts';
import type { RoleStep } from './role-repository.ts';

/** What a button of a person says: `<user id>[.<role>].<page of the list>`. */
type Button = { userId: string; role: 'admin' | 'member' | 'guest' | undefined; page: number };

const BUTTON = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.([amg]))?(?:\.(\d{1,3}))?$/;
const ROLE_LETTERS = { a: 'admin', m: 'member', g: 'guest' } as const;
const SILENT = { text: '', show_alert: false };

function parseButton(id: string): Button | undefined {
  const [, userId, letter, page = '0'] = BUTTON.exec(id) ?? [];
  if (userId === undefined) return undefined;
  const role = letter === 'a' || letter === 'm' || letter === 'g' ? ROLE_LETTERS[letter] : undefined;
  return { userId, role, page: Number(page) };
}

/** The step that a button asks for; undefined for buttons that only show something. */
function stepOf(action: string, { role }: Button): RoleStep | undefined {
  if (action === 'remove' || action === 'confirm_remove') return { action: 'member_removed' };
  if (!role) return undefined;
  if (action === 'role' || action === 'confirm_role') return { action: 'role_changed', role };
  // An admin who comes back is made one anew, with the question that belongs to it.
  return action === 'restore' && role !== 'admin' ? { action: 'member_restored', role } : undefined;
}

/**
 * `/members`: who was let in, with their roles, and the buttons that change them. It shows when people were last seen,
 * so it is answered in private, and its buttons work nowhere else.
 */
export function memberHandlers(dependencies: {
  members: MemberRepository;
  memberService: MemberService;
  chats: Pick<ChatRepository, 'active'>;
  defaultTimeZone: string;
}): Composer<BotContext> {
  const { members, memberService } = dependencies;
  const handlers = new Composer<BotContext>();

  async function list(ctx: BotContext, wanted: number): Promise<View> {
    const counts = await members.counts();
    const total = counts.admin + counts.member + counts.guest + counts.removed;
    // People may have gone since the button was sent.
    const page = Math.max(0, Math.min(wanted, Math.ceil(total / PAGE_SIZE) - 1));
    const shown = await members.page({ limit: PAGE_SIZE, offset: page * PAGE_SIZE });
    return membersMessage({ members: shown, counts, page, now: ctx.receivedAt });
  }

  async function factsAbout(ctx: BotContext, { userId, page }: Button) {
    const member = await members.find(userId);
    if (!member) return undefined;
    return {
      member,
      page,
      isMe: member.id === personOf(ctx).id,
      isConfigured: member.isActive && memberService.isConfiguredAdmin(member.telegramUserId),
      timeZone: await chatZone(ctx, dependencies),
      now: ctx.receivedAt,
    };
  }

  handlers.filter(isCommand('members'), requireAdmin, async (ctx) => {
    const { text, keyboard } = await list(ctx, 0);
    await answerInPrivate(ctx, text, keyboard);
  });

  handlers.filter(isPrivateButton('members'), requireAdmin, async (ctx) => {
    const data = parseCallbackData(ctx.callbackQuery?.data);
    if (data?.kind !== 'feature') return;
    if (data.action === 'page' && /^\d{1,3}$/.test(data.id ?? '')) {
      await ctx.answerTap(SILENT);
      return showInstead(ctx, await list(ctx, Number(data.id)));
    }
    const button = parseButton(data.id ?? '');
    const facts = button && (await factsAbout(ctx, button));
    if (!button || !facts) return notValid(ctx);
    note(ctx, { about_user_id: button.userId });
    if (data.action === 'show') {
      await ctx.answerTap(SILENT);
      return showInstead(ctx, memberMessage(facts));
    }
    const step = stepOf(data.action, button);
    if (!step) return notValid(ctx);
    const isWorthAQuestion =
      data.action === 'remove' ||
      (data.action === 'role' && step.action === 'role_changed' && (facts.isMe || step.role === 'admin'));
    if (isWorthAQuestion) {
      await ctx.answerTap(SILENT);
      return showInstead(ctx, memberQuestion(facts, step));
    }
    return change(ctx, button, step);
  });

  async function change(ctx: BotContext, button: Button, step: RoleStep): Promise<void> {
    const outcome = await memberService.change(personOf(ctx), button.userId, step, ctx.receivedAt);
    // Read again: the card shows what is, whoever brought it about.
    const facts = await factsAbout(ctx, button);
    if (!facts) return notValid(ctx);
    if (outcome.kind === 'refused') setOutcome(ctx, outcome.why === 'not_admin' ? 'denied' : 'noop');
    if (outcome.kind === 'unchanged') setOutcome(ctx, 'noop');
    await ctx.answerTap(changeToast(outcome, facts.member));
    const { member } = facts;
    const view = memberMessage(facts);
    const isNoAdminAnyMore = facts.isMe && (member.role !== 'admin' || !member.isActive);
    await showInstead(ctx, isNoAdminAnyMore ? { text: lines(`You are ${ROLE_WORDS[member.role]} now.`) } : view);
  }

  async function notValid(ctx: BotContext): Promise<void> {
    setOutcome(ctx, 'denied');
    await ctx.answerTap({ text: 'This button is not valid any more. Send /members again.', show_alert: true });
  }

  return handlers;
}
