export type { Artifact } from "./core/artifact.ts";
export { InvalidArtifactError } from "./core/artifact-url.ts";
export type { Broker, BrokerFeature, ConsumeOptions, Consumer, Delivery, DeliveryHandler } from "./core/broker.ts";
export { canonicalUrl } from "./core/canonical-url.ts";
export type { Clock } from "./core/clock.ts";
export type { Duration } from "./core/duration.ts";
export type { Each, EachCursorOptions, EachOpen, EachOptions, EachResult, EachVisit, Failure } from "./core/each.ts";
export * from "./core/errors.ts";
export type { Json } from "./core/json.ts";
export type { Key, KeyClaim, KeyHolding, KeyStore } from "./core/keys.ts";
export type { ItemAddress, LedgerPage, LedgerStore, LedgerWrite, LoopMark, Loops, NewFailure, RetryItem } from "./core/ledger.ts";
export type { LinkKind, NewLink, OnFailure } from "./core/link.ts";
export type { BlockedChild, Family, LinkStore, Sums } from "./core/links.ts";
export type { Catalogue, Message } from "./core/messages.ts";
export type { Contact, Notice, Notifier, NotifyChoice, NotifyDelivery, NotifyOption, NotifyRuleOptions, NotifyTools, NotifyWhen } from "./core/notify.ts";
export type { AttemptEnd, Observer, Showing, TracedRun, Tracing } from "./core/observer.ts";
export type { PresenceStore, Watched } from "./core/presence.ts";
export { percentage } from "./core/progress.ts";
export type { Retries } from "./core/retry.ts";
export type { ClaimedRun, NewRun, Run, RunError, RunWithArtifacts } from "./core/run.ts";
export type { ArtifactFilter, Page, RunFilter } from "./core/run-filter.ts";
export { type Edge, type EndedState, edges, endedStates, isEnded, type State, stateLabel, states } from "./core/states.ts";
export type { GivenUp, StopDelivery, StopEvent, StopStore } from "./core/stops.ts";
export type { Chunks, Storage } from "./core/storage.ts";
export type { Change, Guard, HeldRun, Patch, Store, Stray, WaitingPlace, Write, WriteResult, WrittenRun } from "./core/store.ts";
export type { Subscription, SubscriptionStore } from "./core/subscriptions.ts";
export type { Artifacts, FileContent, Log, Status, TaskContext, TaskOptions, Upload } from "./core/task.ts";
export type {
  BetterSqliteTransaction,
  DrizzleTransaction,
  JoinedTransaction,
  KnexTransaction,
  KyselyTransaction,
  NodeSqliteTransaction,
  PgTransaction,
  PostgresJsTransaction,
  PrismaTransaction,
  Transaction,
  TransactionExecutor,
} from "./core/transaction.ts";
export type { MinuteCount, QueueDepth, WorkerRow } from "./core/workers.ts";
export { createErrand } from "./runtime/create-errand.ts";
export type { DurableListening, Errand, ErrandEvents, ErrandOptions, Failures, Overview, RerunOptions, Watching, WorkerOptions } from "./runtime/errand.ts";
export { chain, chord, group } from "./runtime/links/linking.ts";
export type { NotifyOptions } from "./runtime/notify/notify-options.ts";
export type { BrowserSubscription, PushSubscriptions } from "./runtime/notify/push-subscriptions.ts";
export type { Observers } from "./runtime/observers.ts";
export type { Answer, AskOptions, Checked, CheckOrBegin, Lookup, Polling } from "./runtime/polling/polling-api.ts";
export type { CachePolicy, KeyOptions } from "./runtime/polling/polling-options.ts";
export type { Answering, Readiness } from "./runtime/readiness.ts";
export type { WebhookOptions } from "./runtime/stops/webhook.ts";
export type { DelayOptions, Link, LinkOptions, Part, RunHandle, Step, StepOptions, Task } from "./runtime/task-api.ts";
