import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the server does with one request. `revs` are the documents that it tells, in this order. */
export type Deed =
  | { readonly kind: "stream"; readonly revs: readonly number[]; readonly end: "cut" | "end" | "half" | "nonsense" }
  /** With `lasts`, every question is answered so, until a stream is asked for. */
  | { readonly kind: "document"; readonly rev: number; readonly hasWaited: boolean; readonly lasts?: true }
  | { readonly kind: "status"; readonly status: number; readonly retryAfter?: string }
  | { readonly kind: "html" }
  | { readonly kind: "gone" }
  | { readonly kind: "cut" };

/** A server in whose place anything may answer. Once its deeds are used up, it tells the end in whichever way it is asked. */
export class MisbehavingServer implements AsyncDisposable {
  readonly asked: string[] = [];
  /** What each question said to have, by header or query. */
  readonly known: (string | undefined)[] = [];
  readonly last: number;
  readonly #server: Server;
  readonly #deeds: Deed[];

  private constructor(deeds: readonly Deed[], last: number) {
    this.#deeds = [...deeds];
    this.last = last;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** `last`: the revision of the end. */
  static async open(deeds: readonly Deed[], last: number): Promise<MisbehavingServer> {
    const server = new MisbehavingServer(deeds, last);
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get base(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/errand`;
  }

  #answer({ url = "", headers }: IncomingMessage, response: ServerResponse): void {
    const isStream = url.includes("/events/");
    this.known.push(isStream ? (headers["last-event-id"] as string | undefined) : (new URL(url, this.base).searchParams.get("rev") ?? undefined));
    this.asked.push(isStream ? "stream" : headers.prefer ? "wait" : "poll");
    const [next] = this.#deeds;
    const lasts = next?.kind === "document" && next.lasts;
    if (!lasts || isStream) this.#deeds.shift();
    const deed = lasts && isStream ? undefined : next;
    if (deed === undefined) return isStream ? this.#stream(response, [this.last], "end") : this.#document(response, this.last, false);
    if (deed.kind === "stream" && isStream) this.#stream(response, deed.revs, deed.end);
    else if (deed.kind === "document" && !isStream) this.#document(response, deed.rev, deed.hasWaited);
    else if (deed.kind === "status" && (isStream || deed.status !== 204))
      response.writeHead(deed.status, deed.retryAfter === undefined ? {} : { "Retry-After": deed.retryAfter }).end();
    else if (deed.kind === "gone") response.writeHead(200, { "Content-Type": "text/event-stream" }).end('event: gone\ndata: {"id":"x"}\n\n');
    else if (deed.kind === "html") response.writeHead(200, { "Content-Type": "text/html" }).end("<h1>Sign in</h1>");
    else response.destroy();
  }

  #document(response: ServerResponse, rev: number, hasWaited: boolean): void {
    response.writeHead(200, { "Content-Type": "application/json", "Retry-After": "0.001", ...(hasWaited && { "Preference-Applied": "wait=25" }) });
    response.end(JSON.stringify(this.#body(rev)));
  }

  #stream(response: ServerResponse, revs: readonly number[], end: "cut" | "end" | "half" | "nonsense"): void {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write("retry: 1\n\n");
    for (const rev of revs) response.write(`id: ${rev}\ndata: ${JSON.stringify(this.#body(rev))}\n\n`);
    if (end === "half") response.write(`id: ${this.last}\ndata: {"id": "x", "rev"`);
    if (end === "nonsense") response.write("data: {]\n\n");
    // What was written is to arrive before the connection breaks.
    if (end === "end") response.end();
    else setImmediate(() => response.destroy());
  }

  #body(rev: number): object {
    return { id: "x", rev, state: rev >= this.last ? "Succeeded" : "In Progress", ended: rev >= this.last ? "2027-01-01T00:00:00Z" : null };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
