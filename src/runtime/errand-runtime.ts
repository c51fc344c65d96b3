import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import { type Duration, milliseconds } from "../core/duration.ts";
import { ConfigurationError, RunFailedError } from "../core/errors.ts";
import type { Span } from "../core/estimate.ts";
import type { LedgerPage } from "../core/ledger.ts";
import { type Message, renderMessage } from "../core/messages.ts";
import type { QueuePlace } from "../core/queue-place.ts";
import type { Run, RunWithArtifacts } from "../core/run.ts";
import type { Page, RunFilter } from "../core/run-filter.ts";
import type { GivenUp } from "../core/stops.ts";
import type { Storage } from "../core/storage.ts";
import { defineTask, type Log, type TaskDefinition, type TaskOptions } from "../core/task.ts";
import { cancelRun } from "./cancel.ts";
import { closedError } from "./closed-error.ts";
import { failuresOf } from "./each/failures-of.ts";
import type { DurableListening, Errand, Failures, Overview, RerunOptions, Watching, WorkerOptions } from "./errand.ts";
import { Grace } from "./grace.ts";
import { lateStorage } from "./late-storage.ts";
import { stepOf } from "./links/step.ts";
import { newId } from "./new-id.ts";
import { Notifying } from "./notify/notifying.ts";
import { Presence } from "./notify/presence.ts";
import type { PushSubscriptions } from "./notify/push-subscriptions.ts";
import { Observers } from "./observers.ts";
import { type OpenErrand, openErrand, type Settings } from "./open-errand.ts";
import type { OwnerWatcher } from "./owners/owner-feed.ts";
import type { OwnerWatching } from "./owners/owner-watch.ts";
import { RunPolling } from "./polling/polling.ts";
import type { Polling } from "./polling/polling-api.ts";
import { type Readiness, ReadinessProbe } from "./readiness.ts";
import { deletedError, type Follow } from "./run-handle.ts";
import { Starter } from "./starter.ts";
import { StopEvents } from "./stops/stop-events.ts";
import type { StopListener } from "./stops/stop-listener.ts";
import { type WebhookOptions, webhookListener } from "./stops/webhook.ts";
import type { DelayOptions, Link, LinkDelayOptions, RunHandle, StepOptions, Task } from "./task-api.ts";
import { purgeRuns, removeRun } from "./upkeep/removal.ts";
import { waitForRun, watchRun } from "./wait.ts";
import type { Work } from "./worker.ts";

/** What `close` gives to what is under way. */
const GRACE = "10s";
const OVERVIEW_MINUTES = 60;
const LISTENER_TIMEOUT = "1m";
const GIVEN_UP = 100;

/** Whoever starts a run that somebody deletes has started it all the same: `result()` says what became of it. */
function unlessDeleted(error: unknown): void {
  if (!(error instanceof RunFailedError)) throw error;
}

/** The errand that `createErrand` returns: what its user asks for, said to the parts; they are opened at the first use. */
export class ErrandRuntime implements Errand {
  readonly #settings: Settings;
  readonly #ownLog: Log;
  readonly #tasks = new Map<string, TaskDefinition>();
  readonly #stops: StopEvents;
  readonly #notifying: Notifying;
  readonly #closing = new AbortController();
  readonly #work = new Set<Work>();
  /** Whoever waits here for a run's end, to be told when it cannot come any more. */
  readonly #followers = new Set<(error: Error) => void>();
  readonly storage: Storage;
  readonly polling: Polling;
  readonly observers: Observers;
  readonly presence: Presence;
  readonly #starter: Starter;
  readonly #probe: ReadinessProbe;
  #opening: Promise<OpenErrand> | undefined;
  /** The same once it is there: what is asked often need not wait for a promise. */
  #opened: OpenErrand | undefined;
  #closed: Promise<void> | undefined;
  #grace: Grace | undefined;

  constructor(settings: Settings) {
    this.observers = new Observers(settings.log, async (runId) => (await this.#open()).store.trace(runId));
    this.#ownLog = settings.log;
    this.#settings = { ...settings, log: this.observers.traced(settings.log) };
    this.#probe = new ReadinessProbe({ open: () => this.#open(), isClosing: () => this.#closed !== undefined, log: this.#settings.log });
    setMaxListeners(0, this.#closing.signal); // Every wait adds one.
    this.#stops = new StopEvents(this.#settings.log);
    this.presence = new Presence(this.#settings.log);
    this.#notifying = new Notifying({
      settings: settings.notify,
      tasks: this.#tasks,
      catalogue: settings.catalogue,
      log: this.#settings.log,
      store: async () => (await this.#open()).store,
      stops: this.#stops,
      presence: this.presence,
    });
    this.storage = lateStorage(async () => (await this.#open()).storage);
    this.#starter = new Starter({
      errand: this,
      tasks: this.#tasks,
      open: () => this.#ready(),
      follow: this.#follow,
      observers: this.observers,
      requireBroker: settings.requireBroker,
    });
    this.polling = new RunPolling({ errand: this, starter: this.#starter, store: () => this.#opened?.store ?? this.#open().then(({ store }) => store) });
  }

  /** The app's own, as it was given, unless its lines are to bear the ids of traces. */
  get log(): Log {
    return this.observers.isTracing ? this.#settings.log : this.#ownLog;
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  get inline(): boolean {
    return this.#settings.inline;
  }

  task<Schema extends Parameters<Errand["task"]>[0]["input"], Output>(options: TaskOptions<Schema, Output>): Task<never, Output> {
    const definition = defineTask(options);
    if (this.#tasks.has(definition.name))
      throw new ConfigurationError(`Two tasks are named "${definition.name}". Rows and deliveries find a task by its name: give one of them another.`);
    this.#notifying.heed(definition);
    this.#tasks.set(definition.name, definition);
    const start = (input: unknown, options: DelayOptions = {}) => this.#starter.start<Output>(definition, input, options);
    const handle: Task<never, Output> = {
      name: definition.name,
      errand: this,
      with: (input: unknown, options?: StepOptions) => stepOf(handle, input, options) as never,
      start,
      delay: async (input: unknown, options?: DelayOptions) => {
        const started = await start(input, options);
        const { run } = started;
        if (this.inline && run.runAt <= run.created && options?.transaction === undefined) await started.ended().catch(unlessDeleted);
        return started;
      },
    } as Task<never, Output>;
    return handle;
  }

  async start(): Promise<void> {
    await this.#open();
  }

  async work(options: WorkerOptions = {}): Promise<{ stop(): Promise<void> }> {
    if (this.inline)
      throw new ConfigurationError(
        'With the broker "none" every process performs the runs that it starts; there is nothing to take for a worker. Use the broker "database".',
      );
    const opened = await this.#open();
    if (this.#closed) throw closedError(); // Since it began to open.
    const work = await opened.work(options);
    this.#work.add(work);
    return {
      stop: async () => {
        await work.stop(AbortSignal.abort());
        this.#work.delete(work);
      },
    };
  }

  startLink<Output>(link: Link<Output>, options: LinkDelayOptions = {}): Promise<RunHandle<Output>> {
    return this.#starter.startLink(link, options);
  }

  newRunId(): string {
    return newId();
  }

  async get(runId: string): Promise<Run | null> {
    const { store } = this.#opened ?? (await this.#open());
    return this.#withHistory((await store.get([runId]))[0] ?? null);
  }

  async getWithArtifacts(runId: string): Promise<RunWithArtifacts | null> {
    const { store } = this.#opened ?? (await this.#open());
    const found = await store.getWithArtifacts(runId);
    await this.#withHistory(found?.run ?? null);
    return found;
  }

  remaining(run: Run, at: number): Span | null {
    return this.#opened?.estimates.remaining(run, at) ?? null;
  }

  async queuePlace(run: Run, at: number): Promise<QueuePlace | null> {
    return (await this.#open()).estimates.queuePlace(run, at);
  }

  async cancel(runId: string): Promise<Run | null> {
    const opened = await this.#open();
    const [run] = await opened.store.get([runId]);
    if (!run) return null;
    if (run.kind === null) return cancelRun({ ...opened, log: this.log }, runId);
    await opened.links.cancel(runId);
    return (await opened.store.get([runId]))[0] ?? null;
  }

  async wait(runId: string, options: { timeout: number; rev?: number; signal?: AbortSignal }): Promise<Run | null> {
    return waitForRun({ ...(await this.#open()), closing: this.#closing.signal }, runId, options);
  }

  async watch(runId: string, onChange: (run: Run) => void, onGone?: () => void): Promise<Watching | null> {
    return watchRun({ ...(await this.#open()), closing: this.#closing.signal }, runId, onChange, onGone);
  }

  async watchOwner(owner: string | null, watcher: OwnerWatcher): Promise<OwnerWatching> {
    return (await this.#open()).owners.watch(owner, watcher);
  }

  async list(filter: RunFilter, page: Page): Promise<Run[]> {
    return (await this.#open()).store.list(filter, page);
  }

  async listWithArtifacts(filter: RunFilter, page: Page): Promise<RunWithArtifacts[]> {
    return (await this.#open()).store.listWithArtifacts(filter, page);
  }

  async rerun(runId: string, options: RerunOptions = {}): Promise<RunHandle | null> {
    return this.#starter.rerun(runId, options);
  }

  async failures(runId: string, page: Partial<LedgerPage> = {}): Promise<Failures | null> {
    return failuresOf((await this.#open()).store, runId, page);
  }

  async remove(runId: string): Promise<boolean> {
    return removeRun({ ...(await this.#open()), log: this.log }, runId, (id) => this.cancel(id));
  }

  async purge({ olderThan }: { olderThan: Duration }): Promise<number> {
    return purgeRuns({ ...(await this.#open()), log: this.log }, milliseconds("olderThan", olderThan), this.#closing.signal);
  }

  async overview({ minutes = OVERVIEW_MINUTES }: { minutes?: number } = {}): Promise<Overview> {
    const { store } = await this.#open();
    const [queues, workers, endedPerMinute] = await Promise.all([store.queues(), store.workers(), minutes > 0 ? store.endedPerMinute(minutes) : []]);
    return { queues, workers, endedPerMinute };
  }

  readiness({ within = "2s" }: { within?: Duration } = {}): Promise<Readiness> {
    return this.#probe.ask(milliseconds("within", within));
  }

  on(event: "userTaskStopped", listener: StopListener, options: { durable?: false } | DurableListening = {}): () => void {
    if (event !== "userTaskStopped") throw new ConfigurationError(`There is no event "${String(event)}"; there is "userTaskStopped".`);
    if (!options.durable) return this.#stops.on(listener);
    const timeout = milliseconds("timeout of a durable listener", options.timeout ?? LISTENER_TIMEOUT);
    return this.#stops.onDurable({ name: options.name, hear: listener, timeout });
  }

  webhook(options: WebhookOptions): () => void {
    return this.#stops.onDurable(webhookListener(options));
  }

  async redeliver(runId: string, listener: string): Promise<boolean> {
    const { store } = await this.#open();
    await this.#stops.registering;
    const known = await store.stops.redeliver(runId, listener);
    this.#stops.external();
    return known;
  }

  async forgetListener(name: string): Promise<void> {
    await (await this.#open()).store.stops.unregister(name);
  }

  async undelivered({ limit = GIVEN_UP }: { limit?: number } = {}): Promise<GivenUp[]> {
    return (await this.#open()).store.stops.givenUp(limit);
  }

  get push(): PushSubscriptions {
    return this.#notifying.push;
  }

  readonly artifacts: Errand["artifacts"] = {
    get: async (artifactId) => (await this.#open()).store.getArtifact(artifactId),
    list: async (runIds) => (await this.#open()).store.listArtifacts(runIds),
    page: async (filter, page) => (await this.#open()).store.pageArtifacts(filter, page),
  };

  render(message: Message, locale: string): string {
    return renderMessage(message, locale, this.#settings.catalogue);
  }

  async secrets(): Promise<readonly string[]> {
    if (this.#settings.secrets.length > 0) return this.#settings.secrets;
    return [await (await this.#open()).store.setting("secret", randomBytes(32).toString("base64url"))];
  }

  close({ grace }: { grace?: Duration } = {}): Promise<void> {
    const ms = milliseconds("grace", grace ?? GRACE);
    if (grace !== undefined) this.#grace?.shorten(ms);
    this.#closed ??= this.#close((this.#grace = new Grace(ms)));
    return this.#closed;
  }

  async #close(grace: Grace): Promise<void> {
    if (await grace.bound(this.#closeParts(grace))) return;
    this.#letGo();
    this.log.error(
      {},
      "The errand could not let go of everything in time: what does not answer is left as it is. Runs that it held are found by their leases.",
    );
  }

  async #closeParts(grace: Grace): Promise<void> {
    const opened = await this.#opening?.catch(() => undefined);
    if (!opened) return this.#notifying.close();
    await Promise.all([...this.#work].map((work) => work.stop(grace.over)));
    this.#letGo();
    for (const lost of this.#followers) lost(closedError());
    this.#followers.clear();
    await opened.close(grace);
    await this.#notifying.close();
  }

  #letGo(): void {
    this.presence.leaving();
    this.#closing.abort();
  }

  readonly #follow: Follow = (runId, onChange, onLost) => {
    if (this.#closing.signal.aborted) onLost(closedError());
    const unsubscribe = this.#opened?.bus.subscribe(runId, onChange, () => onLost(deletedError(runId)));
    this.#followers.add(onLost);
    return () => {
      unsubscribe?.();
      this.#followers.delete(onLost);
    };
  };

  /** The run, once it is known how long others of its task took: `remaining` does not wait for that. */
  #withHistory(run: Run | null): Run | null | Promise<Run | null> {
    const history = run && this.#opened?.estimates.historyOf(run);
    return history instanceof Promise ? history.then(() => run) : run;
  }

  /** Open, and no listener is about to miss the end of a run that begins now. */
  #ready(): OpenErrand | Promise<OpenErrand> {
    return this.#stops.registering?.then(() => this.#open()) ?? this.#opened ?? this.#open();
  }

  #open(): Promise<OpenErrand> {
    if (this.#closed) return Promise.reject(closedError());
    this.#opening ??= this.#begin().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #begin(): Promise<OpenErrand> {
    const opened = await openErrand(this.#settings, this.#tasks, { stops: this.#stops, observers: this.observers, presence: this.presence });
    this.#opened = opened;
    try {
      if (this.#settings.worker) this.#work.add(await opened.work(this.#settings.worker));
    } catch (error) {
      this.#opened = undefined;
      const grace = new Grace(0);
      await grace.bound(opened.close(grace));
      throw error;
    }
    return opened;
  }
}
