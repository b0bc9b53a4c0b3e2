import type { Refused } from './read-media-file.ts';

/** What became of the files of a folder. Each file with a fitting name is in exactly one of the first eight figures. */
export type FolderCounts = {
  added: number;
  unchanged: number;
  /** The item is the same, its file lies somewhere else now. */
  moved: number;
  /** The file was missing and is there again. */
  returned: number;
  duplicates: number;
  empty: number;
  unreadable: number;
  tooLarge: number;
  /** Items whose file is gone from the folder. Counted when the walk has come to its end. */
  missing: number;
  /** Files of other types, and links. */
  other: number;
  /** Files that were looked at. */
  done: number;
  /** The walk was stopped before its end. */
  isStopped: boolean;
};

/** Something that a person may want to look at, while the walk goes on. */
export type FolderNotice =
  | { kind: 'duplicate'; path: string; of: { id: string; name: string } }
  | ({ path: string } & Refused)
  | { kind: 'missing'; path: string; id: string };

export function noCounts(): FolderCounts {
  return {
    added: 0,
    unchanged: 0,
    moved: 0,
    returned: 0,
    duplicates: 0,
    empty: 0,
    unreadable: 0,
    tooLarge: 0,
    missing: 0,
    other: 0,
    done: 0,
    isStopped: false,
  };
}
