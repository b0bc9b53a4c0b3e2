import { InlineKeyboard } from 'grammy';
import type { TeamChat } from '../telegram/bot-context.ts';
import { featureData, parseCallbackData } from '../telegram/callback-data.ts';
import { bold, clip, fmt, lines, type Text } from '../telegram/text.ts';
import type { Present, Report } from './report-list.ts';
import { parseScope, type Scope } from './report-view.ts';

/** What a button of the menu asks for: the menu of a scope, or a report of one. */
export type MenuButton =
  | { action: 'menu'; scope: Scope }
  | { action: 'get'; scope: Scope; name: string; period: string };

const SCOPE = /^(-?\d{1,16}|all)$/;

/** `report:menu:<scope>` or `report:get:<scope>.<name>.<period>`: at most 53 bytes. */
function menuData(button: MenuButton): string {
  if (button.action === 'menu') return featureData('report', 'menu', button.scope);
  return featureData('report', 'get', [button.scope, button.name, button.period].join('.'));
}

/** The meaning of a press; undefined for everything that the menu never says. Name and period are not checked here. */
export function parseMenuButton(data: unknown): MenuButton | undefined {
  const parsed = parseCallbackData(data);
  if (parsed?.kind !== 'feature' || parsed.feature !== 'report') return undefined;
  const [scope = '', name, period, ...more] = parsed.id?.split('.') ?? [];
  if (!SCOPE.test(scope) || more.length > 0) return undefined;
  if (parsed.action === 'menu' && name === undefined) return { action: 'menu', scope: parseScope(scope) };
  if (parsed.action !== 'get' || name === undefined || period === undefined) return undefined;
  return { action: 'get', scope: parseScope(scope), name, period };
}

/** Which report, of which period: a row of buttons for each report. */
export function reportMenu(facts: { title: string; scope: Scope; reports: readonly Report[]; present: Present }): {
  text: Text;
  keyboard: InlineKeyboard;
} {
  const { title, scope, reports, present } = facts;
  const keyboard = new InlineKeyboard();
  for (const { name, label, periods } of reports) {
    for (const period of periods(present)) {
      keyboard.text(`${label}: ${period.label}`, menuData({ action: 'get', scope, name, period: period.id }));
    }
    keyboard.row();
  }
  const usage = reports.map(({ name }) => `/report ${name}`).join(', ');
  return {
    text: lines(fmt`📊 Which report of ${bold(clip(title, 64))}?`, `Typed: ${usage}, with a date for earlier ones.`),
    keyboard,
  };
}

/** Which chat; with `report` for one that was named already. */
export function scopeQuestion(
  teams: readonly TeamChat[],
  report: { name: string; period: string } | undefined,
): { text: Text; keyboard: InlineKeyboard } {
  const keyboard = new InlineKeyboard();
  const data = (scope: Scope) => menuData(report ? { action: 'get', scope, ...report } : { action: 'menu', scope });
  for (const { id, title } of teams) keyboard.text(clip(title || String(id), 40), data(id)).row();
  return { text: lines('📊 The report of which chat?'), keyboard: keyboard.text('All chats', data('all')) };
}
