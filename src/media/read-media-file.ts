import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { MediaKind } from '../db/schema/index.ts';
import { type FileHeader, HEADER_BYTES, kindOf, readHeader } from './file-header.ts';
import { codeOf, isFileSystemError, MAX_UPLOAD_BYTES, modifiedAt } from './library-file.ts';

/** A file of a folder as the library wants to know it, or why it cannot become part of it. */
export type ReadFile =
  | {
      kind: 'media';
      mediaKind: MediaKind;
      mimeType: FileHeader['mimeType'];
      sha256: string;
      fileSize: number;
      fileModifiedAt: Date;
    }
  | Refused;
export type Refused =
  | { kind: 'empty' }
  | { kind: 'too_large'; fileSize: number }
  | { kind: 'unreadable'; reason: string };

const PIECE_BYTES = 256 * 1024;

/** Reads a file once, in pieces: its content's hash, and its type from the first bytes. What cannot be read is a result. */
export async function readMediaFile(path: string, stats: Stats): Promise<ReadFile> {
  if (stats.size === 0) return { kind: 'empty' };
  if (stats.size > MAX_UPLOAD_BYTES) return { kind: 'too_large', fileSize: stats.size };
  try {
    const { sha256, head, after } = await hashFile(path, stats.size);
    if (after.size !== stats.size || after.mtimeMs !== stats.mtimeMs) {
      return { kind: 'unreadable', reason: 'it is being written just now' };
    }
    const header = readHeader(head);
    if (!header) return { kind: 'unreadable', reason: 'its content is no picture or video that Telegram takes' };
    const { size: fileSize } = stats;
    const mediaKind = kindOf(header, fileSize);
    return { kind: 'media', mediaKind, mimeType: header.mimeType, sha256, fileSize, fileModifiedAt: modifiedAt(stats) };
  } catch (error) {
    if (!isFileSystemError(error)) throw error;
    return { kind: 'unreadable', reason: codeOf(error) };
  }
}

async function hashFile(path: string, size: number): Promise<{ sha256: string; head: Uint8Array; after: Stats }> {
  await using file = await open(path);
  const digest = createHash('sha256');
  const head = await fill(file, new Uint8Array(Math.min(size, HEADER_BYTES)));
  digest.update(head);
  const piece = new Uint8Array(Math.min(Math.max(size - head.length, 1), PIECE_BYTES));
  for (let part = await fill(file, piece); part.length > 0; part = await fill(file, piece)) digest.update(part);
  return { sha256: digest.digest('hex'), head, after: await file.stat() };
}

/** Reads on until `bytes` is full or the file ends. Returns what was read. */
async function fill(file: FileHandle, bytes: Uint8Array): Promise<Uint8Array> {
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}
