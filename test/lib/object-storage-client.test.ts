import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createObjectStorage } from '../../src/lib/object-storage-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'storyline-s3-'));
const server = new S3rver({
  port: 0,
  address: '127.0.0.1',
  silent: true,
  directory: join(folder, 's3'),
  configureBuckets: [{ name: 'exports', configs: [] }],
});
let endpoint = '';

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'S3RVER');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'S3RVER');
  const { port } = await server.run();
  endpoint = `http://127.0.0.1:${port}`;
});
afterAll(async () => {
  await server.close();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const storage = (at = endpoint) => createObjectStorage({ bucket: 'exports', region: 'eu-central-1', endpoint: at });

function fileOf(bytes: number): { path: string; sha256: string } {
  const path = join(folder, `${bytes}.csv`);
  const content = randomBytes(bytes);
  writeFileSync(path, content);
  return { path, sha256: createHash('sha256').update(content).digest('hex') };
}

test.each([0, 1_000, 12 * 1024 * 1024 + 7])(
  '%d bytes arrive as they are, by a link that names the file',
  async (bytes) => {
    const { path, sha256 } = fileOf(bytes);
    await storage().upload({ path, key: `weekly/${bytes}.csv`, contentType: 'text/csv' });
    const link = await storage().link(`weekly/${bytes}.csv`, { seconds: 3600, fileName: 'figures of "today".csv' });
    const answer = await fetch(link);
    expect(answer.status).toBe(200);
    expect(
      createHash('sha256')
        .update(Buffer.from(await answer.arrayBuffer()))
        .digest('hex'),
    ).toBe(sha256);
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="figures_of__today_.csv"');
  },
);

test('a link lives a day at most', async () => {
  const link = new URL(await storage().link('x', { seconds: 7 * 86_400, fileName: 'x' }));
  expect(link.searchParams.get('X-Amz-Expires')).toBe('86400');
});

test('what lies below a prefix is listed and removed, and nothing beside it', async () => {
  const { path } = fileOf(10);
  for (const key of ['old/a', 'old/b', 'older']) await storage().upload({ path, key, contentType: 'text/csv' });
  expect(await storage().keys('old/')).toEqual(['old/a', 'old/b']);
  await storage().remove(await storage().keys('old/'));
  expect(await storage().keys('old')).toEqual(['older']);
});

describe('R03: a bucket that fails', () => {
  /** An S3 that answers a few calls by itself and writes down what was asked of it. */
  async function doubtful(answer: (method: string, url: string) => { status: number; body: string } | 'cut') {
    const asked: string[] = [];
    const http = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const reply = answer(request.method ?? '', request.url ?? '');
      if (reply === 'cut') return void request.socket.destroy();
      request
        .resume()
        .on('end', () => response.writeHead(reply.status, { 'content-type': 'application/xml' }).end(reply.body));
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    return {
      asked,
      at: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
      close: () => new Promise((resolve) => http.close(resolve)),
    };
  }
  const refusal = '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>no</Message></Error>';

  test('one that refuses us is asked once and named, without credential or address', async () => {
    const s3 = await doubtful(() => ({ status: 403, body: refusal }));
    const { path } = fileOf(100);
    const failure = storage(s3.at).upload({ path, key: 'k', contentType: 'text/csv' });
    await expect(failure).rejects.toMatchObject({
      name: 'OutsideError',
      system: 's3',
      retryable: false,
      message: 'The upload to exports failed (AccessDenied, 403).',
    });
    expect(s3.asked).toHaveLength(1);
    await s3.close();
  });

  test('a cut in the middle of a large upload is tried three times, then its parts are taken back', async () => {
    const created =
      '<?xml version="1.0"?><InitiateMultipartUploadResult><Bucket>exports</Bucket><Key>k</Key><UploadId>u1</UploadId></InitiateMultipartUploadResult>';
    const s3 = await doubtful((method, url) => {
      if (method === 'POST' && url.includes('uploads')) return { status: 200, body: created };
      return method === 'DELETE' ? { status: 204, body: '' } : 'cut';
    });
    const { path } = fileOf(11 * 1024 * 1024);
    const failure = storage(s3.at).upload({ path, key: 'k', contentType: 'text/csv' });
    await expect(failure).rejects.toMatchObject({ system: 's3', retryable: true });
    expect(s3.asked.filter((line) => line.includes('partNumber=1')).length).toBe(3);
    expect(s3.asked.filter((line) => line.startsWith('DELETE') && line.includes('uploadId=u1'))).toHaveLength(1);
    await s3.close();
  });
});
