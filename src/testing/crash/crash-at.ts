import type { Broker } from "../../core/broker.ts";
import { StoreError } from "../../core/errors.ts";
import type { Storage } from "../../core/storage.ts";
import type { Store } from "../../core/store.ts";
import { type CrashPoint, type CrashStep, pointsAfter, pointsBefore } from "./crash-points.ts";

export interface CrashOptions {
  /** At which time it comes to that point, from 1; at the first by default. */
  readonly nth?: number;
  /**
   * "freeze" (the default): from that point on, the errand neither writes nor reads nor hears anything; whatever it asks is never answered.
   * "kill": the process itself is ended by SIGKILL; for a child process of a test.
   */
  readonly how?: "freeze" | "kill";
}

/** A death that is to come. */
export interface Crash {
  /** Resolves when it has come. */
  readonly happened: Promise<void>;
  readonly hasHappened: boolean;
  /** A store, broker or storage as the one who is to die has it: hand `createErrand` all three. */
  of<Driver extends Store | Broker | Storage>(driver: Driver): Driver;
  /** Lets whatever waits for an answer that never comes end with a StoreError, so that the errand can be closed. `inlineErrand` does it itself. */
  bury(): void;
}

const steps: Readonly<Record<CrashStep, true>> = {
  insert: true,
  dispatch: true,
  claim: true,
  progress: true,
  artifact: true,
  settle: true,
  cancel: true,
  sweep: true,
  tell: true,
};

/**
 * Lets an errand die at a point on the path of a run, as a process may at any moment. What it has written stays; another errand on the same
 * database has to bring the run to a truthful end. A task's own code cannot be stopped: it goes on to its next call of Errand, which never returns.
 *
 * ```ts
 * const crash = crashAt("after claim");
 * await using errand = inlineErrand({ file, clock, crash });
 * void task.start(input);
 * await crash.happened;
 * ```
 *
 * @throws RangeError for a point that there is not, or an `nth` that is no whole number from 1.
 */
export function crashAt(point: CrashPoint, { nth = 1, how = "freeze" }: CrashOptions = {}): Crash {
  const [when, step] = point.split(" ") as [string, string];
  if (!["before", "after"].includes(when) || !Object.hasOwn(steps, step) || point !== `${when} ${step}`)
    throw new RangeError(`There is no point ${JSON.stringify(point)}; there is "before" or "after" one of ${Object.keys(steps).join(", ")}.`);
  if (!Number.isSafeInteger(nth) || nth < 1) throw new RangeError(`nth must be a whole number from 1, but is ${String(nth)}.`);
  return new Death(point, nth, how);
}

class Death implements Crash {
  readonly #point: CrashPoint;
  readonly #how: "freeze" | "kill";
  readonly #came = Promise.withResolvers<void>();
  readonly #buried = Promise.withResolvers<never>();
  readonly happened = this.#came.promise;
  hasHappened = false;
  /** How often the point is still passed. */
  #left: number;

  constructor(point: CrashPoint, nth: number, how: "freeze" | "kill") {
    this.#point = point;
    this.#left = nth - 1;
    this.#how = how;
    this.#buried.promise.catch(() => undefined);
  }

  bury(): void {
    this.#buried.reject(new StoreError("closed", "This errand was to die here: nothing answers it any more."));
  }

  of<Driver extends Store | Broker | Storage>(driver: Driver): Driver {
    return new Proxy(driver, { get: (_, name) => this.#member(driver, name) });
  }

  #member(target: object, name: string | symbol): unknown {
    const value: unknown = Reflect.get(target, name, target);
    // A thread of its own would go on after the death.
    if (name === "address" && this.#how === "freeze") return undefined;
    if (typeof value === "object" && value !== null) return isPart(name, value) ? new Proxy(value, { get: (_, inner) => this.#member(value, inner) }) : value;
    if (typeof value !== "function") return value;
    const call = (...given: unknown[]): unknown => (value as (...given: unknown[]) => unknown).apply(target, given);
    // Told that something has changed, the dead cannot read what.
    if (name === "close" || name === "watch") return call;
    return async (...given: unknown[]) => {
      this.#come(pointsBefore(name, given));
      if (this.hasHappened) return this.#buried.promise;
      const result = await call(...given);
      this.#come(pointsAfter(name, given, result));
      return this.hasHappened ? this.#buried.promise : result;
    };
  }

  #come(points: readonly CrashPoint[]): void {
    for (const point of points) {
      if (point !== this.#point || this.hasHappened || this.#left-- > 0) continue;
      this.hasHappened = true;
      if (this.#how === "kill") process.kill(process.pid, "SIGKILL");
      this.#came.resolve();
    }
  }
}

/** What a store keeps of one kind, such as its keys, is a part of it; its address, its clock and a broker's features are none. */
function isPart(name: string | symbol, value: object): boolean {
  return name !== "address" && name !== "clock" && !(value instanceof Set);
}
