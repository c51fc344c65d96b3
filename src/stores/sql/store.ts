import type { NewArtifact } from "../../core/artifact.ts";
import type { EstimateStore } from "../../core/estimate.ts";
import type { KeyStore } from "../../core/keys.ts";
import type { LedgerStore } from "../../core/ledger.ts";
import type { LinkStore } from "../../core/links.ts";
import type { PresenceStore } from "../../core/presence.ts";
import type { ArtifactFilter, Page, RunFilter } from "../../core/run-filter.ts";
import type { StopStore } from "../../core/stops.ts";
import type { Store, StoreAddress, Write } from "../../core/store.ts";
import type { SubscriptionStore } from "../../core/subscriptions.ts";
import { type ArtifactGuard, getArtifact, listArtifacts, pageArtifacts, resizeArtifact } from "./artifacts.ts";
import { SqlContext } from "./context.ts";
import type { SqlDriver } from "./driver.ts";
import { dueRuns } from "./due.ts";
import { SqlEstimates } from "./estimates.ts";
import { SqlKeys } from "./keys.ts";
import { heldRuns, renewLeases, strayRuns } from "./leases.ts";
import { insertArtifact } from "./leaving.ts";
import { SqlLedger } from "./ledger.ts";
import { SqlLinks } from "./links.ts";
import { endedSince, getInput, getTrace, listRuns, listWithArtifacts } from "./list.ts";
import { SqlPresence } from "./presence.ts";
import { eraseRuns, hiddenRuns, hideEnded, hideRuns, knownRuns } from "./removal.ts";
import { getRuns, getWithArtifacts, writeRuns } from "./runs.ts";
import { keepSetting } from "./settings.ts";
import { SqlStops } from "./stops.ts";
import { SqlSubscriptions } from "./subscriptions.ts";
import { endedPerMinute, forgetWorker, listWorkers, noteWorker, queueDepths } from "./workers.ts";

/** The store over any SQL database: every question is asked here in Kysely's language, and only what differs is the driver's. */
export class SqlStore implements Store {
  readonly #driver: SqlDriver;
  readonly #context: SqlContext;
  readonly keys: KeyStore;
  readonly links: LinkStore;
  readonly ledger: LedgerStore;
  readonly stops: StopStore;
  readonly estimates: EstimateStore;
  readonly presence: PresenceStore;
  readonly subscriptions: SubscriptionStore;

  constructor(driver: SqlDriver) {
    this.#driver = driver;
    this.#context = new SqlContext(driver);
    this.keys = new SqlKeys(this.#context);
    this.links = new SqlLinks(this.#context);
    this.ledger = new SqlLedger(this.#context);
    this.stops = new SqlStops(this.#context);
    this.estimates = new SqlEstimates(this.#context);
    this.presence = new SqlPresence(this.#context);
    this.subscriptions = new SqlSubscriptions(this.#context);
  }

  get name(): string {
    return this.#driver.name;
  }

  get address(): StoreAddress | undefined {
    return this.#driver.address;
  }

  migrate = () => this.#driver.migrate();
  write = (writes: readonly Write[]) => writeRuns(this.#context, writes);
  join = (transaction: unknown) => this.#driver.join(transaction);
  get = (ids: readonly string[]) => getRuns(this.#context, ids);
  getWithArtifacts = (id: string) => getWithArtifacts(this.#context, id);
  due = (options: Parameters<Store["due"]>[0]) => dueRuns(this.#context, options);
  renew = (worker: string, lease: number) => renewLeases(this.#context, worker, lease);
  held = (worker: string) => heldRuns(this.#context, worker);
  strays = (options: Parameters<Store["strays"]>[0]) => strayRuns(this.#context, options);
  insertArtifact = (artifact: NewArtifact, guard: ArtifactGuard) => insertArtifact(this.#context, artifact, guard);
  resizeArtifact = (id: string, size: number, guard: ArtifactGuard) => resizeArtifact(this.#context, id, size, guard);
  list = (filter: RunFilter, page: Page) => listRuns(this.#context, filter, page);
  listWithArtifacts = (filter: RunFilter, page: Page) => listWithArtifacts(this.#context, filter, page);
  input = (id: string) => getInput(this.#context, id);
  trace = (id: string) => getTrace(this.#context, id);
  endedSince = (since: number, limit: number) => endedSince(this.#context, since, limit);
  hide = (ids: readonly string[]) => hideRuns(this.#context, ids);
  hideEnded = (options: { age: number; limit: number }) => hideEnded(this.#context, options);
  hidden = (limit: number) => hiddenRuns(this.#context, limit);
  erase = (ids: readonly string[]) => eraseRuns(this.#context, ids);
  known = (ids: readonly string[]) => knownRuns(this.#context, ids);
  atWork = (worker: Parameters<Store["atWork"]>[0], forgetAfter: number) => noteWorker(this.#context, worker, forgetAfter);
  atWorkNoMore = (worker: string) => forgetWorker(this.#context, worker);
  workers = () => listWorkers(this.#context);
  queues = () => queueDepths(this.#context);
  endedPerMinute = (minutes: number) => endedPerMinute(this.#context, minutes);
  getArtifact = (id: string) => getArtifact(this.#context, id);
  listArtifacts = (runIds: readonly string[]) => listArtifacts(this.#context, runIds);
  pageArtifacts = (filter: ArtifactFilter, page: Page) => pageArtifacts(this.#context, filter, page);
  setting = (key: string, value: string) => keepSetting(this.#context, key, value);
  watch = (onChange: () => void) => this.#driver.watch(onChange);
  close = () => this.#driver.close();
}
