import type { Run } from "../../../src/core/run.ts";
import { createErrand, type Errand, isEnded, type Store, StoreError, type Write, type WriteResult } from "../../../src/index.ts";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { keptLog } from "../fixture.ts";
import { type Calls, defineTasks, type Shape } from "./shapes.ts";

export const LEASE = 60_000;

/** A store that several errands of one process share, each as a process of its own that may die, and its clock. */
export class World {
  #ahead = 0;
  readonly store = sqlite({ file: ":memory:", clock: () => Date.now() + this.#ahead });
  readonly calls: Calls = { made: [] };
  /** Snapshots in the order of their writes, whoever wrote. */
  readonly history: Run[] = [];
  readonly #watchers = new Set<() => void>();

  /** Lets time pass. */
  pass(ms: number): void {
    this.#ahead += ms;
  }

  async write(writes: readonly Write[]): Promise<WriteResult[]> {
    const results = await this.store.write(writes);
    for (const result of results) {
      if (!result || result instanceof Error) continue;
      this.history.push(result);
      // Nobody waits for the rest after a lost worker.
      if (result.state === "retrying") this.pass(Math.max(0, result.runAt - result.modified) + 1);
    }
    setImmediate(() => {
      for (const changed of this.#watchers) changed();
    });
    return results;
  }

  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  /** An errand that works on the store until it dies; without workers when `concurrency` is false. */
  open(mortality: Mortality = {}, concurrency: number | false = 10): Life {
    const death = new Death(mortality);
    const errand = createErrand({
      database: mortal(this, death),
      broker: "database",
      worker: concurrency === false ? false : { concurrency },
      lease: LEASE,
      sweepEvery: 20,
      log: keptLog(),
    });
    return { errand, death, tasks: defineTasks(errand, this.calls) };
  }
}

export interface Life {
  readonly errand: Errand;
  readonly death: Death;
  readonly tasks: ReturnType<typeof defineTasks>;
}

export interface Mortality {
  /** Number of the write at which it dies, from 1; never when it is not given. */
  readonly at?: number;
  readonly when?: "before" | "after";
}

/** When a store's user dies, and whether it has. */
export class Death {
  writes = 0;
  isDead = false;
  readonly #mortality: Mortality;
  readonly #came = Promise.withResolvers<void>();
  readonly came = this.#came.promise;

  constructor(mortality: Mortality) {
    this.#mortality = mortality;
  }

  /** @throws StoreError when the user is dead, or dies of this */
  check(isWrite: boolean, when: "before" | "after"): void {
    if (!this.isDead && isWrite) {
      if (when === "before") this.writes += 1;
      if (this.writes === this.#mortality.at && when === this.#mortality.when) {
        this.isDead = true;
        this.#came.resolve();
      }
    }
    if (this.isDead) throw new StoreError("closed", "This process is dead.");
  }
}

/** The world's store as one process has it: once that is dead, it neither writes nor hears anything. */
function mortal(world: World, death: Death): Store {
  const wrap = (target: object): object =>
    new Proxy(target, {
      get(_, name) {
        if (name === "address") return undefined;
        if (name === "watch") return (changed: () => void) => world.watch(() => death.isDead || changed());
        if (name === "close") return async () => undefined;
        const value: unknown = name === "write" ? (writes: readonly Write[]) => world.write(writes) : Reflect.get(target, name, target);
        if (typeof value === "object" && value !== null) return wrap(value);
        if (typeof value !== "function") return value;
        return async (...values: unknown[]) => {
          death.check(name === "write", "before");
          const result: unknown = await (value as (...values: unknown[]) => unknown).apply(target, values);
          death.check(name === "write", "after");
          return result;
        };
      },
    });
  return wrap(world.store) as Store;
}

/** Begins a shape and lives until it has ended, or the life has. How many writes that took. */
export async function live(life: Life, shape: Shape): Promise<number> {
  const over = life.death.came.then(() => null);
  const lived = shape
    .link(life.tasks)
    .start({ owner: "u1" })
    .then((handle) => handle.ended());
  lived.catch(() => undefined);
  await Promise.race([lived.catch((error: unknown) => (life.death.isDead ? null : Promise.reject(error))), over]);
  await life.errand.close({ grace: 0 });
  return life.death.writes;
}

/** How often the end of each run was heard of. */
export function hearEnds(errand: Errand, count: number): { readonly all: Promise<void>; readonly heard: ReadonlyMap<string, number> } {
  const heard = new Map<string, number>();
  const { promise, resolve } = Promise.withResolvers<void>();
  errand.on(
    "userTaskStopped",
    ({ run }) => {
      heard.set(run.id, (heard.get(run.id) ?? 0) + (isEnded(run.state) ? 1 : 1000));
      if (heard.size === count) resolve();
    },
    { durable: true, name: "audit" },
  );
  return { all: promise, heard };
}
