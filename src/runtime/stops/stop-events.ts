import { ConfigurationError } from "../../core/errors.ts";
import type { Run } from "../../core/run.ts";
import { isEnded } from "../../core/states.ts";
import type { Store } from "../../core/store.ts";
import type { Log } from "../../core/task.ts";
import type { Grace } from "../grace.ts";
import { StopDispatcher } from "./stop-dispatcher.ts";
import { type DurableListener, eventId, type StopListener } from "./stop-listener.ts";
import { StopWatch } from "./stop-watch.ts";

/** Longest name of a durable listener, characters. */
const LONGEST_NAME = 255;

/**
 * Who hears of runs that ended: listeners of this process, told by its own writes and by looking at what others wrote; and durable
 * ones, served from the store. Listeners may come before the store is open.
 */
export class StopEvents {
  readonly #log: Log;
  readonly #listeners = new Set<StopListener>();
  readonly #durable = new Map<string, DurableListener>();
  /** One per durable listener, and those whose listener has gone, while they end. */
  readonly #dispatchers = new Set<StopDispatcher>();
  #store: Store | undefined;
  #watch: StopWatch | undefined;
  #registering: Promise<void> | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  on(listener: StopListener): () => void {
    const entry: StopListener = (event) => listener(event); // So that one function may listen twice.
    this.#listeners.add(entry);
    this.#startWatching();
    return () => this.#listeners.delete(entry);
  }

  /** @throws ConfigurationError for a name that will not do, or that a listener of this errand has already. */
  onDurable(listener: DurableListener): () => void {
    checkName(listener.name);
    if (this.#durable.has(listener.name))
      throw new ConfigurationError(`Two durable listeners are named ${JSON.stringify(listener.name)}. Events are kept by name: give one of them another.`);
    this.#durable.set(listener.name, listener);
    if (this.#store) this.#begin(this.#store, listener);
    return () => {
      if (this.#durable.get(listener.name) !== listener) return;
      this.#durable.delete(listener.name);
      for (const dispatcher of this.#dispatchers) if (dispatcher.listener === listener) void this.#end(dispatcher, Number.POSITIVE_INFINITY);
    };
  }

  /** While it is there, the store has yet to take note of a listener: a run that ends before would not be kept for it. */
  get registering(): Promise<void> | undefined {
    return this.#registering;
  }

  /** Resolves when the store has taken note of the listeners that there are. */
  async open(store: Store): Promise<void> {
    this.#store = store;
    if (this.#listeners.size > 0) this.#startWatching();
    for (const listener of this.#durable.values()) this.#begin(store, listener);
    await this.#registering;
  }

  /** This process has written a run. */
  written(run: Run): void {
    if (!isEnded(run.state)) return;
    this.#watch?.tell(run);
    this.#wake();
  }

  /** Another process may have written, and ended these runs among others. */
  external(ended: readonly string[] = []): void {
    this.#watch?.wake(ended);
    this.#wake();
  }

  /** Durable listeners are given the rest of the grace for what they are hearing; others hear it then. */
  async close(grace: Grace): Promise<void> {
    this.#store = undefined;
    const hurry = (): void => {
      for (const dispatcher of this.#dispatchers) void dispatcher.stop(0);
    };
    grace.over.addEventListener("abort", hurry);
    await Promise.all([this.#watch?.stop(), ...[...this.#dispatchers].map((dispatcher) => this.#end(dispatcher, grace.left))]);
    grace.over.removeEventListener("abort", hurry);
    this.#watch = undefined;
  }

  #wake(): void {
    for (const dispatcher of this.#dispatchers) dispatcher.wake();
  }

  #begin(store: Store, listener: DurableListener): void {
    const dispatcher = new StopDispatcher(store.stops, this.#log, listener, () => this.#wake());
    this.#dispatchers.add(dispatcher);
    const registering = Promise.all([this.#registering, dispatcher.look()]).then(() => {
      if (this.#registering === registering) this.#registering = undefined;
    });
    this.#registering = registering;
  }

  async #end(dispatcher: StopDispatcher, grace: number): Promise<void> {
    await dispatcher.stop(grace);
    this.#dispatchers.delete(dispatcher);
  }

  #startWatching(): void {
    if (this.#store) this.#watch ??= new StopWatch(this.#store, this.#log, (run) => this.#emit(run));
  }

  #emit(run: Run): void {
    for (const listener of this.#listeners) void this.#call(listener, run);
  }

  async #call(listener: StopListener, run: Run): Promise<void> {
    try {
      await listener({ run, eventId: eventId(run.id) });
    } catch (error) {
      this.#log.error({ error, runId: run.id }, "A listener of userTaskStopped threw.");
    }
  }
}

function checkName(name: string): void {
  if (typeof name === "string" && name !== "" && name.length <= LONGEST_NAME && name.isWellFormed() && !name.includes("\0")) return;
  throw new ConfigurationError(
    `A durable listener needs a name of 1 to ${LONGEST_NAME} characters, by which its events are kept for it, but has ${JSON.stringify(name)}.`,
  );
}
