import { randomBytes, randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { inProcess } from "../../brokers/in-process.ts";
import type { Broker } from "../../core/broker.ts";
import type { Storage } from "../../core/storage.ts";
import type { Store, Write } from "../../core/store.ts";
import type { Log } from "../../core/task.ts";
import { createErrand } from "../../runtime/create-errand.ts";
import type { Errand, ErrandOptions } from "../../runtime/errand.ts";
import { stderrLog } from "../../runtime/log.ts";
import { fileSystem } from "../../storages/file-system.ts";
import { sqlite } from "../../stores/sqlite.ts";
import type { Crash } from "../crash/crash-at.ts";
import type { FakeClock } from "../fake-clock.ts";
import { clockQueue } from "./clock-queue.ts";

export interface InlineOptions extends Omit<ErrandOptions, "broker" | "database" | "requireBroker" | "storage" | "worker"> {
  /** Path of an SQLite file, for a test in which a second errand finds what a first one left. In memory by default, gone when it is closed. */
  readonly file?: string;
  /** The time that it goes by. Without one it goes by the machine's, and another attempt follows at once. */
  readonly clock?: FakeClock;
  /** Where it is to die; see `crashAt`. */
  readonly crash?: Crash;
}

/** An errand that `await using` closes. */
export interface InlineErrand extends Errand, AsyncDisposable {}

/**
 * An errand for an app's unit tests: its runs are kept in memory and performed in this process, so `delay` resolves when the run has ended. It
 * heeds no environment variables and leaves nothing behind.
 *
 * ```ts
 * await using errand = inlineErrand();
 * const { cancelOrder } = defineTasks(errand);
 * expect(await (await cancelOrder.delay({ code: "ABC12" })).result()).toEqual({ code: "ABC12" });
 * ```
 *
 * With a `clock`, `delay` of a run that is to be tried again waits until the test advances it: begin such a one with `start`.
 *
 * @throws ConfigurationError or RangeError when an option will not do.
 */
export function inlineErrand({ file, clock, crash, ...options }: InlineOptions = {}): InlineErrand {
  const kept = file === undefined ? undefined : resolve(file);
  const folder = kept === undefined ? join(tmpdir(), `errand-inline-${randomUUID()}`) : `${kept}-files`;
  const bare = sqlite({ file: kept ?? ":memory:", ...(clock && { clock: clock.now }) });
  const store = mortal(clock ? byClock(bare, clock) : withoutPauses(bare));
  const errand = createErrand({
    secret: randomBytes(32).toString("base64url"),
    ...options,
    log: crash ? untilDeath(options.log ?? stderrLog, crash) : (options.log ?? stderrLog),
    database: store,
    broker: mortal<Broker>(clock ? clockQueue(store, clock, crash?.happened) : inProcess()),
    storage: mortal<Storage>(fileSystem(folder)),
    worker: true,
    requireBroker: false,
  });
  const close = errand.close.bind(errand);
  return Object.assign(errand, {
    async close(closing?: Parameters<Errand["close"]>[0]) {
      crash?.bury();
      await close(closing);
      if (kept === undefined) await rm(folder, { recursive: true, force: true });
    },
    [Symbol.asyncDispose]() {
      return this.close({ grace: 0 });
    },
  });

  function mortal<Driver extends Store | Broker | Storage>(driver: Driver): Driver {
    return crash ? crash.of(driver) : driver;
  }
}

/** Whoever watches the store hears that time has passed. */
function byClock(store: Store, clock: FakeClock): Store {
  const watch = store.watch.bind(store);
  return Object.assign(store, {
    clock,
    watch(changed: Parameters<Store["watch"]>[0]) {
      const stops = [watch(changed), clock.watch(() => changed())];
      return () => {
        for (const stop of stops) stop();
      };
    },
  });
}

/** Nobody waits for the end of a pause between two attempts. */
function withoutPauses(store: Store): Store {
  const write = store.write.bind(store);
  return Object.assign(store, { write: (writes: readonly Write[]) => write(writes.map(atOnce)) });
}

function atOnce(write: Write): Write {
  if (!("change" in write) || write.change.patch.set?.state !== "retrying") return write;
  const { patch } = write.change;
  return { change: { ...write.change, patch: { ...patch, set: { ...patch.set, runAt: { fromNow: 0 } } } } };
}

/** The dead say nothing. */
function untilDeath(log: Log, crash: Crash): Log {
  const alive =
    (level: keyof Log): Log["info"] =>
    (fields, message) => {
      if (!crash.hasHappened) log[level](fields, message);
    };
  return { debug: alive("debug"), info: alive("info"), warn: alive("warn"), error: alive("error") };
}
