import { type FiledUpvote, readUpvoteFile } from './upvote-file.ts';
import type { UpvoteFileRepository } from './upvote-file-repository.ts';

/** What became of the lines of a file: `lines` is the sum of the next three. */
export type LoadedUpvotes = {
  lines: number;
  created: number;
  /** Somebody who likes that item already, or took it back. */
  present: number;
  refused: number;
  /** Read of the file. */
  bytes: number;
  /** It was stopped before its end. What was loaded until then stays. */
  isStopped: boolean;
};

/**
 * Loads a CSV file into `upvotes`, so many lines at once. Each line is in one of the figures and none keeps another from
 * it; lines that are no upvotes are told to `onRefused`. Repeatable: who is there is left as they are.
 */
export async function loadUpvotes(
  path: string,
  options: {
    upvotes: UpvoteFileRepository;
    batchSize: number;
    now: Date;
    signal: AbortSignal;
    onRefused: (line: number, why: string) => void;
    /** Called after each batch. */
    onBatch: (counts: LoadedUpvotes) => void;
  },
): Promise<LoadedUpvotes> {
  const { upvotes, batchSize, now, signal, onRefused, onBatch } = options;
  const counts: LoadedUpvotes = { lines: 0, created: 0, present: 0, refused: 0, bytes: 0, isStopped: false };
  let batch: FiledUpvote[] = [];
  const settle = async () => {
    if (batch.length > 0) {
      const created = await upvotes.load(batch);
      counts.lines += batch.length;
      counts.created += created;
      counts.present += batch.length - created;
      batch = [];
    }
    onBatch(counts);
  };
  for await (const entry of readUpvoteFile(path, { now })) {
    counts.bytes = entry.bytes;
    if ('refused' in entry) {
      counts.lines += 1;
      counts.refused += 1;
      onRefused(entry.line, entry.refused);
    } else batch.push(entry.upvote);
    if (batch.length < batchSize) continue;
    await settle();
    if (signal.aborted) return { ...counts, isStopped: true };
  }
  await settle();
  return counts;
}
