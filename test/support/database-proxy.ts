import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { type DatabaseTarget, normaliseTarget } from '../../src/db/target.ts';

export type DatabaseProxy = {
  /** The address of the database through the proxy. A server that trusts us takes any password. */
  url(password?: string): string;
  /** From now on connections are refused; open ones are cut. */
  close(): void;
  open(): void;
  /** Open connections end with an error (RST) instead of an end, as when the machine on the other side was started anew. */
  reset(): void;
  /**
   * A half-open link: connections stay, new ones are accepted, and whatever is said on either side is swallowed. After
   * `open` new connections work; those of before stay dead.
   */
  blackHole(): void;
  /**
   * The next statement whose text contains the words is carried out, its answer swallowed, and its connection cut.
   * Resolves when the server has said that it is done.
   */
  swallowAnswerTo(words: string): Promise<void>;
};

type Swallowing = { words: string; done: () => void };
type Message = { type: string; body: Buffer };

/** A TCP door in front of the server, for one test; what goes through it can be cut at the moment that matters. */
export async function openDatabaseProxy(target: DatabaseTarget): Promise<DatabaseProxy> {
  const plain = normaliseTarget(target);
  const { user, database, toServer } = 'url' in plain ? overNetwork(plain.url) : overSocket(plain);
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  const dead = new Set<Socket>();
  let isOpen = true;
  let isBlackHole = false;
  let swallowing: Swallowing | undefined;

  const server = createServer((client) => {
    const upstream = toServer();
    clients.add(client);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        clients.delete(socket);
        dead.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    if (!isOpen) return client.destroy();
    if (isBlackHole) dead.add(client);
    let swallowed: Swallowing | undefined;
    const names = new Set<string>();
    const asked = messageReader({ hasStartup: true }, ({ type, body }) => {
      // Parse: name, statement. Bind: portal, name of the statement.
      const [first = '', second = ''] = body.toString('latin1').split('\0');
      if (type === 'P' && swallowing && second.includes(swallowing.words)) names.add(first);
      if (type === 'B' && names.has(second)) {
        swallowed = swallowing;
        swallowing = undefined;
      }
    });
    const answered = messageReader({ hasStartup: false }, ({ type, body }) => {
      // ReadyForQuery, outside a transaction: it is committed.
      if (!swallowed || type !== 'Z' || body.toString() !== 'I') return;
      swallowed.done();
      client.destroy();
    });
    client.on('data', (chunk: Buffer) => {
      if (dead.has(client)) return;
      asked(chunk);
      upstream.write(chunk);
    });
    upstream.on('data', (chunk: Buffer) => {
      if (dead.has(client)) return;
      if (swallowed) answered(chunk);
      else client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    cut();
    server.close();
  });

  return {
    url: (password = 'any') => `postgres://${user}:${password}@127.0.0.1:${port}/${database}`,
    close() {
      isOpen = false;
      cut();
    },
    open() {
      isOpen = true;
      isBlackHole = false;
    },
    reset() {
      for (const client of clients) client.resetAndDestroy();
    },
    blackHole() {
      isBlackHole = true;
      for (const socket of sockets) dead.add(socket);
    },
    swallowAnswerTo(words) {
      const { promise, resolve } = Promise.withResolvers<void>();
      swallowing = { words, done: resolve };
      return promise;
    },
  };
}

function overNetwork(url: string) {
  const { hostname, port, username, pathname } = new URL(url);
  return { user: username, database: pathname.slice(1), toServer: () => connect(Number(port || 5432), hostname) };
}

function overSocket({ host, port, user, database }: { host: string; port: number; user: string; database: string }) {
  return { user, database, toServer: () => connect(`${host}/.s.PGSQL.${port}`) };
}

/** Cuts a stream into messages of PostgreSQL: a letter, four bytes of length, content. The first one has no letter. */
function messageReader(options: { hasStartup: boolean }, onMessage: (message: Message) => void) {
  let rest: Buffer = Buffer.alloc(0);
  let isStartup = options.hasStartup;
  return (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const head = isStartup ? 0 : 1;
      if (rest.length < head + 4) return;
      const end = head + rest.readInt32BE(head);
      if (rest.length < end) return;
      if (!isStartup) onMessage({ type: rest.toString('latin1', 0, 1), body: rest.subarray(5, end) });
      isStartup = false;
      rest = rest.subarray(end);
    }
  };
}
