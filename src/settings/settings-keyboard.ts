import { createHash } from 'node:crypto';
import { InlineKeyboard } from 'grammy';
import { featureData } from '../telegram/callback-data.ts';
import type { Chat } from './chat-repository.ts';
import type { Page, Setting } from './setting-kinds.ts';
import { MIX_KEY, SETTINGS, type SettingKey } from './setting-list.ts';
import type { Share } from './setting-words.ts';
import { MAX_REASONS } from './typed-values.ts';

/**
 * `settings:<action>:<chat>[.<more>]`. Toggles carry the value that they set, so that a press on an old menu, or one that
 * is delivered twice, does what its label said and nothing else.
 */
export function settingsData(action: string, chatId: number, more?: string): string {
  return featureData('settings', action, more === undefined ? chatId : `${chatId}.${more}`);
}

/** Names a reason in a button, whatever its length. */
export function reasonMark(reason: string): string {
  return createHash('sha256').update(reason).digest('hex').slice(0, 12);
}

/** The buttons of a page; at most eight rows. */
export function pageKeyboard(chat: Chat, page: Page, mix: readonly Share[]): InlineKeyboard {
  const keyboard = new InlineKeyboard();
  const data = (action: string, more?: string) => settingsData(action, chat.id, more);
  const open = (label: string, to: Page) => keyboard.text(label, data('page', to));
  const edit = (key: SettingKey, icon: string) => {
    const setting: Setting = SETTINGS[key];
    return keyboard.text(`${icon} ${setting.label}: ${setting.words(setting.read(chat))}`, data('edit', key)).row();
  };
  const toggle = (key: SettingKey, icon: string) => {
    const setting: Setting = SETTINGS[key];
    if (setting.kind !== 'toggle') throw new Error(`${key} is no toggle`);
    const [first, second] = setting.values;
    const next = setting.read(chat) === first ? second : first;
    return keyboard
      .text(`${icon} ${setting.label}: ${setting.words(setting.read(chat))}`, data('set', `${key}.${next}`))
      .row();
  };

  switch (page) {
    case 'main':
      if (chat.isPaused) keyboard.text('▶️ Resume posting', data('resume')).row();
      else keyboard.text('⏸ Pause posting', data('pause')).row();
      edit('posts_per_day', '📅');
      edit('window', '🕑');
      edit('time_zone', '🌍');
      open('💤 Plan, rest ›', 'plan');
      open('🖼 Cards ›', 'cards').row();
      open('👍 Approval ›', 'approval');
      open('🗂 Mix ›', 'mix').row();
      open('📣 Reports ›', 'reports');
      open('🔔 Notices ›', 'alerts').row();
      open('🕘 History ›', 'history');
      return keyboard.text('✖ Close', data('close'));
    case 'plan':
      edit('jitter', '🎲');
      edit('plan_days', '📅');
      edit('repost_rest', '💤');
      edit('skip_rest', '💤');
      edit('reminder', '⏰');
      edit('discard', '⌛');
      break;
    case 'cards':
      toggle('caption_style', '🖼');
      toggle('verbose', '💬');
      break;
    case 'approval':
      edit('approvals_needed', '👍');
      toggle('four_eyes', '👀');
      for (const reason of chat.rejectReasons) {
        keyboard.text(`🗑 ${reason}`, data('drop', reasonMark(reason))).row();
      }
      if (chat.rejectReasons.length < MAX_REASONS)
        keyboard.text('➕ Add a reason', data('edit', 'reject_reasons')).row();
      break;
    case 'mix':
      keyboard.text('✏️ Change', data('edit', MIX_KEY)).row();
      if (mix.length > 0) keyboard.text('All alike', data('even')).row();
      break;
    case 'reports':
      toggle('daily_report', '📊');
      toggle('weekly_report', '🗓');
      edit('report_time', '⏰');
      toggle('empty_reports', '📭');
      edit('report_topic', '🧵');
      toggle('guests', '🚪');
      break;
    case 'alerts':
      edit('quiet_hours', '🌙');
      edit('unusual_from', '📈');
      edit('reject_burst', '🚫');
      edit('silent_after', '⏳');
      edit('strangers_per_hour', '🚪');
      toggle('alerts_about_people', '👤');
      break;
    case 'history':
      break;
  }
  return open('‹ Back', 'main');
}

/** What stands under the menu while a question is open: zones that may be meant, and the way out. */
export function questionKeyboard(chatId: number, askedId: number, zones: readonly string[]): InlineKeyboard {
  const keyboard = new InlineKeyboard();
  for (const zone of zones) keyboard.text(zone, settingsData('zone', chatId, zone)).row();
  return keyboard.text('✖ Cancel', settingsData('cancel', chatId, String(askedId)));
}
