import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { DecisionsPicture } from './decisions-picture.ts';
import type { PictureRenderer } from './picture-renderer.ts';

/** A picture that can be sent: by Telegram's id when it was sent before, else as a file. */
export type ReadyPicture = {
  png: Uint8Array;
  /** Telegram's id of this very picture; undefined until `wasSentAs`. */
  fileId: string | undefined;
  /** Remembers the id under which Telegram keeps it, so that it is not uploaded again. */
  wasSentAs(fileId: string): void;
};

export type PictureCache = ReturnType<typeof createPictureCache>;

const KEPT_MS = 60_000;
/** Each is about 150 kB. */
const MOST_KEPT = 20;

/**
 * Pictures for one minute, by what they show. The figures are always asked for anew, because they are cheap and must be
 * right; only when they are what they were is the picture the one that was drawn. Asking for the figures does not change them, since they
 * count decisions, so a second asking within the minute draws and uploads nothing. Who asks while a picture is being drawn
 * waits for that one.
 */
export function createPictureCache(dependencies: { renderer: PictureRenderer; clock: Clock; logger: Logger }) {
  const { renderer, clock, logger } = dependencies;
  const kept = new LRUCache<string, Promise<ReadyPicture>>({
    max: MOST_KEPT,
    ttl: KEPT_MS,
    ttlResolution: 0,
    perf: { now: () => clock.now().getTime() },
  });

  async function draw(picture: DecisionsPicture): Promise<ReadyPicture> {
    const ready: ReadyPicture = {
      png: await renderer.render(picture),
      fileId: undefined,
      wasSentAs: (fileId) => {
        ready.fileId = fileId;
      },
    };
    return ready;
  }

  return {
    /** The picture, drawn or kept; undefined when it cannot be drawn now, which is logged once. The next asking tries again. */
    async picture(picture: DecisionsPicture): Promise<ReadyPicture | undefined> {
      const key = createHash('sha256').update(JSON.stringify(picture)).digest('base64');
      let drawing = kept.get(key);
      if (!drawing) {
        drawing = draw(picture);
        kept.set(key, drawing);
        drawing.catch((error: unknown) => {
          kept.delete(key);
          logger.warn({ err: error }, 'a picture could not be drawn; the text goes alone');
        });
      }
      try {
        return await drawing;
      } catch {
        return undefined;
      }
    },
  };
}
