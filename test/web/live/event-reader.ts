import type { RunBody } from "../../../src/core/wire.ts";

interface StreamEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
}

/** Reads `text/event-stream` as the HTML standard says, over fetch: what EventSource does, but every event can be awaited and every header seen. */
export class EventReader implements AsyncDisposable {
  readonly response: Response;
  /** ms, from `retry:`. */
  retry: number | undefined;
  lastEventId = "";
  /** Lines that were comments. */
  comments = 0;
  readonly #abort: AbortController;
  readonly #reader: ReadableStreamDefaultReader<string> | undefined;
  #text = "";
  readonly #ready: StreamEvent[] = [];

  private constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    this.#reader = response.body?.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array<ArrayBuffer>>).getReader();
  }

  static async open(url: string, headers: Record<string, string> = {}, lastEventId?: string): Promise<EventReader> {
    const abort = new AbortController();
    const response = await fetch(url, {
      headers: { accept: "text/event-stream", ...headers, ...(lastEventId !== undefined && { "last-event-id": lastEventId }) },
      signal: abort.signal,
    });
    return new EventReader(response, abort);
  }

  /** The next event; undefined when the server has ended the stream. */
  async next(): Promise<StreamEvent | undefined> {
    for (;;) {
      const event = this.#ready.shift();
      if (event) return event;
      const { done, value } = (await this.#reader?.read()) ?? { done: true, value: undefined };
      if (done || value === undefined) return undefined;
      this.#text += value;
      this.#take();
    }
  }

  /** The next event that is a document. @throws Error when the stream ends before it */
  async document(): Promise<RunBody> {
    for (;;) {
      const event = await this.next();
      if (!event) throw new Error("The stream ended before another document came.");
      if (event.type === "message") return JSON.parse(event.data) as RunBody;
    }
  }

  /** The next document that fits. */
  async until(fits: (document: RunBody) => boolean): Promise<RunBody> {
    for (;;) {
      const document = await this.document();
      if (fits(document)) return document;
    }
  }

  /** All events that still come until the server ends the stream. */
  async rest(): Promise<StreamEvent[]> {
    const events: StreamEvent[] = [];
    for (let event = await this.next(); event; event = await this.next()) events.push(event);
    return events;
  }

  /** Goes away as a browser's tab does. */
  close(): void {
    this.#reader?.cancel().catch(() => undefined);
    this.#abort.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #take(): void {
    for (let end = this.#text.indexOf("\n\n"); end >= 0; end = this.#text.indexOf("\n\n")) {
      const block = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      this.#read(block);
    }
  }

  #read(block: string): void {
    let type = "message";
    const data: string[] = [];
    for (const line of block.split("\n")) {
      const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line) as unknown as [string, string, string];
      if (field === "") this.comments += 1;
      else if (field === "data") data.push(value);
      else if (field === "event") type = value;
      else if (field === "id") this.lastEventId = value;
      else if (field === "retry") this.retry = Number(value);
    }
    if (data.length > 0) this.#ready.push({ id: this.lastEventId, type, data: data.join("\n") });
  }
}
