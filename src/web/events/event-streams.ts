import type { Errand } from "../../runtime/errand.ts";
import { Refusal } from "../refusal.ts";
import type { EventStream } from "./event-stream.ts";

const HEARTBEAT_MS = 15_000;
/** A stream is ended after this time, ms, and up to half of it longer: its client connects again, and is looked at anew. */
const LIFETIME_MS = 240_000;

export interface StreamLimits {
  /** Most streams, and long polls, that this process holds open. */
  readonly maxStreams: number;
  /** Most of one visitor. */
  readonly maxStreamsPerVisitor: number;
}

export const defaultStreamLimits: StreamLimits = { maxStreams: 10_000, maxStreamsPerVisitor: 20 };

/** All that this process holds open for clients: counted, kept alive by one timer, and ended when the errand closes. */
export class EventStreams {
  readonly #errand: Errand;
  readonly #limits: StreamLimits;
  readonly #streams = new Map<EventStream, number>();
  readonly #ofVisitor = new Map<string, number>();
  #held = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(errand: Errand, limits: StreamLimits) {
    this.#errand = errand;
    this.#limits = limits;
  }

  /** Everything that is held open now. */
  get held(): number {
    return this.#held;
  }

  /** Takes a place for a stream of this visitor; returns what gives it back. @throws Refusal 429 when the visitor has too many, 503 when there are too many, or the errand is closing */
  admit(owner: string): () => void {
    if ((this.#ofVisitor.get(owner) ?? 0) >= this.#limits.maxStreamsPerVisitor)
      throw new Refusal(429, { key: "rest.too_many_streams" }, { "Retry-After": "10" });
    if (this.#held >= this.#limits.maxStreams) throw new Refusal(503, { key: "rest.no_more_streams" }, { "Retry-After": "10" });
    if (this.#errand.closing.aborted) throw new Refusal(503, { key: "rest.no_more_streams" }, { "Retry-After": "1" });
    this.#held += 1;
    this.#ofVisitor.set(owner, (this.#ofVisitor.get(owner) ?? 0) + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#held -= 1;
      const left = (this.#ofVisitor.get(owner) ?? 1) - 1;
      if (left > 0) this.#ofVisitor.set(owner, left);
      else this.#ofVisitor.delete(owner);
    };
  }

  /** The same for a poll that waits: undefined when there is no place, and it is answered at once. */
  admitPoll(owner: string): (() => void) | undefined {
    try {
      return this.admit(owner);
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  }

  add(stream: EventStream): void {
    if (this.#streams.size === 0) this.#start();
    this.#streams.set(stream, LIFETIME_MS * (1 + Math.random() / 2));
  }

  remove(stream: EventStream): void {
    if (this.#streams.delete(stream) && this.#streams.size === 0) this.#stop();
  }

  /** Begins to look after the streams: called with the first of them. */
  #start(): void {
    this.#timer = setInterval(() => this.#beat(), HEARTBEAT_MS).unref();
    this.#errand.closing.addEventListener("abort", this.#endAll);
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#errand.closing.removeEventListener("abort", this.#endAll);
  }

  #beat(): void {
    const now = performance.now();
    for (const [stream, lifetime] of this.#streams) {
      if (now - stream.began > lifetime) stream.end();
      else stream.beat();
    }
  }

  readonly #endAll = (): void => {
    for (const stream of [...this.#streams.keys()]) stream.end();
  };
}
