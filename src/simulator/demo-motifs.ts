/** What the demo pictures show: flat shapes in three colours in the upper 960 of 1080 x 1350 points. */

export type Palette = { paper: string; ink: string; main: string; second: string; third: string };
/** Draws as SVG elements. */
export type Motif = (colours: Palette) => string;

const circle = (x: number, y: number, radius: number, fill: string) =>
  `<circle cx="${x}" cy="${y}" r="${radius}" fill="${fill}"/>`;
const hill = (points: string, fill: string) => `<path d="${points}" fill="${fill}"/>`;
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

export const sunrise: Motif = ({ main, second, third }) =>
  circle(540, 640, 250, main) +
  hill('M0 760 Q270 600 560 740 T1080 690 V960 H0Z', second) +
  hill('M0 860 Q320 740 640 850 T1080 820 V960 H0Z', third);

export const waves: Motif = ({ main, second, third }) =>
  range(7)
    .map((row) => {
      const y = 250 + row * 100;
      const fill = [main, second, third][row % 3];
      return hill(`M0 ${y} q135 -90 270 0 t270 0 t270 0 t270 0 V960 H0Z`, fill ?? main);
    })
    .join('');

export const moon: Motif = ({ paper, main, second }) =>
  circle(540, 520, 260, main) +
  circle(640, 450, 230, paper) +
  range(24)
    .map((star) => circle(70 + ((star * 397) % 950), 160 + ((star * 211) % 760), 4 + (star % 3) * 4, second))
    .join('');

export const tiles: Motif = ({ main, second, third }) =>
  range(16)
    .map((tile) => {
      const x = 100 + (tile % 4) * 220;
      const y = 160 + Math.floor(tile / 4) * 200;
      const fill = [main, second, third][(tile * 7) % 3] ?? main;
      return tile % 3 === 0
        ? circle(x + 110, y + 90, 88, fill)
        : `<rect x="${x + 12}" y="${y + 2}" width="196" height="176" rx="${tile % 2 === 0 ? 88 : 16}" fill="${fill}"/>`;
    })
    .join('');

export const rings: Motif = ({ main, second, third }) =>
  range(6)
    .map((ring) => {
      const stroke = [main, second, third][ring % 3];
      return `<circle cx="540" cy="540" r="${60 + ring * 66}" fill="none" stroke="${stroke}" stroke-width="34"/>`;
    })
    .join('');

export const mountains: Motif = ({ paper, main, second, third }) =>
  circle(800, 330, 110, main) +
  hill('M-60 960 L360 330 L780 960Z', third) +
  hill('M360 330 L270 465 L330 520 L380 460 L430 530 L452 468Z', paper) +
  hill('M420 960 L760 480 L1140 960Z', second);

export const leaves: Motif = ({ main, second, third }) =>
  `<path d="M540 960 V250" stroke="${third}" stroke-width="14"/>${range(8)
    .map((leaf) => {
      const y = 860 - leaf * 78;
      const side = leaf % 2 === 0 ? 1 : -1;
      const tip = `${540 + side * 330} ${y - 150}`;
      return hill(
        `M540 ${y} Q${540 + side * 90} ${y - 170} ${tip} Q${540 + side * 250} ${y + 10} 540 ${y}Z`,
        [main, second][leaf % 2] ?? main,
      );
    })
    .join('')}`;

export const windows: Motif = ({ main, second, third, paper }) =>
  `<rect x="200" y="170" width="680" height="790" fill="${main}"/>${range(20)
    .map((pane) => {
      const x = 250 + (pane % 4) * 150;
      const y = 220 + Math.floor(pane / 4) * 145;
      const fill = [paper, second, third, second, paper][(pane * 3) % 5] ?? paper;
      return `<rect x="${x}" y="${y}" width="118" height="108" rx="8" fill="${fill}"/>`;
    })
    .join('')}`;

export const plane: Motif = ({ main, second, third }) =>
  `<path d="M90 900 C 380 940 420 640 300 600 S 200 780 480 720 S 700 560 760 470" fill="none" stroke="${third}" stroke-width="10" stroke-dasharray="4 30" stroke-linecap="round"/>` +
  hill('M940 230 L560 420 L720 490Z', main) +
  hill('M940 230 L720 490 L790 640Z', second) +
  circle(180, 300, 70, second);

export const bread: Motif = ({ main, second, third }) =>
  `<ellipse cx="540" cy="780" rx="430" ry="120" fill="${third}"/>` +
  hill('M180 720 Q180 420 540 420 T900 720 Q900 800 540 800 T180 720Z', main) +
  range(4)
    .map(
      (cut) =>
        `<path d="M${330 + cut * 140} 520 q-60 90 -30 180" stroke="${second}" stroke-width="26" fill="none" stroke-linecap="round"/>`,
    )
    .join('');

export const road: Motif = ({ main, second, third, paper }) =>
  hill('M0 520 H1080 V960 H0Z', second) +
  circle(300, 380, 120, main) +
  hill('M480 520 H600 L960 960 H120Z', third) +
  range(4)
    .map((dash) => {
      const y = 560 + dash * 100;
      return `<rect x="${534 - dash * 4}" y="${y}" width="${12 + dash * 8}" height="${34 + dash * 10}" fill="${paper}"/>`;
    })
    .join('');

export const lamp: Motif = ({ main, second, third }) =>
  `<path d="M540 0 V260" stroke="${third}" stroke-width="10"/>` +
  hill('M260 960 L400 440 H680 L820 960Z', main) +
  hill('M380 440 Q400 250 540 250 T700 440Z', second) +
  circle(540, 462, 56, second);
