import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { type DecisionsPicture, drawDecisionsPicture } from './decisions-picture.ts';
import { type Fonts, openFonts } from './fonts.ts';

let ready: Promise<Fonts> | undefined;

/**
 * The picture as PNG. This is the file that the drawing process runs (picture-renderer.ts): fonts and resvg (3 MB of
 * WebAssembly) are loaded at its first picture and go with the process.
 */
export default async function drawPicture(picture: DecisionsPicture): Promise<Uint8Array> {
  ready ??= load();
  const { svg, fontFiles } = drawDecisionsPicture(picture, await ready);
  return toPng(svg, fontFiles);
}

async function load(): Promise<Fonts> {
  const { resolve } = createRequire(import.meta.url);
  await initWasm(readFile(resolve('@resvg/resvg-wasm/index_bg.wasm')));
  return openFonts();
}

/** What WebAssembly holds is freed here: nothing else would. */
function toPng(svg: string, fontFiles: Uint8Array[]): Uint8Array {
  const drawing = new Resvg(svg, { font: { fontBuffers: fontFiles, defaultFontFamily: 'DejaVu Sans' } });
  try {
    const image = drawing.render();
    try {
      return image.asPng();
    } finally {
      image.free();
    }
  } finally {
    drawing.free();
  }
}
