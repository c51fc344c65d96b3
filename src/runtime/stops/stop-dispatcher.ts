import { setMaxListeners } from "node:events";
import { NotificationRefusedError } from "../../core/errors.ts";
import type { StopDelivery, StopEvent, StopStore } from "../../core/stops.ts";
import type { Log } from "../../core/task.ts";
import { timerSpan } from "../timer-span.ts";
import { type DurableListener, eventId } from "./stop-listener.ts";

/** Shortest and longest rest between two looks, ms: what no notification told of is found after the longest. */
const SOON_MS = 50;
const REST_MS = 2000;
/** Most events that one listener hears at once, in one process. */
const AT_ONCE = 16;
/** Waits between tries, ms: a second at first, doubling up to an hour; the last try is about three days after the first. */
const MOST_TRIES = 80;
const LONGEST_WAIT_MS = 3_600_000;
/** What an event stays with its taker for beyond the listener's time, ms: so long may it take to say how it went. */
const MARGIN_MS = 1000;

/**
 * Brings stop events to one durable listener, at least once, by one of the processes that have it. What it rejected, took too long for,
 * or a crash left unheard, comes again.
 */
export class StopDispatcher {
  readonly listener: DurableListener;
  readonly #stops: StopStore;
  readonly #log: Log;
  readonly #onPassed: () => void;
  readonly #underWay = new Set<Promise<void>>();
  /** Fires when those that are still hearing are not waited for any more. */
  readonly #handBack = new AbortController();
  #registered = false;
  #looking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lookAt = Number.POSITIVE_INFINITY;
  #stopped: Promise<void> | undefined;

  /** `onPassed` is called when others are to hear of something next. */
  constructor(stops: StopStore, log: Log, listener: DurableListener, onPassed: () => void) {
    this.#stops = stops;
    this.#log = log;
    setMaxListeners(0, this.#handBack.signal);
    this.listener = listener;
    this.#onPassed = onPassed;
  }

  /** Looks for what is to be heard, within `inMs` ms. */
  wake(inMs = SOON_MS): void {
    const at = performance.now() + inMs;
    if (this.#stopped || this.#lookAt <= at) return;
    clearTimeout(this.#timer);
    this.#lookAt = at;
    this.#timer = setTimeout(() => {
      this.#lookAt = Number.POSITIVE_INFINITY;
      if (this.#looking) this.wake();
      else void this.look();
    }, inMs).unref();
  }

  /** Looks now, once the store knows of the listener. What the listener is brought is not waited for. */
  look(): Promise<void> {
    this.#looking = this.#take().finally(() => {
      this.#looking = undefined;
      this.wake(REST_MS);
    });
    return this.#looking;
  }

  /** Takes no more, waits `grace` ms (or for ever) for what is being heard, then leaves the rest to others. A later call may shorten the grace. */
  stop(grace: number): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopped ??= this.#allHeard();
    if (!Number.isFinite(grace)) return this.#stopped;
    const outOfPatience = setTimeout(() => this.#handBack.abort(new Error("The process that was hearing of it is shutting down.")), timerSpan(grace));
    return this.#stopped.finally(() => clearTimeout(outOfPatience));
  }

  async #allHeard(): Promise<void> {
    await this.#looking;
    await Promise.all(this.#underWay);
  }

  async #take(): Promise<void> {
    const { name, timeout } = this.listener;
    const room = AT_ONCE - this.#underWay.size;
    try {
      if (!this.#registered && !this.listener.isSecond) await this.#stops.register(name, this.listener.delay);
      this.#registered = true;
      if (room === 0 || this.#stopped) return; // The end of any of them looks again.
      const taken = await this.#stops.take({ listeners: [name], limit: room, lease: timeout + MARGIN_MS });
      for (const delivery of taken) this.#begin(delivery, taken.length === room);
    } catch (error) {
      this.#log.warn({ error, listener: name }, "Stop events could not be read; trying again soon.");
    }
  }

  #begin(delivery: StopDelivery, mayBeMore: boolean): void {
    const heard = this.#deliver(delivery).finally(() => {
      this.#underWay.delete(heard);
      if (mayBeMore) this.wake(0);
    });
    this.#underWay.add(heard);
  }

  async #deliver(delivery: StopDelivery): Promise<void> {
    const { runId, tries, run } = delivery;
    try {
      // Whoever was to try last has died of it.
      if (tries > this.#mostTries) throw new Error("It was not heard at the last try either.");
      const next = await this.#within(this.listener.timeout, () => this.#tell({ run, eventId: eventId(runId) }));
      await this.#stops.done(delivery, next);
      if (next.length > 0) this.#onPassed();
    } catch (error) {
      await this.#again(delivery, error);
    }
  }

  get #mostTries(): number {
    return this.listener.tries ?? MOST_TRIES;
  }

  async #tell(event: StopEvent): Promise<readonly string[]> {
    const { decide, hear } = this.listener;
    if (decide) return decide(event);
    await hear(event);
    return [];
  }

  async #again(delivery: StopDelivery, error: unknown): Promise<void> {
    const { runId, listener, tries } = delivery;
    const given = tries >= this.#mostTries || error instanceof NotificationRefusedError;
    const backoff = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** (tries - 1));
    const inMs = this.#handBack.signal.aborted ? 0 : given ? null : backoff;
    this.#log.warn(
      { error, runId, listener, tries },
      inMs === null ? "A stop event was given up after its last try." : "A stop event was not heard; it comes again.",
    );
    try {
      await this.#stops.again(delivery, inMs, error instanceof Error ? error.message : String(error));
      if (inMs !== null) this.wake(inMs);
    } catch (error) {
      this.#log.warn(
        { error, runId, listener },
        "It could not be noted that a stop event was not heard; it comes again when its time with this process is over.",
      );
    }
  }

  /** What `hear` returns, unless it takes longer, or the process cannot wait any more. It may go on, but what it says then is not heeded. */
  async #within<Heard>(timeout: number, hear: () => Promise<Heard>): Promise<Heard> {
    const handBack = this.#handBack.signal;
    handBack.throwIfAborted();
    const { promise: given, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error(`The listener took longer than its ${timeout} ms.`)), timerSpan(timeout)).unref();
    const abort = (): void => reject(handBack.reason as Error);
    handBack.addEventListener("abort", abort);
    try {
      return await Promise.race([hear(), given]);
    } finally {
      clearTimeout(timer);
      handBack.removeEventListener("abort", abort);
    }
  }
}
