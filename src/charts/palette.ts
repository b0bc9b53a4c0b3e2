/** The three kinds of decision, in the order in which they are stacked and named in the legend. */
export const KINDS = ['posted', 'skipped', 'rejected'] as const;
export type Kind = (typeof KINDS)[number];

/**
 * The picture brings its own opaque ground, so that it looks alike in dark and light chats. Every colour of text has a contrast of at
 * least 4.5 to 1 on both grounds (WCAG 2.2, 1.4.3).
 */
export const GROUND = '#eef1f5';
export const CARD = '#ffffff';
export const INK = '#17202b';
export const MUTED = '#52606f';
export const GRID = '#e3e8ee';
export const WEEKEND = '#f3f5f8';

/**
 * Green, amber, red as on the buttons, but told apart by lightness too (CIE L* about 57, 77 and 33), so that they stay three colours for
 * those who do not see red and green apart.
 */
export const KIND_COLORS: Readonly<Record<Kind, string>> = {
  posted: '#2a9a6b',
  skipped: '#f3b13c',
  rejected: '#97193a',
};
export const KIND_NAMES: Readonly<Record<Kind, string>> = {
  posted: 'Posted',
  skipped: 'Skipped',
  rejected: 'Rejected',
};

/** From none to most: one hue that only grows darker. */
export const NO_HEAT = '#edf0f4';
export const HEAT = ['#c9dcf2', '#93bbe5', '#5a92d1', '#2c66ab', '#123d75'] as const;
