import type { Broker } from "../core/broker.ts";
import type { Catalogue } from "../core/messages.ts";
import type { Run } from "../core/run.ts";
import { isEnded } from "../core/states.ts";
import type { Storage } from "../core/storage.ts";
import type { Store } from "../core/store.ts";
import type { Log, TaskDefinition } from "../core/task.ts";
import { Attempts } from "./attempts/attempts.ts";
import { Executor } from "./attempts/execute.ts";
import { handBack } from "./attempts/hand-back.ts";
import { Heartbeat } from "./attempts/heartbeat.ts";
import { Bus } from "./bus.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { WorkerOptions } from "./errand.ts";
import { Estimates } from "./estimates/estimates.ts";
import type { Grace } from "./grace.ts";
import { Links } from "./links/links.ts";
import { newId } from "./new-id.ts";
import type { NotifySettings } from "./notify/notify-options.ts";
import type { Presence } from "./notify/presence.ts";
import type { Observers } from "./observers.ts";
import { OwnerWatch } from "./owners/owner-watch.ts";
import type { StopEvents } from "./stops/stop-events.ts";
import { systemClock } from "./system-clock.ts";
import { Uncommitted } from "./uncommitted.ts";
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
  readonly requireBroker: boolean;
  /** Empty: one is made and kept in the store. */
  readonly secrets: readonly string[];
  /** Null: nobody is told of anything. */
  readonly notify: NotifySettings | null;
  readonly catalogue: Catalogue;
  readonly log: Log;
}

/** The parts of an errand that is open. */
export interface OpenErrand {
  readonly store: Store;
  readonly broker: Broker;
  readonly storage: Storage;
  readonly writer: Writer;
  readonly dispatcher: Dispatcher;
  readonly uncommitted: Uncommitted;
  readonly links: Links;
  readonly bus: Bus;
  readonly owners: OwnerWatch;
  readonly estimates: Estimates;
  /** Begins to take runs and to sweep. */
  work(options: WorkerOptions): Promise<Work>;
  /** Closes everything but the work that was begun. Listeners are given the rest of the grace for what they are hearing. */
  close(grace: Grace): Promise<void>;
}

/** What is there before an errand is open. */
export interface Heard {
  readonly stops: StopEvents;
  readonly observers: Observers;
  readonly presence: Presence;
}

const DEFAULT_CONCURRENCY = 10;

/** Opens and migrates the store and puts the parts of the runtime together. */
export async function openErrand(settings: Settings, tasks: ReadonlyMap<string, TaskDefinition>, heard: Heard): Promise<OpenErrand> {
  const { stops, observers, presence } = heard;
  const { log, lease, cancelGrace, sweepEvery, keep } = settings;
  const drivers = await settings.drivers();
  const { store, broker, storage } = drivers;
  try {
    await store.migrate();
  } catch (error) {
    if (settings.ownsStore) await store.close();
    throw error;
  }

  const worker = newId();
  const bus = new Bus(store, log);
  const owners = new OwnerWatch({ store, bus, log });
  const heartbeat = new Heartbeat(store, worker, lease, log);
  const attempts = new Attempts({ worker, store, heartbeat, log, handBack: (run) => handBack({ writer, dispatcher, worker, log }, run) });
  const written = (run: Run): void => {
    attempts.heed(run);
    // The row of a container that goes on lacks the sums of what is below it: whoever watches it reads it again.
    if (run.kind !== null && run.ended === null) bus.touch(run.id);
    else bus.publish(run);
    owners.written(run);
    stops.written(run);
    observers.written(run);
    if (run.parent === null) return;
    links.childWritten({ ...run, parent: run.parent });
    bus.touch(run.parent);
    // Others stand in between: whoever watches one of them must not miss it.
    if (run.root !== run.parent) bus.touch();
  };
  const writer = new Writer(store, written, (runIds) => {
    bus.doubt(runIds);
    stops.external();
  });
  const dispatcher = new Dispatcher(broker, log);
  const uncommitted = new Uncommitted({ store, dispatcher, log });
  const links = new Links({ ...drivers, writer, dispatcher, tasks, log });
  const estimates = new Estimates({ store, log, inline: settings.inline });
  const executor = new Executor({
    ...drivers,
    clock: store.clock ?? systemClock,
    histories: estimates.histories,
    worker,
    lease,
    tasks,
    writer,
    dispatcher,
    log,
    attempts,
    observers,
    catalogue: settings.catalogue,
  });
  // A broker that knows what it holds may be asked early: nothing is dispatched twice.
  const undeliveredAfter = broker.missing ? Math.min(lease, sweepEvery) : lease;
  const upkeep = new Upkeep({ ...drivers, links, writer, dispatcher, observers, bus, log, worker, sweepEvery, cancelGrace, undeliveredAfter, keep });
  upkeep.start();
  bus.open();
  bus.onGone((runId) => owners.gone(runId));
  bus.onExternal((written) => {
    owners.external(written);
    attempts.heedOthers(written);
    uncommitted.external(written);
    const ended = written?.flatMap(({ id, state }) => (isEnded(state) ? [id] : []));
    if (ended === undefined || ended.length > 0) stops.external(ended);
  });
  presence.open(store.presence, worker);
  await stops.open(store);

  return {
    ...drivers,
    writer,
    dispatcher,
    uncommitted,
    links,
    bus,
    owners,
    estimates,
    work: ({ queues = [], concurrency = DEFAULT_CONCURRENCY }) => Work.begin({ broker, executor, log, upkeep }, { queues, concurrency }),
    async close(grace) {
      uncommitted.close();
      await upkeep.stop();
      await links.stop(); // Before the listeners go: it may end containers.
      await stops.close(grace);
      await presence.close();
      attempts.stop();
      await heartbeat.stop();
      owners.close();
      bus.close();
      await estimates.histories.close();
      await dispatcher.close();
      await broker.close();
      await storage.close();
      await store.close();
    },
  };
}
