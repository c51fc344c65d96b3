import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** One kept HTTP/1.1 connection with at most one request under way. On the bare socket, so that a slow client does not hide how fast the server is. */
class Connection {
  readonly #socket: Socket;
  /** Of every request, what follows its path. */
  readonly #rest: string;
  readonly #status: number;
  #received = "";
  #answer = Promise.withResolvers<void>();

  private constructor(socket: Socket, { port, headers, status = 200 }: Target) {
    this.#socket = socket;
    this.#status = status;
    const lines = Object.entries({ Host: `127.0.0.1:${port}`, Accept: "application/json", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#rest = ` HTTP/1.1\r\n${lines.join("")}\r\n`;
    socket.setNoDelay(true).setEncoding("latin1");
    socket.on("data", (text: string) => this.#take(text));
    socket.on("error", (error) => this.#answer.reject(error));
    socket.on("close", () => this.#answer.reject(new Error("The server closed a connection that was to be kept.")));
  }

  static async open(target: Target): Promise<Connection> {
    const socket = connect(target.port, "127.0.0.1");
    await once(socket, "connect");
    return new Connection(socket, target);
  }

  /** Resolves when the whole answer is there. @throws Error unless it has the status of the target. */
  get(path: string): Promise<void> {
    this.#answer = Promise.withResolvers();
    this.#socket.write(`GET ${path}${this.#rest}`);
    return this.#answer.promise;
  }

  close(): void {
    this.#answer.promise.catch(() => undefined);
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#received += text;
    const body = this.#received.indexOf("\r\n\r\n") + 4;
    if (body < 4) return;
    const head = this.#received.slice(0, body);
    const length = this.#status === 304 ? 0 : /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (!head.startsWith(`HTTP/1.1 ${this.#status} `) || length === undefined) return this.#answer.reject(new Error(`The server answered:\n${this.#received}`));
    if (this.#received.length < body + Number(length)) return;
    this.#received = "";
    this.#answer.resolve();
  }
}

/** Opens connections to one address, runs `use` with them and closes them. */
async function withConnections<T>(target: Target, count: number, use: (connections: readonly Connection[]) => Promise<T>): Promise<T> {
  const connections = await Promise.all(Array.from({ length: count }, () => Connection.open(target)));
  try {
    return await use(connections);
  } finally {
    for (const connection of connections) connection.close();
  }
}

export interface Target {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What is answered when all is well; 200 by default. */
  readonly status?: number;
}

export interface Load {
  readonly connections: number;
  /** ms */
  readonly duration: number;
  /** Where the next request goes; all to the target's own path without it. */
  readonly nextPath?: () => string;
}

/** How long each answer took, ms, in the order in which they came: every connection asks again as soon as it was answered. */
export function answerTimes(target: Target, { connections, duration, nextPath = () => target.path }: Load): Promise<number[]> {
  return withConnections(target, connections, async (open) => {
    const times: number[] = [];
    const end = performance.now() + duration;
    await Promise.all(
      open.map(async (connection) => {
        for (let from = performance.now(); from < end; from = performance.now()) {
          await connection.get(nextPath());
          times.push(performance.now() - from);
        }
      }),
    );
    return times;
  });
}

/** Times from when each request was due to its whole answer, ms, rising: every connection asks each `every` ms for `duration` ms. A late answer makes the next request late, and that counts. */
export function latencies(target: Target, { connections, every, duration }: { connections: number; every: number; duration: number }): Promise<number[]> {
  return withConnections(target, connections, async (open) => {
    const times: number[] = [];
    const begun = performance.now();
    await Promise.all(
      open.map(async (connection, index) => {
        for (let due = begun + (index * every) / connections; due < begun + duration; due += every) {
          const early = due - performance.now();
          if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
          // A timer may be late through no fault of the server's; a request that waited for the one before is.
          const from = early > 0 ? performance.now() : due;
          await connection.get(target.path);
          times.push(performance.now() - from);
        }
      }),
    );
    return times.sort((one, other) => one - other);
  });
}
