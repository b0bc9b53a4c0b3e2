import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

export type Drawing = { png: Uint8Array; pixels: Uint8Array; width: number; height: number };
export type SvgRenderer = { draw(svg: string): Drawing };

let renderer: Promise<SvgRenderer> | undefined;

/**
 * Draws SVG with the DejaVu fonts of the package of that name and no other, so that the bytes are the same everywhere.
 * resvg (3 MB of WebAssembly) is loaded when this is called for the first time: a bot on a Pi does not pay for it.
 */
export function svgRenderer(): Promise<SvgRenderer> {
  renderer ??= loadRenderer();
  return renderer;
}

async function loadRenderer(): Promise<SvgRenderer> {
  const { initWasm, Resvg } = await import('@resvg/resvg-wasm');
  const { resolve } = createRequire(import.meta.url);
  await initWasm(readFile(resolve('@resvg/resvg-wasm/index_bg.wasm')));
  const fontFiles = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf', 'DejaVuSerif-Bold.ttf'];
  const fontBuffers = await Promise.all(fontFiles.map((name) => readFile(resolve(`dejavu-fonts-ttf/ttf/${name}`))));
  return {
    draw(svg) {
      const image = new Resvg(svg, {
        font: { fontBuffers, loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' },
      });
      const rendered = image.render();
      const { width, height } = rendered;
      const drawing = { png: rendered.asPng(), pixels: rendered.pixels, width, height };
      rendered.free();
      image.free();
      return drawing;
    },
  };
}
