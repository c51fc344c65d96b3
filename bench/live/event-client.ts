import { once } from "node:events";
import { connect, type Socket } from "node:net";

interface Options {
  readonly port: number;
  readonly path: string;
  readonly user: string;
  readonly onEvent: (type: string, data: string) => void;
}

/** One event stream on a bare socket, so that the client costs little. */
export class EventClient {
  readonly #socket: Socket;
  readonly #onEvent: Options["onEvent"];
  #received = "";
  #isOpen = false;

  private constructor(socket: Socket, { onEvent }: Options) {
    this.#socket = socket;
    this.#onEvent = onEvent;
    socket.setEncoding("utf8").on("data", (text: string) => this.#take(text));
    socket.on("error", () => socket.destroy());
  }

  static async open(options: Options): Promise<EventClient> {
    const { port, path, user } = options;
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    const client = new EventClient(socket, options);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: text/event-stream\r\nAccept-Language: en\r\nX-User: ${user}\r\n\r\n`);
    return client;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Chunk lengths stand between events on lines of their own, which no event begins with. */
  #take(text: string): void {
    this.#received += text;
    if (!this.#isOpen) {
      if (!this.#received.includes("\r\n\r\n")) return;
      if (!this.#received.startsWith("HTTP/1.1 200 ")) throw new Error(`The server answered:\n${this.#received}`);
      this.#isOpen = true;
    }
    const blocks = this.#received.split("\n\n");
    this.#received = blocks.pop() as string;
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) this.#onEvent(/^event: (.*)$/m.exec(block)?.[1] ?? "message", data);
    }
  }
}
