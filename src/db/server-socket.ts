import { Socket } from 'node:net';

export type SilenceLimits = {
  /** How long the server may leave something that we have said without a word. */
  readonly limitMs: number;
  /** A connection on which nothing was heard for so long is cut whoever spoke last. Without it, idle ones stay. */
  readonly quietMs?: number;
  /** Told once, when the connection is cut. */
  readonly onSilent?: () => void;
};

/** How often to look in one limit. A cut is late by at most one such step. */
const LOOKS = 10;

/**
 * A socket to the server that cuts itself when the server no longer answers: a half-open link (cable pulled, router
 * restarted, server frozen), which neither the drivers nor the kernel notice for minutes to hours. Whatever ran on it,
 * a commit too, then fails like on any connection that closes (`isDatabaseFailure`), its outcome unknown, and the pool
 * opens another.
 *
 * It is about silence and not about statements, so it holds for all of them alike, in both drivers. An answer that breaks
 * off in the middle looks like an idle connection: that is what `quietMs` is for. Under TLS bytes are counted where
 * they are encrypted; of a question and an answer within one look nobody knows there which was last, and `quietMs` decides.
 * Steps are counted instead of time, so that a process that was itself frozen reads first what has come meanwhile.
 */
export class ServerSocket extends Socket {
  readonly #limits: SilenceLimits;
  /** Looks since we first spoke after the server's last word; 0 when the server's word is the last. */
  #waited = 0;
  /** Looks since the server's last word. */
  #quiet = 0;
  #hasRead = false;
  #hasWritten = false;
  #bytesRead = 0;
  #bytesWritten = 0;

  constructor(limits: SilenceLimits) {
    super();
    this.#limits = limits;
    const step = Math.max(1, limits.limitMs / LOOKS);
    const quietLooks = (limits.quietMs ?? Number.POSITIVE_INFINITY) / step;
    const watch = setInterval(() => {
      if (this.destroyed) clearInterval(watch);
      else this.#look(quietLooks);
    }, step).unref();
  }

  #look(quietLooks: number): void {
    const hasReadBeneath = this.bytesRead !== this.#bytesRead && !this.#hasRead;
    const hasWrittenBeneath = this.bytesWritten !== this.#bytesWritten && !this.#hasWritten;
    if (hasReadBeneath) this.#hear();
    else if (hasWrittenBeneath) this.#speak();
    this.#bytesRead = this.bytesRead;
    this.#bytesWritten = this.bytesWritten;
    this.#hasRead = false;
    this.#hasWritten = false;
    if (this.#waited > 0) this.#waited += 1;
    this.#quiet += 1;
    if (this.#waited > LOOKS + 1 || this.#quiet > quietLooks) this.#cut();
  }

  #hear(): void {
    this.#waited = 0;
    this.#quiet = 0;
  }

  #speak(): void {
    this.#waited ||= 1;
  }

  #cut(): void {
    this.#limits.onSilent?.();
    this.destroy();
  }

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    this.#hasRead = true;
    this.#hear();
    return super.push(chunk, encoding);
  }

  override _write(chunk: unknown, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#hasWritten = true;
    this.#speak();
    super._write(chunk, encoding, done);
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], done: (error?: Error | null) => void): void {
    this.#hasWritten = true;
    this.#speak();
    super._writev?.(chunks, done);
  }
}
