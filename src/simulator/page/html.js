import htm from 'htm';
import { h } from 'preact';

/** Preact elements from a template literal: what JSX would be with a build step. */
export const html = htm.bind(h);
