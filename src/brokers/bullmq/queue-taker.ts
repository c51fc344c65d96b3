import { setTimeout as rest, setImmediate as turn } from "node:timers/promises";
import { Job, Worker } from "bullmq";
import type { Cluster, Redis } from "ioredis";
import type { Delivery } from "../../core/broker.ts";
import { deliveriesIn, isBundled } from "./job.ts";
import type { Places } from "./places.ts";
import { encoded, type Queues } from "./queues.ts";

/** Rest before a delivery that could not be handled comes again, or Redis is asked again that answered with an error, ms. */
const AFTER_ERROR_MS = 500;
/** How long deliveries that were taken wait here for a place, ms; then others may have them. */
const IN_HAND_MS = 20;
/** Longest wait for BullMQ's word that there is work, s; then it looks by itself. */
const WAIT_S = 1;

export interface TakerParts {
  readonly client: Redis | Cluster;
  /** How long a job stays with a worker that is not heard of, ms. */
  readonly hold: number;
  readonly queues: Queues;
  readonly places: Places;
  readonly handle: (delivery: Delivery) => Promise<void>;
  readonly report: (error: unknown, message: string) => void;
}

/**
 * Takes the jobs of one queue, as BullMQ's own worker would, but by places instead of jobs: a job may bring several deliveries, and what there
 * is no place for goes back for others at once.
 */
export class QueueTaker {
  readonly #name: string;
  readonly #parts: TakerParts;
  readonly #worker: Worker;
  /** The tokens of the jobs that are held here, by job id. */
  readonly #held = new Map<string, string>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #renewing: NodeJS.Timeout;
  readonly #ended: Promise<void>;
  readonly #abandoned = Promise.withResolvers<void>();
  #isAbandoned = false;
  /** Jobs that were asked for, and will want a place. */
  #asked = 0;
  #tokens = 0;
  #stopped: Promise<void> | undefined;

  constructor(name: string, parts: TakerParts) {
    this.#name = name;
    this.#parts = parts;
    this.#worker = new Worker(encoded(name), null, {
      connection: parts.client,
      prefix: parts.queues.prefix,
      skipVersionCheck: true,
      drainDelay: WAIT_S,
      lockDuration: parts.hold,
      stalledInterval: parts.hold / 2,
      // Also of jobs that somebody else has put there.
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      // Nothing is ever given up: the store counts attempts.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    this.#worker.on("error", (error) => this.#complain(error));
    this.#renewing = setInterval(() => void this.#renew(), parts.hold / 2).unref();
    this.#ended = this.#run();
  }

  /** Takes no more. Resolves when what was taken has been settled with Redis. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** Waits no more for a Redis that does not answer. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#abandoned.resolve();
  }

  async #stop(): Promise<void> {
    // Ends a wait for work; the connection that all share stays.
    const closed = this.#worker.close(true);
    this.#parts.places.wake();
    // What was asked of a Redis that is gone is never answered.
    await Promise.race([this.#settled(), this.#abandoned.promise]);
    clearInterval(this.#renewing);
    await closed;
  }

  async #settled(): Promise<void> {
    await this.#ended;
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async #run(): Promise<void> {
    void this.#worker.startStalledCheckTimer();
    while (!this.#stopped) {
      if (this.#parts.places.free <= this.#asked) await this.#parts.places.changed();
      else await this.#ask();
    }
  }

  async #ask(): Promise<void> {
    const token = `${this.#worker.id}:${this.#tokens++}`;
    try {
      this.#asked += 1;
      const job = await this.#worker.getNextJob(token).finally(() => void (this.#asked -= 1));
      if (!job) return await this.#heedLimit();
      this.#begin(job, token);
      // What was begun has its claim sent before more is asked for.
      await turn();
      await turn();
    } catch (error) {
      if (this.#stopped) return;
      this.#complain(error);
      await rest(AFTER_ERROR_MS, undefined, { ref: false });
    }
  }

  /** Of a queue that lets only so many jobs through in a span, nothing comes for a while, and at once. */
  async #heedLimit(): Promise<void> {
    if (this.#stopped) return;
    const wait = await this.#worker.getBackend().getRateLimitTtl();
    if (wait > 0) await rest(Math.min(wait, WAIT_S * 1000), undefined, { ref: false });
    // What BullMQ knows of a limit it forgets in a loop of its own only, and until then it asks Redis nothing.
    Object.assign(this.#worker, { limitUntil: 0 }, wait > 0 && { drained: false });
  }

  #begin(job: Job, token: string): void {
    const id = job.id ?? "";
    this.#held.set(id, token);
    const done = this.#take(job, token)
      .catch((error: unknown) => this.#complain(error))
      .finally(() => {
        if (this.#held.get(id) === token) this.#held.delete(id);
        this.#underWay.delete(done);
      });
    this.#underWay.add(done);
  }

  async #take(job: Job, token: string): Promise<void> {
    const deliveries = deliveriesIn(this.#name, job.data);
    const isBundle = isBundled(job.data);
    if (deliveries.length === 0) {
      if (!isBundle) this.#parts.report(undefined, `Job ${job.id} is no delivery of a run, and was removed.`);
      return this.#settle(job, token);
    }
    const begun: Promise<boolean>[] = [];
    const left = await this.#handOut(deliveries, (delivery) => void begun.push(isBundle ? this.#handlePart(delivery) : this.#handle(delivery)));
    if (begun.length === 0) return this.#giveBack(job, token);
    const putBack = left.length > 0 && this.#insist(left, true);
    const handled = await Promise.all(begun);
    if (!isBundle && handled.includes(false)) return job.moveToDelayed(Date.now() + AFTER_ERROR_MS, token);
    await putBack;
    await this.#settle(job, token);
  }

  /** Begins with as many as get a place in time. Returns the others. */
  async #handOut(deliveries: readonly Delivery[], begin: (delivery: Delivery) => void): Promise<readonly Delivery[]> {
    const { places } = this.#parts;
    const until = performance.now() + IN_HAND_MS;
    let count = 0;
    while (count < deliveries.length && !this.#stopped) {
      // What was asked for besides wants a place, too.
      const most = Math.max(1, places.free - this.#asked);
      const taken = await places.take(Math.min(deliveries.length - count, most), until - performance.now());
      if (taken === 0) break;
      for (const delivery of deliveries.slice(count, count + taken)) begin(delivery);
      count += taken;
    }
    return deliveries.slice(count);
  }

  /** False when it could not be handled. */
  async #handle(delivery: Delivery): Promise<boolean> {
    try {
      await this.#parts.handle(delivery);
      return true;
    } catch {
      return false;
    } finally {
      this.#parts.places.giveBack();
    }
  }

  /** One of a bundle is done with by itself, however long the others take. */
  async #handlePart(delivery: Delivery): Promise<boolean> {
    const isHandled = await this.#handle(delivery);
    if (!isHandled) await this.#insist([{ ...delivery, runAt: Date.now() + AFTER_ERROR_MS }], false);
    this.#parts.queues.forget([delivery]);
    return isHandled;
  }

  /** Puts deliveries that this worker has in hand where others find them, as soon as Redis takes them: until then nobody misses them. */
  async #insist(deliveries: readonly Delivery[], isPutBack: boolean): Promise<void> {
    while (!this.#isAbandoned) {
      try {
        return await this.#parts.queues.add(this.#name, deliveries, isPutBack);
      } catch (error) {
        this.#complain(error);
        await rest(AFTER_ERROR_MS, undefined, { ref: false });
      }
    }
  }

  /** Nobody has seen it yet: it goes to where it was. */
  async #giveBack(job: Job, token: string): Promise<void> {
    await job.moveToWait(token);
    // BullMQ tells no waiting worker of it.
    await this.#parts.client.zadd(this.#parts.queues.open(this.#name).toKey("marker"), 0, "0");
  }

  /** Lets go of a job that is done with, and takes the next one on the same way if there is a place. */
  async #settle(job: Job, token: string): Promise<void> {
    const wantsMore = !this.#stopped && this.#parts.places.free > this.#asked;
    if (wantsMore) this.#asked += 1;
    const [next, id] = ((await job.moveToCompleted(null, token, wantsMore).finally(() => {
      if (!wantsMore) return;
      this.#asked -= 1;
      this.#parts.places.wake();
    })) ?? []) as [Parameters<typeof Job.fromJSON>[1]?, string?];
    if (next) this.#begin(Job.fromJSON(this.#worker, next, id), token);
  }

  async #renew(): Promise<void> {
    if (this.#held.size === 0) return;
    try {
      await this.#worker.extendJobLocks([...this.#held.keys()], [...this.#held.values()], this.#parts.hold);
    } catch (error) {
      this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    this.#parts.report(error, "Deliveries could not be taken or settled; trying again.");
  }
}
