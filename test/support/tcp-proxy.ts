import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** What a link does to the bytes that go through it. */
export type LinkState =
  | { kind: 'open' }
  /** The next request does not arrive; its connection ends. `times` connections meet it, then the link is open again. */
  | { kind: 'cut before'; times: number }
  /** The next request arrives, and its answer is swallowed; its connection ends. */
  | { kind: 'cut after'; times: number }
  /** Everything is taken and nothing passed on, nobody is told. What lost a byte that way stays dead for ever. */
  | { kind: 'black hole' }
  | { kind: 'delay'; milliseconds: number }
  /** Every byte is a packet of its own. */
  | { kind: 'byte by byte' };

export type TcpProxy = {
  readonly port: number;
  /** Holds for open connections too, from their next byte on. */
  set(state: LinkState): void;
  /** How many connections were cut or swallowed so far. */
  harmed(): number;
  close(): Promise<void>;
};

/**
 * A TCP door between two programs. `toServer` opens the connection behind it. With `words` only requests that contain
 * them are cut; all others pass (a request is what one read brings, enough for the small ones of a test).
 */
export async function openTcpProxy(options: { toServer: () => Socket; words?: string }): Promise<TcpProxy> {
  const { toServer, words } = options;
  const sockets = new Set<Socket>();
  let state: LinkState = { kind: 'open' };
  let harmed = 0;

  /** One of `times` is used up; true while there was one. */
  const meetsCut = (kind: 'cut before' | 'cut after', chunk: Buffer): boolean => {
    if (state.kind !== kind || (words !== undefined && !chunk.includes(words))) return false;
    state = state.times > 1 ? { kind, times: state.times - 1 } : { kind: 'open' };
    harmed += 1;
    return true;
  };

  const server = createServer((client) => {
    const upstream = toServer();
    let isDead = false;
    let isSwallowing = false;
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        // A dead link tells nobody that the other side is gone.
        if (!isDead) end();
      });
    }
    const falls = () => {
      if (!isDead && state.kind === 'black hole') {
        isDead = true;
        harmed += 1;
      }
      return isDead;
    };
    const toUpstream = pass(upstream, () => state);
    const toClient = pass(client, () => state);
    client.on('data', (chunk: Buffer) => {
      if (falls()) return;
      if (meetsCut('cut before', chunk)) return end();
      if (meetsCut('cut after', chunk)) isSwallowing = true;
      toUpstream(chunk);
    });
    upstream.on('data', (chunk: Buffer) => {
      if (falls()) return;
      if (isSwallowing) return end();
      toClient(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();

  return {
    port: typeof address === 'object' && address ? address.port : 0,
    set(next) {
      state = next;
    },
    harmed: () => harmed,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Writes chunks in their order, at the pace that the link has at that moment. */
function pass(target: Socket, stateNow: () => LinkState): (chunk: Buffer) => void {
  const waiting: Buffer[] = [];
  let isWriting = false;
  const write = async () => {
    isWriting = true;
    for (let chunk = waiting.shift(); chunk !== undefined; chunk = waiting.shift()) {
      const state = stateNow();
      if (state.kind === 'delay') await after(state.milliseconds);
      if (state.kind === 'byte by byte') {
        for (const byte of chunk) {
          target.write(Buffer.of(byte));
          await nextTurn();
        }
      } else target.write(chunk);
    }
    isWriting = false;
  };
  return (chunk) => {
    waiting.push(chunk);
    if (!isWriting) void write();
  };
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
