import type { Message } from "../../core/messages.ts";
import type { DelayOptions, Task } from "../task-api.ts";
import type { Verdict } from "./judge-key.ts";
import type { CachePolicy, KeyOptions } from "./polling-options.ts";

/** Which run is meant: by its id, or by the address that began it (for `owner`, or shared). */
export interface Lookup extends KeyOptions {
  readonly runId?: string;
  readonly pollingUrl?: string;
  /** Where several tasks were begun under one address: whose run. The one that began last without it. */
  readonly task?: string;
}

export interface CheckOrBegin<Argument> extends Omit<Lookup, "task">, CachePolicy {
  readonly input: Argument;
  /** False: begins in any case. */
  readonly checkRunning?: boolean;
  /** False: the address is forgotten as soon as the run has ended. */
  readonly cacheResults?: boolean;
  /** Language of `status`; "en" by default. */
  readonly locale?: string;
}

export interface Checked {
  /** A sentence for the user. */
  readonly status: string;
  readonly runId: string;
  /** Whether this call began the run. */
  readonly began: boolean;
}

export interface AskOptions<Argument> extends KeyOptions, CachePolicy, Pick<DelayOptions, "queue" | "priority"> {
  readonly pollingUrl: string;
  /** Asked for only when a run is begun. */
  readonly input: () => Argument | Promise<Argument>;
  /** Begins a new run although a good result is there, which is served until then. */
  readonly refresh?: boolean;
}

/** What stands under an address now, after a run was begun if one was wanted. */
export type Answer = Exclude<Verdict, { kind: "none" }> & { readonly began: boolean };

/**
 * Runs found by the address that began them: begun once, however many ask at the same time, and their results cached. The functions and
 * their meanings are madrona.async's, but a waiting run counts as running, a finished result is found, and `cacheResults: false` keeps no address.
 */
export interface Polling {
  /** The run under an address, begun unless one is under way or its result is good. Without `pollingUrl` and `runId` it always begins. */
  checkStatusOrBegin<Argument, Output>(task: Task<Argument, Output>, options: CheckOrBegin<Argument>): Promise<Checked>;
  /** Waiting, running, retrying or canceling. */
  processIsRunning(lookup: Lookup): Promise<boolean>;
  /** Waiting for a worker. */
  processIsPending(lookup: Lookup): Promise<boolean>;
  /** Succeeded. */
  processIsComplete(lookup: Lookup): Promise<boolean>;
  processIsRunningOrComplete(lookup: Lookup): Promise<boolean>;
  /** "In Progress" and the like; null when there is no such run. */
  getProcessStatus(lookup: Lookup): Promise<string | null>;
  /** The result of a run that succeeded, else undefined. @throws RunFailedError when it failed */
  getProcessResult(lookup: Lookup): Promise<unknown>;
  getTaskIdFromUrl(pollingUrl: string, lookup?: Omit<Lookup, "runId" | "pollingUrl">): Promise<string | null>;
  /** @throws NotFound when no address leads to this run */
  getUrlFromTaskId(runId: string): Promise<string>;
  /** Forgets what stands under an address; a run under way goes on. False when there was nothing. */
  forget<Argument, Output>(task: Task<Argument, Output>, pollingUrl: string, options?: KeyOptions): Promise<boolean>;
  /** What stands under an address, a run begun if one is wanted: what a page, a view or a cache of your own needs to know. */
  ask<Argument, Output>(task: Task<Argument, Output>, options: AskOptions<Argument>): Promise<Answer>;
}

/** What `checkStatusOrBegin` says. */
export const pollingTexts = {
  begun: { key: "polling.begun" },
  running: { key: "polling.running" },
  complete: { key: "polling.complete" },
  failed: { key: "polling.failed" },
} as const satisfies Record<string, Message>;
