/** One event of a `text/event-stream`. */
export interface ServerEvent {
  /** "message" where the server gives none. */
  readonly type: string;
  readonly data: string;
  /** The newest id that the stream has given so far. */
  readonly id: string;
}

/** What a stream says besides its events. */
export interface StreamSigns {
  /** Something came, if only a comment. */
  onLife(): void;
  /** The server says how long to wait before connecting again, ms. */
  onRetry(ms: number): void;
}

/** Reads `text/event-stream` as the HTML standard says; ends with the stream, and rejects when that breaks off. Who stops reading closes it. */
export async function* readEvents(body: ReadableStream<Uint8Array>, signs: StreamSigns): AsyncGenerator<ServerEvent> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let text = "";
  let event = { type: "message", data: [] as string[], id: "" };
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      signs.onLife();
      text += value;
      // A carriage return at the very end may be the first half of a line's end.
      const lines = text.split(/\r\n|\n|\r(?!$)/);
      text = lines.pop() as string;
      for (const line of lines) {
        if (line === "") {
          if (event.data.length > 0) yield { ...event, data: event.data.join("\n") };
          event = { type: "message", data: [], id: event.id };
          continue;
        }
        // A text may hold U+2028, which ends a line of JavaScript but none of a stream.
        const [, field, said = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) as RegExpExecArray;
        if (field === "data") event.data.push(said);
        else if (field === "event") event.type = said;
        else if (field === "id") event.id = said;
        else if (field === "retry" && /^\d+$/.test(said)) signs.onRetry(Number(said));
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
