/** Where "now" comes from. Only edges ask a clock; below them the present is an argument. */
export type Clock = { now(): Date };

/** The machine's clock. */
export const systemClock: Clock = { now: () => new Date() };
