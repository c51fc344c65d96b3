import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface Call {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body as it came. */
  readonly bytes: Buffer;
  readonly path: string | undefined;
  readonly at: number;
}

export type Answer = (call: Call, response: Parameters<RequestListener>[1]) => void;

export const ok: Answer = (_call, response) => response.writeHead(204).end();

export const status =
  (code: number): Answer =>
  (_call, response) =>
    response.writeHead(code).end();

/** An HTTP server that keeps its calls and gives these answers in turn, the last one for ever. */
export class Receiver {
  readonly calls: Call[] = [];
  url = "";
  readonly #waiting = new Set<() => void>();
  readonly #answers: Answer[];
  readonly #server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const call = { headers: request.headers, body: bytes.toString(), bytes, path: request.url, at: performance.now() };
    const answer = this.#answers[Math.min(this.calls.length, this.#answers.length - 1)] as Answer;
    this.calls.push(call);
    answer(call, response);
    for (const woken of this.#waiting) woken();
  });

  constructor(answers: Answer[]) {
    this.#answers = answers;
  }

  static async start(...answers: Answer[]): Promise<Receiver> {
    const receiver = new Receiver(answers);
    await receiver.listen(0);
    onTestFinished(() => receiver.stop());
    return receiver;
  }

  async listen(port: number): Promise<void> {
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook?x=1`;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async called(count: number): Promise<Call[]> {
    while (this.calls.length < count) await new Promise<void>((woken) => this.#waiting.add(woken));
    return this.calls;
  }
}
