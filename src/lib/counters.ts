/** What happened how often since the process started; shown by /healthz. */
export type Counters = {
  add(name: string): void;
  read(): Readonly<Record<string, number>>;
};

export function createCounters(): Counters {
  const counts = new Map<string, number>();
  return {
    add: (name) => counts.set(name, (counts.get(name) ?? 0) + 1),
    read: () => Object.fromEntries([...counts].sort()),
  };
}
