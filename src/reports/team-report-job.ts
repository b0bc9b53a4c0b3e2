import type { ClockJob } from '../lib/job-run.ts';
import type { ChatRepository } from '../settings/chat-repository.ts';
import type { ReportDelivery } from './report-delivery.ts';
import { lastSunday, periodEnding, yesterday } from './report-periods.ts';
import type { ReportReader } from './report-reader.ts';
import { ownView, type TeamReport } from './report-view.ts';

/**
 * The clock's side of a team report, for the chat of the run: the daily one is about the day before its slot, the weekly one
 * about the last ISO week that was over then, however late it runs. Running twice sends once (report-delivery.ts).
 * Throws while the database or Telegram fails for now.
 */
export function createTeamReportJob(
  report: TeamReport,
  dependencies: {
    reportReader: ReportReader;
    reportDelivery: ReportDelivery;
    chats: Pick<ChatRepository, 'byId'>;
  },
): ClockJob {
  const { reportReader, reportDelivery, chats } = dependencies;
  return async ({ chatId, slot, isLate, now }) => {
    if (chatId === undefined) throw new Error(`the ${report} report runs for a chat`);
    const chat = await chats.byId(chatId);
    if (!chat?.isActive) return { outcome: 'undeliverable', words: 'I am not in that chat any more' };
    if (!(report === 'daily' ? chat.sendsDailyReport : chat.sendsWeeklyReport)) {
      return { outcome: 'skipped', words: 'Switched off in /settings' };
    }
    const end = report === 'daily' ? yesterday(slot, chat.timeZone) : lastSunday(slot, chat.timeZone);
    const view = ownView(report, chat.id, end);
    const key = { report, chatId: chat.id, periodStart: periodEnding(end, view.days, chat.timeZone).start };
    const { show, isQuiet } = await reportReader.read(view, now);
    if (isQuiet && !chat.sendsEmptyReports) return reportDelivery.skip({ key, slot });
    return reportDelivery.deliver({ words: `${report} report`, key, chat, slot, isLate, show });
  };
}
