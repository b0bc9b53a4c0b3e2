import { createHash, randomBytes } from 'node:crypto';
import { endingFor } from './mime-types.ts';

export type MediaKind = 'photo' | 'video' | 'animation' | 'document';
/** What a file_id stands for. `hash` finds the bytes; several files may share them. */
export type StoredFile = {
  file_id: string;
  file_unique_id: string;
  kind: MediaKind;
  hash: string;
  size: number;
  path: string;
  fileName?: string;
  mimeType?: string;
  width?: number;
  height?: number;
  duration?: number;
  /** A photo has two sizes, each a file of its own; this is the file_id of the other one. */
  otherSize?: string;
};
export type NewFile = Pick<StoredFile, 'fileName' | 'mimeType' | 'width' | 'height' | 'duration'> & {
  kind: MediaKind;
  bytes: Uint8Array;
  /** Sizes of one photo share bytes but not ids. */
  variant?: string;
};

/** How file ids of each kind begin at Telegram, and the folder in the file path. */
const ID_PREFIX: Record<MediaKind, string> = { photo: 'AgAC', video: 'BAAC', animation: 'CgAC', document: 'BQAC' };
const FOLDER: Record<MediaKind, string> = {
  photo: 'photos',
  video: 'videos',
  animation: 'animations',
  document: 'documents',
};
export type FileStore = ReturnType<typeof createFileStore>;

/** Uploaded files, in memory. The bytes are kept once per content; `blobs` is what has to be saved beside a snapshot. */
export function createFileStore() {
  const blobs = new Map<string, Uint8Array>();
  const files = new Map<string, StoredFile>();
  const byPath = new Map<string, StoredFile>();
  const index = (file: StoredFile) => {
    files.set(file.file_id, file);
    byPath.set(file.path, file);
  };

  return {
    blobs,
    update: index,
    /** Every upload gets a new file_id; file_unique_id follows from kind and content. */
    add(upload: NewFile): StoredFile {
      const { kind, bytes, variant, ...about } = upload;
      const hash = createHash('sha256').update(bytes).digest('hex');
      if (!blobs.has(hash)) blobs.set(hash, bytes);
      const unique = createHash('sha256')
        .update(`${kind}:${variant ?? ''}:${hash}`)
        .digest('base64url')
        .slice(0, 15);
      const ending = endingFor(about.fileName, about.mimeType);
      const file: StoredFile = {
        ...about,
        file_id: ID_PREFIX[kind] + randomBytes(42).toString('base64url'),
        file_unique_id: `AQAD${unique}`,
        kind,
        hash,
        size: bytes.length,
        path: `${FOLDER[kind]}/file_${files.size + 1}${ending}`,
      };
      index(file);
      return file;
    },
    get: (fileId: string) => files.get(fileId),
    atPath: (path: string) => byPath.get(path),
    bytes: (file: StoredFile) => blobs.get(file.hash),
    snapshot: (): StoredFile[] => [...files.values()],
    /** Needs the blobs as well: put them into `blobs`. */
    restore(saved: StoredFile[]) {
      files.clear();
      byPath.clear();
      for (const file of saved) index(file);
    },
  };
}
