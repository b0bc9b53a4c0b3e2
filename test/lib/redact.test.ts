import { DrizzleQueryError } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { errorFields } from '../../src/lib/error-fields.ts';
import { redactText } from '../../src/lib/redact.ts';

test.each([
  ['https://api.telegram.org/bot123456:AAH-x_y/getMe failed', 'AAH-x_y'],
  ['token 123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw here', 'AAHdqTcv'],
  ['postgres://storyline:hunter22@db:5432/x', 'hunter22'],
  ['Authorization: Bearer abcdefgh12345', 'abcdefgh12345'],
  ['key AKIAIOSFODNN7EXAMPLE', 'AKIAIOSFODNN7EXAMPLE'],
  ['https://b.s3.amazonaws.com/x?X-Amz-Signature=deadbeef01&y=1', 'deadbeef01'],
])('%s keeps its secret to itself', (text, secret) => {
  expect(redactText(text, [])).not.toContain(secret);
});

test('values of the configuration are removed wherever they stand', () => {
  expect(redactText('it is s3cr3t-value!', ['s3cr3t-value'])).toBe('it is [removed]!');
});

test('ordinary words stay', () => {
  const text = 'listening to Telegram at 12:30 on http://127.0.0.1:8080/';
  expect(redactText(text, ['12', ''])).toBe(text);
});

test('an error in the log has no parameters of its statement', () => {
  const error = new DrizzleQueryError('insert into users values ($1)', ['Alice’s secret'], new Error('boom'));
  const fields = errorFields(error);
  expect(JSON.stringify(fields)).not.toContain('Alice');
  expect(fields).toMatchObject({
    type: 'Error',
    message: 'Failed query: insert into users values ($1)',
    cause: { message: 'boom' },
  });
});

test('what is thrown without being an error is said too', () => {
  expect(errorFields('plain')).toEqual({ type: 'string', message: 'plain' });
});
