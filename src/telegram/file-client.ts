import { type Api, GrammyError } from 'grammy';
import { OutsideError, PersonError } from '../lib/errors.ts';

/** Bots may download files up to this size (Bot API, getFile). */
export const MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024;
const DEADLINE_MS = 60_000;

export type FileClient = ReturnType<typeof createFileClient>;

/** Fetches files that people sent. The URL holds the token: it is never stored, logged or put into an error. */
export function createFileClient(options: { api: Pick<Api, 'getFile'>; apiRoot: string; token: string }) {
  const { api, apiRoot, token } = options;

  return {
    /**
     * The file's bytes as a stream. Throws PersonError when Telegram will never hand it out (too big), OutsideError
     * (retryable) when it does not come now.
     */
    async download(fileId: string): Promise<ReadableStream<Uint8Array>> {
      let path: string | undefined;
      try {
        path = (await api.getFile(fileId)).file_path;
      } catch (error) {
        if (error instanceof GrammyError && /file is too big/i.test(error.description)) {
          throw new PersonError('Telegram lets bots fetch files up to 20 MB only.');
        }
        throw error;
      }
      const response = await fetch(`${apiRoot}/file/bot${token}/${path}`, {
        signal: AbortSignal.timeout(DEADLINE_MS),
      }).catch((error: unknown) => {
        // The cause names the URL; only its kind is kept.
        const reason = error instanceof Error ? error.name : 'unknown';
        throw new OutsideError('telegram', `a file could not be fetched (${reason})`, { retryable: true });
      });
      if (!response.ok || !response.body) {
        throw new OutsideError('telegram', `a file could not be fetched (HTTP ${response.status})`, {
          retryable: true,
        });
      }
      return response.body;
    },
  };
}
