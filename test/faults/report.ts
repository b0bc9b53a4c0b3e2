/** Prints the figures of a run, which are worth reading also when it passed. */
export function report(line: string): void {
  process.stdout.write(`${line}\n`);
}
