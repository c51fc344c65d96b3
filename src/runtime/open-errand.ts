import { v7 } from "uuid";
import type { Broker } from "../core/broker.ts";
import type { Catalogue } from "../core/messages.ts";
import type { Storage } from "../core/storage.ts";
import type { Store } from "../core/store.ts";
import type { Log, TaskDefinition } from "../core/task.ts";
import { Attempts } from "./attempts/attempts.ts";
import { Executor } from "./attempts/execute.ts";
import { Heartbeat } from "./attempts/heartbeat.ts";
import { Bus } from "./bus.ts";
import type { WorkerOptions } from "./errand.ts";
import { Links } from "./links/links.ts";
import type { StopEvents } from "./stops/stop-events.ts";
import { Upkeep } from "./upkeep/upkeep.ts";
import { Work } from "./worker.ts";
import { Writer } from "./writer.ts";

/** Everything that `createErrand` has read from its options and the environment. */
export interface Settings {
  readonly drivers: () => Promise<{ store: Store; broker: Broker; storage: Storage }>;
  /** The store was made from an address, anew at each opening, and not handed in by the app. */
  readonly ownsStore: boolean;
  readonly inline: boolean;
  readonly worker: WorkerOptions | false;
  /** ms */
  readonly lease: number;
  /** ms */
  readonly cancelGrace: number;
  /** ms */
  readonly sweepEvery: number;
  /** How long ended runs are kept, ms; null: for ever. */
  readonly keep: number | null;
  /** Empty: one is made and kept in the store. */
  readonly secrets: readonly string[];
  readonly catalogue: Catalogue;
  readonly log: Log;
}

/** The parts of an errand that is open. */
export interface OpenErrand {
  readonly store: Store;
  readonly broker: Broker;
  readonly storage: Storage;
  readonly writer: Writer;
  readonly links: Links;
  readonly bus: Bus;
  /** Begins to take runs and to sweep. */
  work(options: WorkerOptions): Promise<Work>;
  /** Closes everything but the work that was begun. Listeners are given `grace` ms for what they are hearing. */
  close(grace: number): Promise<void>;
}

const DEFAULT_CONCURRENCY = 10;

/** Opens and migrates the store and puts the parts of the runtime together. */
export async function openErrand(settings: Settings, tasks: ReadonlyMap<string, TaskDefinition>, stops: StopEvents): Promise<OpenErrand> {
  const { log, lease, cancelGrace, sweepEvery, keep } = settings;
  const drivers = await settings.drivers();
  const { store, broker, storage } = drivers;
  try {
    await store.migrate();
  } catch (error) {
    if (settings.ownsStore) await store.close();
    throw error;
  }

  const worker = v7();
  const bus = new Bus(store, log);
  const heartbeat = new Heartbeat(store, worker, lease, log);
  const attempts = new Attempts(worker, store, heartbeat, log);
  const writer = new Writer(store, (run) => {
    attempts.heed(run);
    // The row of a container that goes on lacks the sums of what is below it: whoever watches it reads it again.
    if (run.kind !== null && run.ended === null) bus.touch(run.id);
    else bus.publish(run);
    stops.written(run);
    if (run.parent === null) return;
    links.childWritten({ ...run, parent: run.parent });
    bus.touch(run.parent);
    // Others stand in between: whoever watches one of them must not miss it.
    if (run.root !== run.parent) bus.touch();
  });
  const links = new Links({ ...drivers, writer, tasks, log });
  const executor = new Executor({ ...drivers, worker, lease, tasks, writer, log, attempts, catalogue: settings.catalogue });
  const upkeep = new Upkeep({ ...drivers, links, writer, bus, log, worker, sweepEvery, cancelGrace, undeliveredAfter: lease, keep });
  upkeep.start();
  bus.open();
  bus.onExternal(() => {
    void attempts.ask();
    stops.external();
  });
  await stops.open(store);

  return {
    ...drivers,
    writer,
    links,
    bus,
    work: ({ queues = [], concurrency = DEFAULT_CONCURRENCY }) => Work.begin({ broker, executor, log, upkeep }, { queues, concurrency }),
    async close(grace) {
      await upkeep.stop();
      await links.stop(); // Before the listeners go: it may end containers.
      await stops.close(grace);
      attempts.stop();
      await heartbeat.stop();
      bus.close();
      await broker.close();
      await storage.close();
      await store.close();
    },
  };
}
