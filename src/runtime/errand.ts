import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Artifact } from "../core/artifact.ts";
import type { Broker } from "../core/broker.ts";
import type { Duration } from "../core/duration.ts";
import type { Failure } from "../core/each.ts";
import type { Span } from "../core/estimate.ts";
import type { LedgerPage } from "../core/ledger.ts";
import type { Catalogue, Message } from "../core/messages.ts";
import type { QueuePlace } from "../core/queue-place.ts";
import type { Run, RunWithArtifacts } from "../core/run.ts";
import type { ArtifactFilter, Page, RunFilter } from "../core/run-filter.ts";
import type { GivenUp, StopEvent } from "../core/stops.ts";
import type { Storage } from "../core/storage.ts";
import type { Store } from "../core/store.ts";
import type { ArgumentOf, Log, ReturnsJson, TaskOptions } from "../core/task.ts";
import type { MinuteCount, QueueDepth, WorkerRow } from "../core/workers.ts";
import type { NotifyOptions } from "./notify/notify-options.ts";
import type { Presence } from "./notify/presence.ts";
import type { PushSubscriptions } from "./notify/push-subscriptions.ts";
import type { Observers } from "./observers.ts";
import type { OwnerWatcher } from "./owners/owner-feed.ts";
import type { OwnerWatching } from "./owners/owner-watch.ts";
import type { Polling } from "./polling/polling-api.ts";
import type { Readiness } from "./readiness.ts";
import type { WebhookOptions } from "./stops/webhook.ts";
import type { DelayOptions, Link, LinkDelayOptions, RunHandle, Task } from "./task-api.ts";

export interface ErrandOptions {
  /** Where runs are remembered: `file:./errand.sqlite`, `:memory:`, `postgres://…`, or a store driver. Else ERRAND_DATABASE_URL, else file:./errand.sqlite. */
  readonly database?: string | Store;
  /** What carries runs to workers: "none" (this process, at once), "database" (the store itself), `postgres://…` (graphile-worker), `redis://…` or `rediss://…` (BullMQ), or a broker driver. Else ERRAND_BROKER_URL, else "none". */
  readonly broker?: string | Broker;
  /**
   * What to do when the broker does not take a new run. By default `delay` succeeds, since the run is stored, and the sweep dispatches it once
   * the broker is back. With true, `delay` throws a BrokerError, and nothing was started.
   */
  readonly requireBroker?: boolean;
  /** Where files are kept: `file:./folder` or a storage driver. Else ERRAND_STORAGE_URL, else the folder `<database>-files` beside an SQLite file, or `./errand-files`: with several machines, one that they share. */
  readonly storage?: string | Storage;
  /**
   * Whether this process takes runs from the broker, and how many at once. Else ERRAND_WORKER ("off"), else on with 10 at once. With the
   * broker "none", false leaves what this process starts to another one on the same store, which finds it within a lease.
   */
  readonly worker?: boolean | WorkerOptions;
  /** How long a worker may be silent before its runs are taken from it. 15 s by default. */
  readonly lease?: Duration;
  /** How long a task may go on after it was asked to stop. 30 s by default. */
  readonly cancelGrace?: Duration;
  /** How often lost leases and deliveries are looked for. 5 s by default, a third of the lease when that is shorter. */
  readonly sweepEvery?: Duration;
  /** Signing secrets; the first signs, all are accepted. Else ERRAND_SECRET (comma separated), else one that is made once and kept in the store. */
  readonly secret?: string | readonly string[];
  /** How long ended runs are kept, with their files, before a worker purges them; false: for ever. 30 days by default. */
  readonly keep?: Duration | false;
  /** How owners are told of the ends of their runs, when tasks say so by their own `notify` or `notify.when` does: docs/notify.md. */
  readonly notify?: NotifyOptions;
  /** The app's texts by language and key, laid over Errand's own. */
  readonly messages?: Catalogue;
  /** A pino-like logger. By default warnings and errors go to stderr as JSON lines. */
  readonly log?: Log;
}

export interface WorkerOptions {
  readonly concurrency?: number;
  /** Queues to take from; all when it is not given. */
  readonly queues?: readonly string[];
}

export interface Watching {
  /** The newest snapshot. */
  readonly run: Run;
  stop(): void;
}

export interface ErrandEvents {
  /** Once per run, after the final state was committed, whoever ended it. */
  userTaskStopped: StopEvent;
}

/** A listener that one of the processes that have it hears through, at least once, surviving crashes: what it throws comes again, later and later. */
export interface DurableListening {
  readonly durable: true;
  /**
   * Tells this listener from others. Runs that end from its first registration on are kept for it, also while no process has it, and also
   * when they are deleted (then for three days from their end; purged runs take theirs along).
   */
  readonly name: string;
  /** Longest time that it may take for one event, before it counts as not heard. 1 min by default. After a crash the event comes again a second later than that. */
  readonly timeout?: Duration;
}

export interface RerunOptions extends Pick<DelayOptions, "owner"> {
  /** Only the failed items of the run's loops; of a group, only its runs that failed or were canceled. */
  readonly only?: "failed";
}

/** How the loops of a run went, all together. While it is under way, as far as was last written. */
export interface Failures {
  /** Items visited without an error. */
  readonly done: number;
  readonly failed: number;
  /** Failed items that are kept: at most 10,000; the others are counted only. */
  readonly kept: number;
  /** A page of them. */
  readonly failures: readonly Failure[];
}

/** What the installation is doing. */
export interface Overview {
  readonly queues: readonly QueueDepth[];
  readonly workers: readonly WorkerRow[];
  /** The last 60 minutes; those in which no run ended are left out. */
  readonly endedPerMinute: readonly MinuteCount[];
}

export interface Errand {
  task<Schema extends StandardSchemaV1 | undefined = undefined, Output = unknown>(
    options: TaskOptions<Schema, Output> & ReturnsJson<Output>,
  ): Task<ArgumentOf<Schema>, Output>;
  /** Opens and migrates the store and, unless `worker` is off, begins to take runs and to sweep. Called by the first use of anything else; call it at the start of a server, so that runs left by an earlier process go on. */
  start(): Promise<void>;
  /** Takes runs from the broker until `stop`, whatever `worker` says. */
  work(options?: WorkerOptions): Promise<{ stop(): Promise<void> }>;
  /** Begins linked runs: what `link.start` does. */
  startLink<Output>(link: Link<Output>, options?: LinkDelayOptions): Promise<RunHandle<Output>>;
  /** A fresh UUIDv7. */
  newRunId(): string;
  /** The newest snapshot, or null. It asks nobody for permission: that is the caller's work. */
  get(runId: string): Promise<Run | null>;
  /** The same with the ids of what it left: a read that costs hardly more. */
  getWithArtifacts(runId: string): Promise<RunWithArtifacts | null>;
  /**
   * How long a run under way will still take from `at` on (ms since 1970), told from the last runs of its task: 9 of 10 of those like it ended
   * within the range, in ms. Null when there are too few, or it is not under way.
   */
  remaining(run: Run, at: number): Span | null;
  /** How many runs of its queue are before one that waits, and when it may begin; null for one that does not wait at `at`, ms since 1970. It may be some seconds old. */
  queuePlace(run: Run, at: number): Promise<QueuePlace | null>;
  /**
   * Wishes the end of a run: a waiting one is canceled at once, a running one becomes "canceling", an ended one stays.
   * Returns the snapshot after the wish, or null when there is no such run.
   */
  cancel(runId: string): Promise<Run | null>;
  /** Resolves when the run has ended, or with the newest snapshot after `timeout` ms; null when there is no such run, or when it is deleted meanwhile. With `rev`, already when the run has moved past it. */
  wait(runId: string, options: { timeout: number; rev?: number; signal?: AbortSignal }): Promise<Run | null>;
  /** Calls back with every newer snapshot until it is stopped, whichever process writes; once with `onGone`, and no more, when the run is deleted. Null when there is no such run. */
  watch(runId: string, onChange: (run: Run) => void, onGone?: () => void): Promise<Watching | null>;
  /**
   * Calls back with every newer snapshot of an owner's runs that are no parts of others, and with the ids of those that are deleted, until it is
   * stopped, whichever process writes: of all that have not ended, and of the newest 20. It asks nobody for permission.
   */
  watchOwner(owner: string | null, watcher: OwnerWatcher): Promise<OwnerWatching>;
  /** Runs that fit the filter, newest first. It asks nobody for permission. */
  list(filter: RunFilter, page: Page): Promise<Run[]>;
  /** The same with the ids of what each left. */
  listWithArtifacts(filter: RunFilter, page: Page): Promise<RunWithArtifacts[]>;
  /**
   * A new run of the same task with the same input (and its uploaded files), for the same owner unless another is given. With `only: "failed"`,
   * its loops (`each`) visit only the items that failed and are kept; what the task does outside of them is done as before. Of a chain, group or
   * chord, all of it again; with `only: "failed"`, a group of those of a group's runs that failed or were canceled. Null when there is no such
   * run.
   * @throws RunNotEndedError while the run is under way; NoFailedItemsError with `only`, when no item, or no run of a group, has failed; LinkedRunError for a part of linked runs that has no input of its own; ConfigurationError when this errand has no such task; InvalidInputError when the
   * task's schema does not take the old input any more.
   */
  rerun(runId: string, options?: RerunOptions): Promise<RunHandle | null>;
  /**
   * What failed in the loops (`each`) of a run, in the order in which it did: 100 at a time unless `limit` (at most 1000) says otherwise, behind
   * the one numbered `after`. Null when there is no such run. It asks nobody for permission.
   */
  failures(runId: string, page?: Partial<LedgerPage>): Promise<Failures | null>;
  /** Deletes a run with its artifacts and files; one that is under way is canceled first. It is gone for readers at once. Linked runs go as a whole. False when there is no such run. @throws LinkedRunError for a part of linked runs */
  remove(runId: string): Promise<boolean>;
  /** Deletes the runs that ended longer ago than `olderThan`, with all that they left, and files that a crash left without a run. Returns how many runs. */
  purge(options: { olderThan: Duration }): Promise<number>;
  /** What the installation is doing now, and what ended in the last `minutes` (60); 0 leaves that out, which costs the store less. */
  overview(options?: { minutes?: number }): Promise<Overview>;
  /**
   * Whether this process can do its work now: it is open, not about to close, and its store and broker answer `within` a time (2 s). Opens
   * what is not open yet. Never rejects.
   */
  readiness(options?: { within?: Duration }): Promise<Readiness>;
  /**
   * Hears of an event in this process; returns the way to stop. A listener that throws harms nothing and is logged.
   * @throws ConfigurationError when a durable listener's name will not do, or another one has it.
   */
  on<Name extends keyof ErrandEvents>(
    event: Name,
    listener: (payload: ErrandEvents[Name]) => void | Promise<void>,
    options?: { durable?: false } | DurableListening,
  ): () => void;
  /** POSTs each stop event to a URL, signed, as a durable listener. @throws ConfigurationError */
  webhook(options: WebhookOptions): () => void;
  /** Brings an ended run's stop event to a durable listener (or webhook) once more, or what `undelivered` lists to its channel. False when there is no such ended run, or no such listener. */
  redeliver(runId: string, listener: string): Promise<boolean>;
  /** Forgets a durable listener, and what it has not heard, until it is registered again: stop it in every process first. */
  forgetListener(name: string): Promise<void>;
  /** What was given up after its last try: stop events of durable listeners and webhooks, and notifications ("errand.notify.email"). Newest run first, 100 at most unless `limit` says otherwise. */
  undelivered(options?: { limit?: number }): Promise<GivenUp[]>;
  artifacts: {
    get(artifactId: string): Promise<Artifact | null>;
    /** Of these runs, oldest first. */
    list(runIds: readonly string[]): Promise<Artifact[]>;
    /** Those that fit the filter, newest first. It asks nobody for permission. */
    page(filter: ArtifactFilter, page: Page): Promise<Artifact[]>;
  };
  /** Whoever hears what happens in this process: `errand/metrics`, `errand/opentelemetry`, or one of the app's. */
  readonly observers: Observers;
  /** Runs found by the address that began them. */
  readonly polling: Polling;
  readonly storage: Storage;
  /** Whose pages are watching: the web part tells it. */
  readonly presence: Pick<Presence, "hold" | "isEnabled" | "seen">;
  /** The browsers that want to be told. */
  readonly push: PushSubscriptions;
  /** Fires when `close` has ended the work: whoever holds something open, such as an event stream, lets go. */
  readonly closing: AbortSignal;
  readonly log: Log;
  /** True when the broker is "none": runs are performed by the process that starts them. */
  readonly inline: boolean;
  /** The text of a message in a language, from Errand's texts and the app's. */
  render(message: Message, locale: string): string;
  /** Signing secrets, newest first. */
  secrets(): Promise<readonly string[]>;
  /**
   * Takes no more runs, lets those under way end within `grace` (10 s), hands the others back, and closes everything. Where other workers may go
   * on (with a broker), a loop (`each`) is handed over between two items at once. It resolves within the grace and 5 s, also when the database
   * or the broker does not answer: what could not be handed back is found by its lease. A later call with a shorter grace shortens it.
   */
  close(options?: { grace?: Duration }): Promise<void>;
}
