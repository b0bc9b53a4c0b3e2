const BY_ENDING: Readonly<Record<string, string>> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.svg': 'image/svg+xml',
  '.mp4': 'video/mp4',
  '.mov': 'video/quicktime',
  '.webm': 'video/webm',
  '.txt': 'text/plain',
  '.csv': 'text/csv',
  '.json': 'application/json',
  '.pdf': 'application/pdf',
  '.zip': 'application/zip',
};

/** The type that a file's name stands for, unless the sender has named a telling one. */
export function mimeTypeOf(fileName: string, given = ''): string {
  if (given !== '' && given !== 'application/octet-stream') return given;
  return BY_ENDING[endingOf(fileName)] ?? 'application/octet-stream';
}

/** The ending for the path of a stored file: that of its name, else the usual one of its type. */
export function endingFor(fileName: string | undefined, mimeType: string | undefined): string {
  const ending = endingOf(fileName ?? '');
  if (ending !== '') return ending;
  return Object.entries(BY_ENDING).find(([, type]) => type === mimeType)?.[0] ?? '';
}

function endingOf(fileName: string): string {
  return /\.\w{1,8}$/.exec(fileName)?.[0].toLowerCase() ?? '';
}
