import { MultiBar } from 'cli-progress';

/** Where progress is shown: `process.stderr`, as far as it is needed. */
export type ProgressStream = NodeJS.WritableStream & { isTTY?: boolean };

export type Progress = {
  /** So many are done; `words` stand behind the figures. Cheap: call it for each one. */
  update(done: number, words?: string): void;
  /** A line for the person to read, above the bar. */
  say(line: string): void;
  /** The last state is shown, and the line ended. May be called again. */
  stop(): void;
};

/** Without a terminal one line in this time (and one at the end) is enough for a log. */
const LINE_MS = 5_000;
const WIDTH = 24;

/**
 * Progress of a long command: a bar on a terminal, plain lines otherwise (cli-progress would draw bars into logs).
 * `total` things of the kind `what` ("files"). `now`: milliseconds from a clock that never goes back.
 */
export function startProgress(options: {
  total: number;
  what: string;
  stream: ProgressStream;
  now?: () => number;
}): Progress {
  return options.stream.isTTY ? drawBar(options) : writeLines(options);
}

function drawBar({ total, what, stream }: { total: number; what: string; stream: ProgressStream }): Progress {
  // Not SingleBar: that one puts the cursor back to where the bar began, over the lines that were said meanwhile.
  const bars = new MultiBar({
    stream,
    format: `{bar} {percentage}% {value}/{total} ${what}{words}`,
    barsize: WIDTH,
    // The library would switch off the terminal's line wrap, and leave it so when the process is killed; this cuts the line instead.
    linewrap: true,
    // A line that was said stands where the bar was; the bar must come again although it has not changed.
    forceRedraw: true,
  });
  const bar = bars.create(total, 0, { words: '' });
  let isStopped = false;
  return {
    update: (done, words = '') => bar.update(done, { words: words && `, ${words}` }),
    say: (line) => bars.log(`${line}\n`),
    stop() {
      if (isStopped) return;
      isStopped = true;
      // What was said last is still in the library's hands.
      bars.update();
      bars.stop();
    },
  };
}

function writeLines(options: { total: number; what: string; stream: ProgressStream; now?: () => number }): Progress {
  const { total, what, stream, now = () => performance.now() } = options;
  let latest = { done: 0, words: '' };
  let said: typeof latest | undefined;
  let saidAt = now();
  const sayIt = () => {
    const { done, words } = latest;
    const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
    stream.write(`${done} of ${total} ${what} (${percent} %)${words && `, ${words}`}\n`);
    said = latest;
    saidAt = now();
  };
  return {
    update(done, words = '') {
      latest = { done, words };
      if (now() - saidAt >= LINE_MS) sayIt();
    },
    say: (line) => void stream.write(`${line}\n`),
    stop() {
      if (said?.done !== latest.done) sayIt();
    },
  };
}
