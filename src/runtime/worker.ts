import { setMaxListeners } from "node:events";
import type { Broker, ConsumeOptions, Consumer, Delivery } from "../core/broker.ts";
import { ConfigurationError } from "../core/errors.ts";
import type { Log } from "../core/task.ts";
import { Endings } from "./attempts/endings.ts";
import type { Executor } from "./attempts/execute.ts";
import type { Upkeep } from "./upkeep/upkeep.ts";

export interface WorkParts {
  readonly broker: Broker;
  readonly executor: Executor;
  readonly log: Log;
  readonly upkeep: Upkeep;
}

/** Consumes deliveries, with the upkeep that belongs to it, until it is stopped. */
export class Work {
  readonly #parts: WorkParts;
  readonly #options: ConsumeOptions;
  readonly #consumer: Consumer;
  /** Fires when what is still under way is to be handed back. */
  readonly #handBack: AbortController;
  /** Fires before that, as soon as nothing more is taken. */
  readonly #leaving: AbortController;
  readonly #endings: Endings;
  #stopped: Promise<void> | undefined;

  private constructor(parts: WorkParts, options: ConsumeOptions, consumer: Consumer, handBack: AbortController, leaving: AbortController, endings: Endings) {
    this.#parts = parts;
    this.#endings = endings;
    this.#options = options;
    this.#consumer = consumer;
    this.#handBack = handBack;
    this.#leaving = leaving;
    parts.upkeep.add(options);
  }

  /** @throws RangeError, ConfigurationError */
  static async begin(parts: WorkParts, options: ConsumeOptions): Promise<Work> {
    const { broker, executor, log } = parts;
    checkConcurrency(options.concurrency);
    if (!broker.consume) throw new ConfigurationError(`The broker ${broker.name} only sends; a worker needs one that consumes.`);
    const [handBack, leaving] = [new AbortController(), new AbortController()];
    setMaxListeners(0, handBack.signal);
    // Without a broker, whoever has begun the run waits for its end.
    const endings = new Endings(broker.inline ? 0 : options.concurrency, log);
    const handle = async (delivery: Delivery): Promise<void> => {
      try {
        const attempt = await executor.execute(delivery, handBack.signal, leaving.signal);
        if (attempt) await endings.add(delivery.runId, attempt.settled);
      } catch (error) {
        log.error({ error, runId: delivery.runId }, "A delivery could not be handled; it will come again.");
        throw error;
      }
    };
    return new Work(parts, options, await broker.consume(handle, options), handBack, leaving, endings);
  }

  /** Takes no more, lets loops hand over between two items, waits for what else is under way until `over` fires, then hands the rest back to other workers. */
  stop(over: AbortSignal): Promise<void> {
    this.#stopped ??= this.#stop(over);
    return this.#stopped;
  }

  async #stop(over: AbortSignal): Promise<void> {
    // Without a broker there is no other worker to go on.
    if (!this.#parts.broker.inline) this.#leaving.abort();
    const stopped = this.#consumer.stop();
    const handBack = (): void => this.#handBack.abort();
    over.addEventListener("abort", handBack);
    if (over.aborted) handBack();
    await stopped;
    await this.#endings.all();
    over.removeEventListener("abort", handBack);
    handBack();
    await this.#parts.upkeep.delete(this.#options);
  }
}

/** @throws RangeError naming the value */
export function checkConcurrency(concurrency: number | undefined): void {
  if (concurrency === undefined || (Number.isSafeInteger(concurrency) && concurrency >= 1)) return;
  throw new RangeError(`A worker's concurrency must be a whole number of 1 or more, but is ${String(concurrency)}.`);
}
