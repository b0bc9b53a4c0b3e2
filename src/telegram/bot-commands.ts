/** Who finds a command in the menu and in /help. A menu is no authorization: the handlers check. */
export type Audience = 'everyone' | 'member' | 'admin';

export type CommandEntry = {
  /** Without the slash. */
  command: string;
  /** One line, as it stands in Telegram's menu and in /help. */
  summary: string;
  audience: Audience;
  /** How it is typed when it takes something. */
  usage?: string;
};

/** Every bot command. /help, the menus and the README's table are rendered from or tested against this list. */
export const BOT_COMMANDS: readonly CommandEntry[] = [
  { command: 'start', summary: 'Say hello, and what to do first', audience: 'everyone' },
  { command: 'help', summary: 'All commands and what the buttons do', audience: 'everyone' },
  { command: 'privacy', summary: 'What I keep about you', audience: 'everyone' },
  { command: 'mydata', summary: 'Everything about you, as a file', audience: 'everyone' },
  { command: 'forget', summary: 'Have everything about you deleted', audience: 'everyone' },
  { command: 'next', summary: 'Show the next card now', audience: 'member' },
  { command: 'queue', summary: 'What comes when, and what still waits', audience: 'member' },
  {
    command: 'history',
    summary: 'How the last cards ended',
    audience: 'member',
    usage: '/history 10',
  },
  { command: 'locks', summary: 'What may not be queued, and until when', audience: 'member' },
  { command: 'status', summary: 'How the bot is doing', audience: 'member' },
  { command: 'stats', summary: 'My figures', audience: 'member', usage: '/stats 7' },
  { command: 'team', summary: 'The team’s figures', audience: 'admin', usage: '/team 7' },
  {
    command: 'report',
    summary: 'A report now: daily or weekly',
    audience: 'admin',
    usage: '/report daily',
  },
  {
    command: 'export',
    summary: 'A file of what happened',
    audience: 'admin',
    usage: '/export interactions 30',
  },
  { command: 'schedule', summary: 'Plan days ahead from the library', audience: 'admin', usage: '/schedule 7' },
  { command: 'pause', summary: 'Let nothing be posted by the clock', audience: 'admin' },
  { command: 'resume', summary: 'Go on after a pause', audience: 'admin' },
  { command: 'reset', summary: 'Take everything planned out of the queue', audience: 'admin' },
  { command: 'unreject', summary: 'Free what was rejected for ever', audience: 'admin' },
  { command: 'approveall', summary: 'Mark all waiting cards as posted', audience: 'admin' },
  { command: 'settings', summary: 'This chat’s settings', audience: 'admin' },
  { command: 'jobs', summary: 'What runs by the clock, and how it went', audience: 'admin' },
  { command: 'invite', summary: 'A link that lets somebody in', audience: 'admin', usage: '/invite member' },
  { command: 'members', summary: 'Who is here, and their roles', audience: 'admin' },
];

/** The commands for people of this level, in the list's order. */
export function commandsFor(level: 'admin' | 'member' | 'guest'): CommandEntry[] {
  return BOT_COMMANDS.filter(
    ({ audience }) => audience === 'everyone' || (level !== 'guest' && audience === 'member') || level === 'admin',
  );
}
