import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A proxy between browser and server that cuts every connection some time after it was made, as proxies with a time limit do. */
export class CuttingProxy implements AsyncDisposable {
  /** Connections that were cut. */
  cuts = 0;
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Forwards to `port` of this machine, and cuts after `lifetime` ms. */
  static async open(port: number, lifetime: number): Promise<CuttingProxy> {
    const server = createServer((near) => proxy.#forward(near, port, lifetime));
    const proxy = new CuttingProxy(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #forward(near: Socket, port: number, lifetime: number): void {
    const far = connect(port, "127.0.0.1");
    const cut = setTimeout(() => {
      this.cuts++;
      near.destroy();
    }, lifetime);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#open.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.#open.delete(socket);
        clearTimeout(cut);
        other.destroy();
      });
      socket.pipe(other);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}
