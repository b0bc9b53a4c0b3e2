import { expect, test } from 'vitest';
import { commandsFor } from '../../src/telegram/bot-commands.ts';
import { messageLink } from '../../src/telegram/message-link.ts';

test('messages of supergroups have links, those of basic groups and private chats have none', () => {
  expect(messageLink(-1001234567890, 42)).toBe('https://t.me/c/1234567890/42');
  expect(messageLink(-4123456789, 42)).toBeUndefined();
  expect(messageLink(-100123, 42)).toBeUndefined();
  expect(messageLink(101, 42)).toBeUndefined();
});

test('nobody finds less in the list of commands than somebody with fewer rights', () => {
  const names = (level: 'admin' | 'member' | 'guest') => commandsFor(level).map(({ command }) => command);
  expect(names('member')).toEqual(expect.arrayContaining(names('guest')));
  expect(names('admin')).toEqual(expect.arrayContaining(names('member')));
  expect(names('member')).not.toContain('team');
});
