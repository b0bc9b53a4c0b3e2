/** What this project uses of gifenc, which ships without types. */
declare module 'gifenc' {
  export type GifWriter = {
    writeFrame(
      indexed: Uint8Array,
      width: number,
      height: number,
      options: { palette?: number[][]; delay?: number; repeat?: number },
    ): void;
    finish(): void;
    bytes(): Uint8Array;
  };
  const gifenc: {
    GIFEncoder(): GifWriter;
    quantize(pixels: Uint8Array, colours: number): number[][];
    applyPalette(pixels: Uint8Array, palette: number[][]): Uint8Array;
  };
  export default gifenc;
}
