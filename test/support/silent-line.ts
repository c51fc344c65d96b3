import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A connection to a server that can go silent: it stays open and carries nothing any more, as when a cable is pulled. */
export class SilentLine {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #silent: boolean;

  private constructor(port: number | undefined) {
    this.#silent = port === undefined;
    this.#server = createServer((near) => {
      this.#keep(near);
      if (port === undefined) return;
      const far = this.#keep(connect(port, "127.0.0.1"));
      this.#carry(near, far);
      this.#carry(far, near);
    });
  }

  /** To a port of this machine or, without one, to nobody: silent from the start. */
  static async open(port?: number): Promise<SilentLine> {
    const line = new SilentLine(port);
    line.#server.listen(0, "127.0.0.1");
    await once(line.#server, "listening");
    return line;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resolves when somebody has connected from now on. */
  async connected(): Promise<void> {
    await once(this.#server, "connection");
  }

  silence(): void {
    this.#silent = true;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    return socket.on("error", () => socket.destroy()).on("close", () => this.#sockets.delete(socket));
  }

  #carry(from: Socket, to: Socket): void {
    from.on("data", (chunk) => void (this.#silent || to.write(chunk)));
    from.on("close", () => void (this.#silent || to.destroy()));
  }
}
