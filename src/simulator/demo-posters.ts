import {
  bread,
  lamp,
  leaves,
  type Motif,
  moon,
  mountains,
  type Palette,
  plane,
  rings,
  road,
  sunrise,
  tiles,
  waves,
  windows,
} from './demo-motifs.ts';

/** The demo pictures as SVG: a few flat shapes in three colours, two or three words. 1080 x 1350, as posts are. */

export type Poster = { name: string; caption: string; svg: string };

const WIDTH = 1080;
const HEIGHT = 1350;

const DAWN: Palette = { paper: '#fdf1e3', ink: '#47282f', main: '#f4a259', second: '#d97757', third: '#8c4a56' };
const SEA: Palette = { paper: '#e8f4f4', ink: '#12343b', main: '#7fc8c2', second: '#3d9ca8', third: '#1f5f73' };
const NIGHT: Palette = { paper: '#1d2342', ink: '#f6ecd2', main: '#f2cf7e', second: '#8fa1e3', third: '#56639f' };
const FIELD: Palette = { paper: '#f1f5e4', ink: '#2b3a1f', main: '#a7c66c', second: '#6f9d4e', third: '#3f6b3c' };
const PLUM: Palette = { paper: '#f6ebf4', ink: '#3a2145', main: '#d79ac9', second: '#9c63a8', third: '#5e3a73' };
const BRICK: Palette = { paper: '#fbeee8', ink: '#4a1f18', main: '#c8553d', second: '#f2b591', third: '#7d2e22' };

const DESIGNS: readonly { name: string; words: [string, string]; caption: string; colours: Palette; motif: Motif }[] = [
  {
    name: 'first-light',
    words: ['First', 'light'],
    caption: 'First light over the hills',
    colours: DAWN,
    motif: sunrise,
  },
  {
    name: 'still-water',
    words: ['Still', 'water'],
    caption: 'Still water, early in the week',
    colours: SEA,
    motif: waves,
  },
  { name: 'good-night', words: ['Good', 'night'], caption: 'Good night, everyone', colours: NIGHT, motif: moon },
  { name: 'one-of-many', words: ['One of', 'many'], caption: 'One of many #community', colours: PLUM, motif: tiles },
  { name: 'pass-it-on', words: ['Pass', 'it on'], caption: 'Small things spread', colours: BRICK, motif: rings },
  { name: 'higher', words: ['Look', 'higher'], caption: 'Saturday walk, all welcome', colours: SEA, motif: mountains },
  { name: 'grow-slowly', words: ['Grow', 'slowly'], caption: 'Grow slowly', colours: FIELD, motif: leaves },
  { name: 'who-is-home', words: ['Who is', 'home?'], caption: 'Who is home tonight?', colours: PLUM, motif: windows },
  { name: 'write-back', words: ['Write', 'back'], caption: 'Write to somebody you miss', colours: DAWN, motif: plane },
  { name: 'daily-bread', words: ['Daily', 'bread'], caption: 'Baked this morning', colours: BRICK, motif: bread },
  { name: 'the-long-way', words: ['The long', 'way'], caption: 'We took the long way', colours: FIELD, motif: road },
  {
    name: 'leave-it-on',
    words: ['Leave', 'it on'],
    caption: 'A light for whoever comes late',
    colours: NIGHT,
    motif: lamp,
  },
];

/** All posters, in the order in which they are drawn. */
export function demoPosters(): Poster[] {
  return DESIGNS.map(({ name, words, caption, colours, motif }, index) => {
    const number = String(index + 1).padStart(2, '0');
    const line = (text: string, y: number) =>
      `<text x="80" y="${y}" font-family="DejaVu Serif" font-weight="700" font-size="148" fill="${colours.ink}">${text}</text>`;
    const svg =
      `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">` +
      `<rect width="${WIDTH}" height="${HEIGHT}" fill="${colours.paper}"/>${motif(colours)}` +
      `<rect y="960" width="${WIDTH}" height="390" fill="${colours.paper}"/>${line(words[0], 1120)}${line(words[1], 1280)}` +
      `<text x="1000" y="1280" text-anchor="end" font-family="DejaVu Sans" font-size="40" fill="${colours.ink}">${number}</text>` +
      '</svg>';
    return { name, caption, svg };
  });
}
