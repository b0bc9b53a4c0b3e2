/**
 * The name of an export in the manner of seed 000: `user_interactions_export_20261120_140205.csv`, of the UTC second in
 * which it was asked for.
 */
export function exportName(what: string, now: Date, extension: string): string {
  const [day, time] = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').split('T');
  return `${what}_${day}_${time}.${extension}`;
}

/** Below this prefix of the bucket lies everything that was exported into it. */
export const EXPORTS_PREFIX = 'exports/';
/** The folder of `DATA_DIR` for exports that jobs and the chat make. */
export const EXPORTS_FOLDER = 'exports';
