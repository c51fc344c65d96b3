import { canonicalUrl } from "../../core/canonical-url.ts";
import { NotFound, RunFailedError } from "../../core/errors.ts";
import type { Key, KeyHolding } from "../../core/keys.ts";
import { Recent } from "../../core/recent.ts";
import type { Run } from "../../core/run.ts";
import { isEnded, stateLabel, waitingStates } from "../../core/states.ts";
import type { Store } from "../../core/store.ts";
import type { Errand } from "../errand.ts";
import type { Starter } from "../starter.ts";
import type { DelayOptions, Task } from "../task-api.ts";
import { judge, type Verdict } from "./judge-key.ts";
import { claimOf, scopeOf } from "./key-claim.ts";
import { type Answer, type AskOptions, type Checked, type CheckOrBegin, type Lookup, type Polling, pollingTexts } from "./polling-api.ts";
import { cachePolicy, type KeyOptions } from "./polling-options.ts";

export interface PollingParts {
  readonly errand: Errand;
  readonly store: () => Store | Promise<Store>;
  readonly starter: Starter;
}

/** See `Polling`. */
export class RunPolling implements Polling {
  readonly #parts: PollingParts;
  /** Claims under way in this process, by the key and what was seen under it: false when one failed, and the key stands as it did. */
  readonly #claiming = new Map<string, Promise<boolean>>();

  constructor(parts: PollingParts) {
    this.#parts = parts;
  }

  async ask<Argument, Output>(task: Task<Argument, Output>, options: AskOptions<Argument>): Promise<Answer> {
    const policy = cachePolicy(options);
    const key = keyOf(task.name, options.pollingUrl, options);
    let { refresh = false } = options;
    for (;;) {
      const store = this.#parts.store();
      const found = (store instanceof Promise ? await store : store).keys.find(key);
      const holding = found instanceof Promise ? await found : found;
      const verdict = judge(holding, policy);
      if (!isWanted(verdict, refresh && !isUnderWay(holding))) return { ...(verdict as Exclude<Verdict, { kind: "none" }>), began: false };
      const run = await this.#begin(key, holding, options, true);
      if (run) return verdict.kind === "stale" || verdict.kind === "fresh" ? { ...verdict, began: true } : { kind: "running", run, began: true };
      refresh = false; // Somebody else has just begun.
    }
  }

  async checkStatusOrBegin<Argument, Output>(task: Task<Argument, Output>, options: CheckOrBegin<Argument>): Promise<Checked> {
    const { pollingUrl, runId, checkRunning = true, cacheResults = true, locale = "en" } = options;
    const say = (text: keyof typeof pollingTexts) => this.#parts.errand.render(pollingTexts[text], locale);
    if (runId !== undefined && checkRunning) {
      const run = await this.#parts.errand.get(runId);
      if (run && !isEnded(run.state)) return { status: say("running"), runId, began: false };
    }
    if (pollingUrl === undefined) {
      const { id } = await task.start(options.input, { owner: options.owner ?? null });
      return { status: say("begun"), runId: id, began: true };
    }
    const policy = cachePolicy(options);
    const key = keyOf(task.name, pollingUrl, options);
    for (;;) {
      const holding = await (await this.#parts.store()).keys.find(key);
      const verdict: Verdict = checkRunning ? judge(holding, policy) : { kind: "none" };
      if (!isWanted(verdict, false)) return { ...told(verdict as Exclude<Verdict, { kind: "none" }>, say), began: false };
      const run = await this.#begin(key, holding, { ...options, input: () => options.input }, cacheResults);
      if (run) return { status: say("begun"), runId: run.id, began: true };
    }
  }

  async processIsRunning(lookup: Lookup): Promise<boolean> {
    const run = await this.#find("processIsRunning", lookup);
    return run !== null && !isEnded(run.state);
  }

  async processIsPending(lookup: Lookup): Promise<boolean> {
    const run = await this.#find("processIsPending", lookup);
    return run !== null && waitingStates.includes(run.state);
  }

  async processIsComplete(lookup: Lookup): Promise<boolean> {
    return (await this.#find("processIsComplete", lookup))?.state === "succeeded";
  }

  async processIsRunningOrComplete(lookup: Lookup): Promise<boolean> {
    const run = await this.#find("processIsRunningOrComplete", lookup);
    return run !== null && (!isEnded(run.state) || run.state === "succeeded");
  }

  async getProcessStatus(lookup: Lookup): Promise<string | null> {
    const run = await this.#find("getProcessStatus", lookup);
    return run && stateLabel(run.state);
  }

  async getProcessResult(lookup: Lookup): Promise<unknown> {
    const run = await this.#find("getProcessResult", lookup);
    if (run?.state === "failed")
      throw new RunFailedError(run.id, run.error ? this.#parts.errand.render(run.error.message, "en") : "The task failed.", run.error?.type);
    return run?.state === "succeeded" ? run.result : undefined;
  }

  async getTaskIdFromUrl(pollingUrl: string, lookup: Omit<Lookup, "runId" | "pollingUrl"> = {}): Promise<string | null> {
    return (await this.#find("getTaskIdFromUrl", { ...lookup, pollingUrl }))?.id ?? null;
  }

  async getUrlFromTaskId(runId: string): Promise<string> {
    const key = await (await this.#parts.store()).keys.ofRun(runId);
    if (key) return key.address;
    throw new NotFound(`No address leads to run ${runId}.`);
  }

  async forget<Argument, Output>(task: Task<Argument, Output>, pollingUrl: string, options: KeyOptions = {}): Promise<boolean> {
    return (await this.#parts.store()).keys.forget(keyOf(task.name, pollingUrl, options));
  }

  /** The run that was begun, or null when the key does not stand any more as `holding` saw it. */
  async #begin<Argument>(
    key: Key,
    holding: KeyHolding | null,
    options: Pick<AskOptions<Argument>, "input" | "owner" | "queue" | "priority">,
    keep: boolean,
  ): Promise<Run | null> {
    const { owner = null, queue, priority } = options;
    const delay: DelayOptions = { owner, ...(queue !== undefined && { queue }), ...(priority !== undefined && { priority }) };
    const input = await options.input();
    const claim = claimOf(key, holding, keep);
    const claimed = JSON.stringify([key.task, key.scope, key.address, claim.seen]);
    // Of all in this process that want what one of them is about to take, the others need no write to learn that they are too late.
    while (this.#claiming.has(claimed)) if (await this.#claiming.get(claimed)) return null;
    const started = this.#parts.starter.startUnder(claim, input, delay);
    this.#claiming.set(
      claimed,
      started.then(
        () => true,
        () => false,
      ),
    );
    try {
      return (await started)?.run ?? null;
    } finally {
      this.#claiming.delete(claimed);
    }
  }

  /** @throws RangeError when neither an id nor an address says which run is meant */
  async #find(asked: string, { runId, pollingUrl, task, ...options }: Lookup): Promise<Run | null> {
    if (runId !== undefined) return this.#parts.errand.get(runId);
    if (pollingUrl === undefined) throw new RangeError(`errand.polling.${asked} needs a pollingUrl or a runId to know which run is meant, and has neither.`);
    const holding = await (await this.#parts.store()).keys.find({ ...keyOf("", pollingUrl, options), task });
    if (!holding?.run) return null;
    return holding.keep || !isEnded(holding.run.state) ? holding.run : null;
  }
}

/** What is cached is asked for again and again, mostly by the same addresses. */
const canonical = new Recent<string>(1000);

function keyOf(task: string, address: string, options: KeyOptions): Key {
  const { ignoreParams = [] } = options;
  const known = canonical.get(`${ignoreParams.join("&")} ${address}`, () => canonicalUrl(address, ignoreParams));
  return { task, scope: scopeOf(options), address: known };
}

/** Whether a run is to be begun. */
function isWanted(verdict: Verdict, refresh: boolean): boolean {
  return refresh || verdict.kind === "none" || (verdict.kind === "stale" && verdict.begin);
}

function isUnderWay(holding: KeyHolding | null): boolean {
  return holding?.run != null && !isEnded(holding.run.state);
}

function told({ kind, run }: Exclude<Verdict, { kind: "none" }>, say: (text: keyof typeof pollingTexts) => string): Omit<Checked, "began"> {
  return { status: say(kind === "running" ? "running" : kind === "failed" ? "failed" : "complete"), runId: run.id };
}
