import { expect, test } from 'vitest';
import { describeTarget, normaliseTarget, withDatabase } from '../../src/db/target.ts';
import { PersonError } from '../../src/lib/errors.ts';

const socket = { host: '/run/pg', port: 5432, user: 'ann', database: 'story' };

test.each([
  ['postgres://ann@localhost/story?host=/run/pg', socket],
  ['postgres://ann@/story?host=%2Frun%2Fpg', socket],
  ['postgresql://ann@%2Frun%2Fpg/story', socket],
  ['postgres:///story?host=/run/pg&user=ann', socket],
  ['postgres://ann:p%40ss@/story?host=/run/pg&port=5433', { ...socket, port: 5433, password: 'p@ss' }],
])('%s is a socket', (url, expected) => {
  expect(normaliseTarget({ url })).toEqual(expected);
});

test('an address over the network stays as it is, without what no server knows', () => {
  const url = 'postgres://ann:secret@db.example.org:6432/story?sslmode=require';
  expect(normaliseTarget({ url })).toEqual({ url });
  expect(normaliseTarget({ url: `${url}&channel_binding=require&pgbouncer=true` })).toEqual({ url });
});

test.each(['', 'story', 'mysql://ann@db/story', 'postgres://ann@db:port/story', '/run/pg'])(
  '"%s" is refused without being repeated',
  (url) => {
    expect(() => normaliseTarget({ url })).toThrow(PersonError);
    expect(() => normaliseTarget({ url })).toThrow(/not of the form postgres:\/\/user:password@host:5432\/name/);
  },
);

test('a target in words has no password', () => {
  expect(describeTarget({ url: 'postgres://ann:secret@db.example.org/story' })).toBe('story at db.example.org');
  expect(describeTarget({ ...socket, password: 'secret' })).toBe('story at /run/pg');
});

test('another database of the same server', () => {
  expect(withDatabase(socket, 'other')).toEqual({ ...socket, database: 'other' });
  expect(withDatabase({ url: 'postgres://ann:secret@db/story?sslmode=require' }, 'other')).toEqual({
    url: 'postgres://ann:secret@db/other?sslmode=require',
  });
});
