import { createHash } from 'node:crypto';
import { PersonError } from '../lib/errors.ts';
import { type FileClient, MAX_DOWNLOAD_BYTES } from '../telegram/file-client.ts';
import type { MediaItem, MediaRepository } from './media-repository.ts';
import type { UploadedMedia } from './uploaded-media.ts';

/** What became of an upload. `isCompared`: its content was hashed; false above 20 MB, where only Telegram's own id could be. */
export type IntakeResult =
  | { kind: 'added'; item: MediaItem; isCompared: boolean }
  | { kind: 'duplicate'; of: MediaItem };

export type IntakeService = ReturnType<typeof createIntakeService>;

/** Takes media into the library; equal content is one item, whatever it is called. */
export function createIntakeService(dependencies: { media: MediaRepository; files: FileClient }) {
  const { media, files } = dependencies;

  /** sha256 of the file in hex, streamed; null when Telegram does not hand it out because of its size. */
  async function hash(upload: UploadedMedia): Promise<string | null> {
    if ((upload.fileSize ?? 0) > MAX_DOWNLOAD_BYTES) return null;
    try {
      const digest = createHash('sha256');
      for await (const chunk of await files.download(upload.fileId)) digest.update(chunk);
      return digest.digest('hex');
    } catch (error) {
      if (error instanceof PersonError) return null;
      throw error;
    }
  }

  /**
   * An item that came from a folder gains by being sent: Telegram has its file now, which saves an upload (as long as it
   * is of the same kind, for it is sent as what it is), and one whose file is gone can be posted again.
   */
  async function duplicateOf(item: MediaItem, upload: UploadedMedia): Promise<IntakeResult> {
    const isMissing = item.path !== null && item.fileModifiedAt === null;
    if (isMissing) await media.keepTelegramFile(item.id, upload, { isOnlyThere: true });
    else if (item.telegramFileId === null && item.kind === upload.kind) await media.keepTelegramFile(item.id, upload);
    return { kind: 'duplicate', of: item };
  }

  return {
    /**
     * Adds an upload to the library, or names the item that is the same. Safe to repeat: the same upload a second time
     * finds itself. Throws OutsideError when the file cannot be fetched now.
     */
    async takeIn(upload: UploadedMedia, addedBy: string): Promise<IntakeResult> {
      const known = await media.findSame({ sha256: null, fileUniqueId: upload.fileUniqueId });
      if (known) return duplicateOf(known, upload);
      const sha256 = await hash(upload);
      const same = await media.findSame({ sha256, fileUniqueId: upload.fileUniqueId });
      if (same) return duplicateOf(same, upload);
      const item = await media.add({
        kind: upload.kind,
        telegramFileId: upload.fileId,
        telegramFileUniqueId: upload.fileUniqueId,
        fileName: upload.fileName,
        sha256,
        mimeType: upload.mimeType,
        fileSize: upload.fileSize,
        caption: upload.caption,
        captionEntities: upload.captionEntities,
        addedBy,
      });
      if (item) return { kind: 'added', item, isCompared: sha256 !== null };
      const winner = await media.findSame({ sha256, fileUniqueId: upload.fileUniqueId });
      if (!winner) throw new Error('a media item conflicts with one that is not there');
      return duplicateOf(winner, upload);
    },
  };
}
