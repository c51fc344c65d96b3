import { isIP } from "node:net";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { AbstractConnector } from "ioredis";

/** What ioredis tells a connector. */
interface TlsOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: ConnectionOptions;
  readonly disconnectTimeout: number;
}

/**
 * Opens the sockets of `rediss://`. ioredis hears only the first error of a socket, but one that is closed amid its handshake has several, and
 * the second would end the process (redis/ioredis#1183). Its own connector also names no host to the server, which a proxy for many needs (SNI).
 */
export class TlsConnector extends AbstractConnector {
  readonly #options: TlsOptions;

  constructor(given: unknown) {
    const options = given as TlsOptions;
    super(options.disconnectTimeout);
    this.#options = options;
  }

  /** @throws Error when it was told to disconnect in the same tick, or an option does not fit */
  async connect(): Promise<TLSSocket> {
    const { host, port, tls } = this.#options;
    this.connecting = true;
    // Not before whoever asks has got the promise: ioredis may change its mind in the same tick.
    await Promise.resolve();
    if (!this.connecting) throw new Error("Connection is closed.");
    const socket = connect({ host, port, ...(isIP(host) === 0 && { servername: host }), ...tls });
    socket.once("error", (error) => {
      this.firstError = error;
    });
    socket.on("error", () => undefined);
    this.stream = socket;
    return socket;
  }
}
