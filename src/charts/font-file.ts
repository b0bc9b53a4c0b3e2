import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

/** A font of which we know what it can draw and how wide. */
export type FontFile = {
  /** The name by which a drawing asks for this very file. */
  family: string;
  /** TrueType or WOFF2, for the renderer. */
  bytes: Uint8Array;
  has(codePoint: number): boolean;
  /** In em; that of a character which the font lacks is 0. */
  advance(codePoint: number): number;
};

type Table = { tag: string; offset: number; length: number };

const WOFF2_HEADER = 48;
/** The tags that WOFF2 names by number and that we read, or that lie before one of them (W3C, WOFF2 5.1). */
const WOFF2_TAGS: readonly (string | undefined)[] = ['cmap', 'head', 'hhea', 'hmtx', 'maxp', 'name'];
const GLYF = 10;
const LOCA = 11;
const OTHER_TAG = 63;

/**
 * Reads a TrueType file as it is. Throws when a table is missing: the file comes with a package, so that is a bug.
 */
export function readTrueType(bytes: Uint8Array, family: string): FontFile {
  const view = viewOf(bytes);
  const tables = Array.from({ length: view.getUint16(4) }, (_, index): Table => {
    const at = 12 + 16 * index;
    return { tag: latin(bytes, at, 4), offset: view.getUint32(at + 8), length: view.getUint32(at + 12) };
  });
  return { family, bytes, ...metrics(bytes, tables) };
}

/**
 * Reads a WOFF2 file and gives it `family` as its name. The files of one web font (each holds some characters) all bear
 * one name, and the renderer then takes the first of them for all characters: with names of their own, each is found.
 * Only the name table changes; lengths stay, so the directory does too. Throws when a table is missing or transformed.
 */
export function readWoff2(bytes: Uint8Array, family: string): FontFile {
  const view = viewOf(bytes);
  const { tables, end } = woff2Tables(bytes, view.getUint16(12));
  const content = brotliDecompressSync(bytes.subarray(end, end + view.getUint32(20)));
  rename(content, tables, family);
  const compressed = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
  const renamed = new Uint8Array(Math.ceil((end + compressed.length) / 4) * 4);
  renamed.set(bytes.subarray(0, end));
  renamed.set(compressed, end);
  const header = viewOf(renamed);
  header.setUint32(8, renamed.length);
  header.setUint32(20, compressed.length);
  // No extended metadata and no private data: they lay behind the fonts.
  renamed.fill(0, 28, WOFF2_HEADER);
  return { family, bytes: renamed, ...metrics(content, tables) };
}

/** The table directory of a WOFF2 file, with the places of the tables in the decompressed content. */
function woff2Tables(bytes: Uint8Array, count: number): { tables: Table[]; end: number } {
  let at = WOFF2_HEADER;
  const byte = () => bytes[at++] ?? 0;
  const base128 = () => {
    for (let value = 0; ; ) {
      const next = byte();
      value = value * 128 + (next & 127);
      if (next < 128) return value;
    }
  };
  const tables: Table[] = [];
  let offset = 0;
  for (let index = 0; index < count; index += 1) {
    const flags = byte();
    const number = flags & 63;
    const tag = number === OTHER_TAG ? latin(bytes, at, 4) : (WOFF2_TAGS[number] ?? `#${number}`);
    if (number === OTHER_TAG) at += 4;
    const plainLength = base128();
    // For glyf and loca 0 means transformed, for the others it means as it is.
    const isTransformed = number === GLYF || number === LOCA ? flags >> 6 === 0 : flags >> 6 !== 0;
    const length = isTransformed ? base128() : plainLength;
    if (isTransformed && WOFF2_TAGS[number]) throw new Error(`the table ${tag} of a font is transformed`);
    tables.push({ tag, offset, length });
    offset += length;
  }
  return { tables, end: at };
}

/** Writes the family (name ids 1 and 16) over the old one; a new name is shorter than that. */
function rename(content: Uint8Array, tables: readonly Table[], family: string): void {
  const { offset } = tableOf(tables, 'name');
  const view = viewOf(content);
  const strings = offset + view.getUint16(offset + 4);
  for (let index = 0; index < view.getUint16(offset + 2); index += 1) {
    const record = offset + 6 + 12 * index;
    const isFamily = [1, 16].includes(view.getUint16(record + 6));
    if (!isFamily) continue;
    const isWide = view.getUint16(record) !== 1;
    const place = strings + view.getUint16(record + 10);
    const length = family.length * (isWide ? 2 : 1);
    if (length > view.getUint16(record + 8)) throw new Error(`no room for the name ${family} in a font`);
    for (const [at, character] of [...family].entries()) {
      const code = character.charCodeAt(0);
      if (isWide) view.setUint16(place + 2 * at, code);
      else view.setUint8(place + at, code);
    }
    view.setUint16(record + 8, length);
  }
}

/** Keeps copies of the two tables that are asked later, not the whole content (11 MB of Unifont). */
function metrics(content: Uint8Array, tables: readonly Table[]): Pick<FontFile, 'has' | 'advance'> {
  const copyOf = (tag: string) => {
    const { offset, length } = tableOf(tables, tag);
    return viewOf(Uint8Array.from(content.subarray(offset, offset + length)));
  };
  const unitsPerEm = copyOf('head').getUint16(18);
  const widths = copyOf('hhea').getUint16(34);
  const hmtx = copyOf('hmtx');
  const glyph = characterMap(copyOf('cmap'));
  return {
    has: (codePoint) => glyph(codePoint) > 0,
    advance(codePoint) {
      const id = glyph(codePoint);
      return id > 0 ? hmtx.getUint16(4 * Math.min(id, widths - 1)) / unitsPerEm : 0;
    },
  };
}

/** Code point -> glyph, 0 when there is none: the format 12 of the map when the font has one, else its format 4. */
function characterMap(view: DataView): (codePoint: number) => number {
  const places = Array.from({ length: view.getUint16(2) }, (_, index) => view.getUint32(8 + 8 * index));
  const formats = places.map((at) => ({ at, format: view.getUint16(at) }));
  const long = formats.find(({ format }) => format === 12);
  if (long) return (codePoint) => inGroups(view, long.at, codePoint);
  const short = formats.find(({ format }) => format === 4);
  if (short) return (codePoint) => inSegments(view, short.at, codePoint);
  throw new Error('a font without a character map of format 4 or 12');
}

function inGroups(view: DataView, at: number, codePoint: number): number {
  let low = 0;
  let high = view.getUint32(at + 12) - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const group = at + 16 + 12 * middle;
    const first = view.getUint32(group);
    if (codePoint < first) high = middle - 1;
    else if (codePoint > view.getUint32(group + 4)) low = middle + 1;
    else return view.getUint32(group + 8) + codePoint - first;
  }
  return 0;
}

function inSegments(view: DataView, at: number, codePoint: number): number {
  if (codePoint > 0xffff) return 0;
  const size = view.getUint16(at + 6);
  for (let segment = 0; segment < size; segment += 2) {
    if (codePoint > view.getUint16(at + 14 + segment)) continue;
    const start = at + 16 + size + segment;
    const first = view.getUint16(start);
    if (codePoint < first) return 0;
    const delta = view.getUint16(start + size);
    const range = start + 2 * size;
    const skip = view.getUint16(range);
    if (skip === 0) return (codePoint + delta) & 0xffff;
    const id = view.getUint16(range + skip + 2 * (codePoint - first));
    return id === 0 ? 0 : (id + delta) & 0xffff;
  }
  return 0;
}

function tableOf(tables: readonly Table[], tag: string): Table {
  const table = tables.find((each) => each.tag === tag);
  if (!table) throw new Error(`a font without the table ${tag}`);
  return table;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function latin(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
