import { createRequire } from 'node:module';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type Gifenc from 'gifenc';
import { svgRenderer } from './svg-renderer.ts';

const EDGE = 360;
const FRAMES = 20;
const FRAME_MS = 90;
const COLOURS = 24;

/** A small GIF: the sun goes up behind a hill and down again, for ever. Deterministic. */
export async function drawAnimation(): Promise<Uint8Array> {
  const gifenc: typeof Gifenc = createRequire(import.meta.url)('gifenc');
  const { draw } = await svgRenderer();
  const gif = gifenc.GIFEncoder();
  for (let frame = 0; frame < FRAMES; frame++) {
    const { pixels, width, height } = draw(frameSvg(frame));
    const palette = gifenc.quantize(pixels, COLOURS);
    gif.writeFrame(gifenc.applyPalette(pixels, palette), width, height, { palette, delay: FRAME_MS, repeat: 0 });
    await yieldToOthers();
  }
  gif.finish();
  return gif.bytes();
}

function frameSvg(frame: number): string {
  const height = Math.sin((frame / FRAMES) * Math.PI);
  const sunY = Math.round(300 - 190 * height);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${EDGE}" height="${EDGE}">` +
    `<rect width="${EDGE}" height="${EDGE}" fill="#fdf1e3"/><circle cx="180" cy="${sunY}" r="58" fill="#f4a259"/>` +
    '<path d="M0 260 Q90 200 190 250 T360 235 V360 H0Z" fill="#d97757"/>' +
    '<path d="M0 300 Q110 250 220 300 T360 290 V360 H0Z" fill="#8c4a56"/></svg>'
  );
}
