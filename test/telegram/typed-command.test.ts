import fc from 'fast-check';
import type { Message } from 'grammy/types';
import { expect, test } from 'vitest';
import { mentionsBot, typedCommand } from '../../src/telegram/typed-command.ts';

const BOT = 'Storyline_bot';

/** A message with Telegram's mark on the first `length` characters. */
function typed(text: string, length = text.split(/\s/)[0]?.length ?? 0, offset = 0): Message {
  const chat = { id: 1, type: 'private', first_name: 'Bob' } as const;
  return { message_id: 1, date: 0, chat, text, entities: [{ type: 'bot_command', offset, length }] };
}

test.each([
  ['/queue', { name: 'queue', args: '' }],
  ['/stats 7', { name: 'stats', args: '7' }],
  ['/stats  @bob\n7 ', { name: 'stats', args: '@bob\n7' }],
  ['/Queue@storyline_BOT now', { name: 'queue', args: 'now' }],
])('%j is a command for us', (text, command) => {
  expect(typedCommand(typed(text), BOT)).toMatchObject(command);
});

test('a command for another bot is none of ours', () => {
  expect(typedCommand(typed('/queue@other_bot'), BOT)).toBeUndefined();
});

test('a command in the middle of a text is talk', () => {
  expect(typedCommand(typed('send /queue', 6, 5), BOT)).toBeUndefined();
  expect(typedCommand({ ...typed('/queue'), entities: [] }, BOT)).toBeUndefined();
});

test('whatever follows a command arrives as it was typed, but for white space around it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (args) => {
      expect(typedCommand(typed(`/stats ${args}`, 6), BOT)).toMatchObject({ name: 'stats', args: args.trim() });
    }),
  );
});

test('the bot is named by a mention in text or caption, in any case, and not by the letters alone', () => {
  const { text: _text, entities: _entities, ...bare } = typed('x');
  const at = { type: 'mention', offset: 3, length: 14 } as const;
  expect(mentionsBot({ ...bare, text: 'hi @STORYLINE_bot', entities: [at] }, BOT)).toBe(true);
  expect(mentionsBot({ ...bare, caption: 'hi @storyline_bot', caption_entities: [at] }, BOT)).toBe(true);
  expect(mentionsBot({ ...bare, text: 'hi @storyline_bot' }, BOT)).toBe(false);
  expect(mentionsBot({ ...bare, text: 'hi @storyline_bo2', entities: [at] }, BOT)).toBe(false);
  expect(mentionsBot(bare, BOT)).toBe(false);
});
