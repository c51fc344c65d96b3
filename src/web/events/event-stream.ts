import type { Run, RunWithArtifacts } from "../../core/run.ts";
import { goneFrame, heartbeat } from "./event-frames.ts";
import type { Follower } from "./live-runs.ts";

/** Revisions that are remembered of runs, so that none goes out twice. */
const MOST_REMEMBERED = 1000;

export interface EventStreamOptions {
  /** What goes out before anything else. */
  readonly opening: readonly Uint8Array[];
  readonly frame: (entry: RunWithArtifacts) => Uint8Array;
  /** Whether the reader may see the run, now. */
  readonly allows: (run: Run) => boolean | Promise<boolean>;
  /** The stream is over when its run has ended or is gone. */
  readonly isOfOneRun: boolean;
  /** Called once, however the stream ends. */
  readonly onEnd: () => void;
  readonly onError: (error: unknown) => void;
}

/**
 * One client's events. Nothing is queued for a slow client but the newest snapshot of each run: it goes out when the client takes it. Of each
 * run revisions only rise.
 */
export class EventStream implements Follower {
  readonly body: ReadableStream<Uint8Array>;
  readonly began = performance.now();
  readonly #options: EventStreamOptions;
  readonly #waiting = new Map<string, RunWithArtifacts | null>();
  readonly #sent = new Map<string, number>();
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  /** The client has taken all that was sent. */
  #isReady = false;
  #isSending = false;
  #isOver = false;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.body = new ReadableStream(
      {
        start: (controller) => {
          this.#controller = controller;
          for (const chunk of options.opening) controller.enqueue(chunk);
        },
        pull: () => {
          this.#isReady = true;
          void this.#send();
        },
        cancel: () => this.#finish(),
      },
      { highWaterMark: 0 },
    );
  }

  changed(entry: RunWithArtifacts): void {
    const { id, rev } = entry.run;
    if (this.#isOver || (this.#sent.get(id) ?? 0) >= rev || (this.#waiting.get(id)?.run.rev ?? 0) >= rev) return;
    this.#wait(id, entry);
  }

  gone(runId: string): void {
    if (this.#isOver || !(this.#sent.has(runId) || this.#waiting.has(runId))) return;
    this.#wait(runId, null);
  }

  /** The client has this revision from an earlier connection. */
  has({ id, rev }: Run): void {
    this.#remember(id, rev);
  }

  /** A sign of life, when there is nothing better to send. */
  beat(): void {
    if (this.#isReady && !this.#isSending && !this.#isOver && this.#waiting.size === 0) this.#enqueue(heartbeat);
  }

  /** Ends in an orderly way; what was not sent yet, the client gets when it connects again. */
  end(): void {
    if (this.#isOver) return;
    this.#finish();
    this.#controller.close();
  }

  /** What changed last goes out last, so that the ids of a stream of several runs rise. */
  #wait(id: string, entry: RunWithArtifacts | null): void {
    this.#waiting.delete(id);
    this.#waiting.set(id, entry);
    void this.#send();
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      while (this.#isReady && !this.#isOver) {
        const next = this.#waiting.entries().next();
        if (next.done) break;
        const [id, entry] = next.value;
        this.#waiting.delete(id);
        const allowed = entry !== null && this.#options.allows(entry.run);
        this.#put(id, entry, allowed instanceof Promise ? await allowed : allowed);
      }
    } catch (error) {
      this.#options.onError(error);
      this.end();
    } finally {
      this.#isSending = false;
    }
  }

  #put(id: string, entry: RunWithArtifacts | null, isAllowed: boolean): void {
    if (this.#isOver) return;
    if (entry && isAllowed) {
      this.#remember(id, entry.run.rev);
      this.#enqueue(this.#options.frame(entry));
    } else if (this.#sent.delete(id)) {
      this.#enqueue(goneFrame(id));
    }
    if (this.#options.isOfOneRun && (!entry || !isAllowed || entry.run.ended !== null)) this.end();
  }

  #enqueue(chunk: Uint8Array): void {
    this.#isReady = false;
    this.#controller.enqueue(chunk);
  }

  #remember(id: string, rev: number): void {
    this.#sent.delete(id);
    this.#sent.set(id, rev);
    if (this.#sent.size > MOST_REMEMBERED) this.#sent.delete(this.#sent.keys().next().value as string);
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waiting.clear();
    this.#options.onEnd();
  }
}
