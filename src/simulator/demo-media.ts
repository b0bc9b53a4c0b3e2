import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { drawAnimation } from './demo-animation.ts';
import { demoPosters } from './demo-posters.ts';
import { svgRenderer } from './svg-renderer.ts';
import type { MediaKind } from './world/file-store.ts';

export type DemoFile = { kind: MediaKind; fileName: string; caption: string; bytes: Uint8Array };

type Draft = Omit<DemoFile, 'bytes'> & { draw: () => Promise<Uint8Array> };

const GUIDELINES = `How we post
===========

1. One thought per post. If there are two, make two posts.
2. People before things. Ask before you show a face.
3. Read the words aloud once.
4. In doubt: Skip. It comes back in 45 days.
`;

/**
 * The demo media, one after the other: twelve posters, a GIF, a text document. Files that are missing in the folder are
 * drawn into it, the others read. Bytes are the same on every machine. Between two files the event loop runs.
 * Rejects when the folder cannot be written.
 */
export async function* demoMedia(folder: string): AsyncGenerator<DemoFile> {
  await mkdir(folder, { recursive: true });
  for (const { draw, ...file } of drafts()) {
    const path = join(folder, file.fileName);
    yield { ...file, bytes: (await readIfThere(path)) ?? (await drawInto(path, draw)) };
    await yieldToOthers();
  }
}

function drafts(): Draft[] {
  const posters = demoPosters().map(
    ({ name, caption, svg }): Draft => ({
      kind: 'photo',
      fileName: `${name}.png`,
      caption,
      draw: async () => (await svgRenderer()).draw(svg).png,
    }),
  );
  return [
    ...posters,
    { kind: 'animation', fileName: 'sunrise.gif', caption: 'Every morning', draw: drawAnimation },
    {
      kind: 'document',
      fileName: 'how-we-post.txt',
      caption: 'How we post, version 3',
      draw: async () => new TextEncoder().encode(GUIDELINES),
    },
  ];
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whoever finds the file finds all of it. */
async function drawInto(path: string, draw: Draft['draw']): Promise<Uint8Array> {
  const bytes = await draw();
  await writeFile(`${path}.part`, bytes);
  await rename(`${path}.part`, path);
  return bytes;
}
