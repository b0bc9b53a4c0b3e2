import { createReadStream } from 'node:fs';
import type { S3Client } from '@aws-sdk/client-s3';
import { errorFields } from './error-fields.ts';
import { OutsideError } from './errors.ts';

/** Where files go that are too large for a chat. The credentials are those of AWS's own variables, files and roles. */
export type ObjectStorageSettings = { bucket: string; region: string; endpoint: string | undefined };

export type ObjectStorage = {
  /** Uploads a file under a key, private; in parts when it is large, and without orphaned parts when it fails. */
  upload(file: { path: string; key: string; contentType: string; signal?: AbortSignal }): Promise<void>;
  /** An address that anybody can fetch for so long, at most a day, as a file of that name. */
  link(key: string, options: { seconds: number; fileName: string }): Promise<string>;
  /** The keys below a prefix. */
  keys(prefix: string): Promise<string[]>;
  remove(keys: readonly string[]): Promise<void>;
};

const MAX_LINK_SECONDS = 24 * 3600;
const CONNECT_TIMEOUT_MS = 5_000;
/** Without a byte in either direction. The SDK's own default is to wait for ever. */
const REQUEST_TIMEOUT_MS = 30_000;
const MAX_ATTEMPTS = 3;
/** AWS's smallest; a Pi holds two of them in memory at a time. */
const PART_BYTES = 5 * 1024 * 1024;
const PARTS_AT_ONCE = 2;
/** AWS deletes at most so many in one call. */
const DELETE_AT_ONCE = 1000;

/**
 * An S3 bucket, or one of those that speak like it. The SDK (33 MB) is imported with the first call. Everything that fails
 * is an OutsideError ('s3'): retryable after a cut, a timeout, throttling or an error of the server; not when the bucket
 * refuses us. No error holds a credential or a signed address.
 */
export function createObjectStorage(settings: ObjectStorageSettings): ObjectStorage {
  const { bucket } = settings;
  let client: Promise<S3Client> | undefined;
  const connected = () => {
    client ??= connect(settings);
    return client;
  };

  return {
    upload: ({ path, key, contentType, signal }) =>
      asOutside(`upload to ${bucket}`, async () => {
        const { Upload } = await import('@aws-sdk/lib-storage');
        const body = createReadStream(path);
        const upload = new Upload({
          client: await connected(),
          params: { Bucket: bucket, Key: key, Body: body, ContentType: contentType },
          partSize: PART_BYTES,
          queueSize: PARTS_AT_ONCE,
          leavePartsOnError: false,
        });
        const abort = () => void upload.abort();
        signal?.addEventListener('abort', abort, { once: true });
        try {
          await upload.done();
        } finally {
          signal?.removeEventListener('abort', abort);
          body.destroy();
        }
      }),

    link: (key, { seconds, fileName }) =>
      asOutside(`link into ${bucket}`, async () => {
        const { GetObjectCommand } = await import('@aws-sdk/client-s3');
        const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner');
        const command = new GetObjectCommand({
          Bucket: bucket,
          Key: key,
          ResponseContentDisposition: `attachment; filename="${fileName.replaceAll(/[^\w.-]/g, '_')}"`,
        });
        return getSignedUrl(await connected(), command, { expiresIn: Math.min(seconds, MAX_LINK_SECONDS) });
      }),

    keys: (prefix) =>
      asOutside(`list of ${bucket}`, async () => {
        const { paginateListObjectsV2 } = await import('@aws-sdk/client-s3');
        const keys: string[] = [];
        for await (const page of paginateListObjectsV2(
          { client: await connected() },
          { Bucket: bucket, Prefix: prefix },
        )) {
          for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.push(Key);
        }
        return keys;
      }),

    remove: (keys) =>
      asOutside(`removal from ${bucket}`, async () => {
        const { DeleteObjectsCommand } = await import('@aws-sdk/client-s3');
        const s3 = await connected();
        for (let at = 0; at < keys.length; at += DELETE_AT_ONCE) {
          const objects = keys.slice(at, at + DELETE_AT_ONCE).map((Key) => ({ Key }));
          const { Errors } = await s3.send(
            new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } }),
          );
          const [first] = Errors ?? [];
          if (first) throw new Error(`${Errors?.length} objects were not removed: ${first.Code}`);
        }
      }),
  };
}

async function connect({ region, endpoint }: ObjectStorageSettings): Promise<S3Client> {
  const { S3Client: Client } = await import('@aws-sdk/client-s3');
  return new Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  });
}

/** What the SDK throws has the status and a name; its other fields may hold the signed request. */
async function asOutside<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const status = statusOf(error);
    const isRefused = status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429;
    const { type } = errorFields(error);
    const name = error instanceof Error ? error.name : type;
    throw new OutsideError('s3', `The ${what} failed (${name}${status === undefined ? '' : `, ${status}`}).`, {
      retryable: !isRefused,
    });
  }
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}
