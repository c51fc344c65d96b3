import type { Artifact, NewArtifact } from "./artifact.ts";
import type { Delivery } from "./broker.ts";
import type { Clock } from "./clock.ts";
import type { EstimateStore } from "./estimate.ts";
import type { KeyClaim, KeyStore } from "./keys.ts";
import type { LedgerStore, LedgerWrite, Loops } from "./ledger.ts";
import type { LinkStore } from "./links.ts";
import type { Message } from "./messages.ts";
import type { PresenceStore } from "./presence.ts";
import type { ClaimedRun, NewRun, Run, RunError, RunWithArtifacts } from "./run.ts";
import type { ArtifactFilter, Page, RunFilter } from "./run-filter.ts";
import type { State } from "./states.ts";
import type { StopStore } from "./stops.ts";
import type { SubscriptionStore } from "./subscriptions.ts";
import type { JoinedTransaction } from "./transaction.ts";
import type { MinuteCount, QueueDepth, WorkerRow } from "./workers.ts";

/** A time that the store computes by its own clock when it writes: now plus so many ms. */
export interface FromNow {
  readonly fromNow: number;
}

/** The write happens only when all of this holds of the row. */
export interface Guard {
  readonly states: readonly State[];
  readonly attempt?: number;
  /** Only when this worker holds the lease. */
  readonly worker?: string;
  /** Only when the lease has run out by the store's clock. */
  readonly leaseExpired?: true;
  /** Only when a cancel was wished for at least so many ms ago. */
  readonly cancelOlderThan?: number;
  /** Only when it waits for its turn among linked runs. */
  readonly blocked?: true;
  /** Only when every sibling before it is in one of these states. */
  readonly follows?: readonly State[];
  /** Only when `runAt` has come. */
  readonly due?: true;
}

export interface RunValues {
  readonly state: State;
  readonly name: string;
  readonly stateText: Message | null;
  readonly completedSteps: number;
  readonly totalSteps: number;
  /** Which named step is under way, from 0, and how many steps were completed when it began. */
  readonly step: number;
  readonly stepFrom: number;
  /** When the named step, or the attempt, began. */
  readonly stepStarted: FromNow;
  /** Null: its turn has come. */
  readonly blocked: null;
  /** The input as JSON text, once it could be made. */
  readonly input: string;
  /** The total, also for attempts to come. */
  readonly plannedSteps: number;
  /** "restart": none completed, the first one under way, and the total as it was when the run was delayed. */
  readonly steps: "restart";
  /** The result as JSON text. */
  readonly result: string;
  readonly error: RunError | null;
  readonly runAt: FromNow;
  readonly started: FromNow;
  readonly ended: FromNow;
  readonly cancelRequested: FromNow;
  /** The worker that holds the lease; null gives it up. */
  readonly worker: string | null;
  /** Null gives the lease up. A lease never reaches past the attempt's timeout. */
  readonly lease: FromNow | null;
  /** When the attempt's time is up: the row's own `timeout` from now. */
  readonly timeoutAt: "from_timeout" | null;
  /** Where the loops of the run stand, for its next attempt. */
  readonly loops: Loops;
}

export interface Patch {
  readonly set?: Partial<RunValues>;
  readonly add?: Partial<Record<"attempt" | "maxAttempts" | "rev", number>>;
}

/** The store's heart: one guarded write. Never read-then-write. */
export interface Change {
  readonly id: string;
  readonly guard: Guard;
  readonly patch: Patch;
  /** The new run comes with its input. */
  readonly claim?: true;
  /** An artifact that stands or falls with this write, and this write with it; where no attempt leaves it itself. */
  readonly leave?: NewArtifact;
  /** What loops have left; it stands or falls with this write. */
  readonly ledger?: LedgerWrite;
}

/**
 * An insert with a `claim` happens only if it gets the key, and the key is taken only if the insert happens. One with `retry` takes over the
 * failed items of the run of this id, to visit only those, and happens only if there are any.
 */
export type Write = { readonly insert: NewRun; readonly claim?: KeyClaim; readonly retry?: string } | { readonly change: Change };

/** The new run; null when the guard lost (or no such run); an error when this one write could not be done. */
export type WriteResult = Run | ClaimedRun | null | Error;

export interface HeldRun {
  readonly id: string;
  readonly attempt: number;
  readonly state: State;
}

/** What the sweep must look at. */
export interface Stray {
  readonly kind: "lease_expired" | "cancel_ignored" | "undelivered";
  readonly run: Run;
  /** The attempt had used up its timeout when its lease ran out. */
  readonly timedOut: boolean;
  /** Longest time of an attempt of this run, ms. */
  readonly timeout: number;
}

/** What an attempt has left, and its run as it is now. */
export interface Left {
  readonly run: Run;
  readonly artifact: Artifact;
}

/** A run that another handle wrote, with the state that it has now. */
export interface WrittenRun {
  readonly id: string;
  readonly state: State;
}

/** Where a look at what waits stopped: the next one goes on behind it. */
export type WaitingPlace = Pick<Run, "id" | "priority" | "runAt">;

/** How another thread opens the same store: `module` exports `open(options)`. */
export interface StoreAddress {
  readonly module: string;
  readonly options: unknown;
}

/**
 * Remembers runs. All times are by the store's own clock, so that a wrong clock on a machine does no harm.
 * Every change bumps `rev` and `modified`; renewing a lease does not, for it changes nothing that can be seen.
 *
 * @throws StoreError from every method, when the database cannot do its work.
 */
export interface Store {
  readonly name: string;
  /** Absent when no other thread can reach the same data (an in-memory database). */
  readonly address?: StoreAddress;
  /** What passes this store's time, where it is not the machine's: whoever waits for one of its times waits by it. For tests. */
  readonly clock?: Clock;
  /** Brings the schema up to date. Safe to call from several processes at once; repeated calls do nothing. */
  migrate(): Promise<void>;
  /**
   * Does each write on its own (one losing does not touch the others), as one group where the database can. Results in order. What a call
   * writes of one run is done in order; the runs that it inserts without a key are seen by others at the same time.
   */
  write(writes: readonly Write[]): Promise<WriteResult[]>;
  /**
   * Looks at the app's own transaction and says how to insert runs in it. Absent where nothing of the app's can reach the same data.
   * @throws ConfigurationError when it is of no known kind, is in no transaction, or is not on the store's own database.
   */
  join?(transaction: unknown): Promise<JoinedTransaction>;
  /** The runs that exist and are not hidden, in no particular order. */
  get(ids: readonly string[]): Promise<Run[]>;
  /** The run and the ids of what it left, or null when there is no such run or it is hidden; at once where the store can. Every poll asks this, so it is to be one question to the database. */
  getWithArtifacts(id: string): RunWithArtifacts | null | Promise<RunWithArtifacts | null>;
  /** Those that fit the filter, newest first, without the hidden ones. */
  list(filter: RunFilter, page: Page): Promise<Run[]>;
  /** The same with the ids of what each left, in one question too. */
  listWithArtifacts(filter: RunFilter, page: Page): Promise<RunWithArtifacts[]>;
  /** The input of a run as JSON text, or null when there is no such run or it is hidden. */
  input(id: string): Promise<string | null>;
  /** The trace that a run is a part of, or null when it is of none, there is no such run, or it is hidden. */
  trace(id: string): Promise<string | null>;
  /** Runs that ended `since` ms ago or later, oldest end first, whoever ended them; hidden ones too. */
  endedSince(since: number, limit: number): Promise<Run[]>;
  /** Runs that wait for a worker and whose time has come, most urgent first; `except` are left out. Also says in how many ms to look again: 0 when there may be more at once, null when none waits for its time. */
  due(options: { queues: readonly string[]; limit: number; except: readonly string[] }): Promise<{ deliveries: Delivery[]; nextIn: number | null }>;
  /** Makes every lease of this worker last `lease` ms from now, never past an attempt's timeout. Returns what it holds, but for attempts whose time is up. */
  renew(worker: string, lease: number): Promise<HeldRun[]>;
  /** What this worker holds now. */
  held(worker: string): Promise<HeldRun[]>;
  /** Runs that need the sweep: leases run out, cancels ignored for `cancelGrace` ms, waiting runs that nobody took for `undeliveredAfter` ms past their time. At most `limit` of those that are held, and as many that wait, most urgent first, behind `after`. */
  strays(options: { cancelGrace: number; undeliveredAfter: number; limit: number; after?: WaitingPlace }): Promise<Stray[]>;
  /**
   * Calls back, soon, after other handles or processes may have changed the database: with the runs that they wrote, where the store knows
   * them all, else with nothing, which means anything. Returns the way to stop.
   */
  watch(onChange: (written?: readonly WrittenRun[]) => void): () => void;

  /** A change of its run like any other, which bumps `rev`, and the row with it; null unless this attempt holds the run. */
  insertArtifact(artifact: NewArtifact, guard: { attempt: number; worker: string }): Promise<Left | null>;
  /** Sets an artifact's size, bytes, under the same guard as its insert. What a run's document shows does not change by it. */
  resizeArtifact(id: string, size: number, guard: { attempt: number; worker: string }): Promise<Artifact | null>;
  /** Null when there is none, or its run is hidden. */
  getArtifact(id: string): Promise<Artifact | null>;
  /** Of these runs, oldest first. */
  listArtifacts(runIds: readonly string[]): Promise<Artifact[]>;
  /** Those that fit the filter, newest first, without those of hidden runs. */
  pageArtifacts(filter: ArtifactFilter, page: Page): Promise<Artifact[]>;

  /** Hides runs, with all that is linked below them, from every list and reader; those that have ended are erased by and by. Returns the ids that were not hidden before. */
  hide(ids: readonly string[]): Promise<string[]>;
  /** Hides at most `limit` runs that ended more than `age` ms ago, with all that is linked below them; no part of linked runs by itself. Returns their ids. */
  hideEnded(options: { age: number; limit: number }): Promise<string[]>;
  /** Ids of hidden runs that have ended (linked ones with their container) and that `erase` would do something for: their files are to be deleted first. */
  hidden(limit: number): Promise<string[]>;
  /**
   * Deletes hidden runs that have ended, with all their rows. Of one that a durable listener has still to hear of, the row alone stays,
   * until it was heard or given up, or three days after the run's end.
   */
  erase(ids: readonly string[]): Promise<void>;
  /** Those of the ids that have a row, hidden or not. */
  known(ids: readonly string[]): Promise<string[]>;

  readonly keys: KeyStore;
  readonly links: LinkStore;
  readonly ledger: LedgerStore;
  readonly stops: StopStore;
  readonly estimates: EstimateStore;
  readonly presence: PresenceStore;
  readonly subscriptions: SubscriptionStore;

  /** Notes that a worker is there, and forgets others that have been silent for `forgetAfter` ms. */
  atWork(worker: Pick<WorkerRow, "id" | "host" | "pid" | "queues" | "concurrency">, forgetAfter: number): Promise<void>;
  atWorkNoMore(worker: string): Promise<void>;
  workers(): Promise<WorkerRow[]>;
  queues(): Promise<QueueDepth[]>;
  /** How many runs ended in each of the last so many minutes; minutes in which none did are left out. */
  endedPerMinute(minutes: number): Promise<MinuteCount[]>;

  /** Keeps `value` under `key` unless there is one already; returns the one that is kept. */
  setting(key: string, value: string): Promise<string>;
  /** Idempotent, also before first use. */
  close(): Promise<void>;
}
