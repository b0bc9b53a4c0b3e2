import type { Simulator } from './simulator-interface.ts';

const SHOWN_INLINE = /^(image\/(png|jpeg|gif|webp)|video\/(mp4|webm|quicktime))$/;

/**
 * A file of a message, for the page. Pictures and videos are shown; everything else is a download, so that nothing
 * that was sent runs as a page.
 */
export function sentFile(telegram: Simulator, id: string): Response {
  const file = telegram.files.get(id);
  const bytes = file && telegram.files.bytes(file);
  if (file === undefined || bytes === undefined) return new Response('Not Found', { status: 404 });
  const type = file.mimeType ?? '';
  const inline = SHOWN_INLINE.test(type);
  const name = encodeURIComponent(file.fileName ?? 'file');
  return new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': inline ? type : 'application/octet-stream',
      'content-disposition': inline ? 'inline' : `attachment; filename*=UTF-8''${name}`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, max-age=86400, immutable',
    },
  });
}
