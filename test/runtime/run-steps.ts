import { expect, vi } from "vitest";
import type { Run } from "../../src/core/run.ts";
import { heldStates } from "../../src/core/states.ts";
import { Attempt } from "../../src/runtime/attempts/attempt.ts";
import { claiming } from "../../src/runtime/attempts/claiming.ts";
import { type Outcome, settling } from "../../src/runtime/attempts/outcome.ts";
import { LiveStatus } from "../../src/runtime/attempts/status.ts";
import { cancelRun } from "../../src/runtime/cancel.ts";
import { Dispatcher } from "../../src/runtime/dispatcher.ts";
import { Observers } from "../../src/runtime/observers.ts";
import { mend, sweep } from "../../src/runtime/upkeep/sweep.ts";
import { BACKOFF, GRACE, type Hold, LEASE, type Model, type ModelRun, PAUSE, type Real, type Step, TIMEOUT, task, workers } from "./run-model.ts";

export class Start implements Step {
  readonly maxAttempts: number;
  readonly delay: number;
  constructor(maxAttempts: number, delay: number) {
    this.maxAttempts = maxAttempts;
    this.delay = delay;
  }
  check = (model: Model) => model.runs.length < 6;
  async run(model: Model, real: Real): Promise<void> {
    const id = `run-${model.runs.length}`;
    const { maxAttempts, delay } = this;
    const row = {
      id,
      task: "t",
      name: "t",
      owner: null,
      queue: "default",
      priority: 0,
      totalSteps: 5,
      maxAttempts,
      timeout: TIMEOUT,
      input: "null",
      parent: null,
      rerunOf: null,
      runAt: { fromNow: delay },
    };
    await real.writer.insert(row);
    real.ids.push(id);
    model.runs.push({ state: "pending", attempt: 0, maxAttempts, worker: null, leaseUntil: 0, timeoutAt: 0, cancelRequested: 0, runAt: model.now + delay });
  }
  toString = () => `start(${this.maxAttempts} attempts, in ${this.delay})`;
}

/** A delivery for an attempt arrives: the due one, or one that is late, early or comes twice. */
export class Claim implements Step {
  readonly at: number;
  readonly worker: string;
  readonly off: number;
  constructor(at: number, worker: string, off: number) {
    this.at = at;
    this.worker = worker;
    this.off = off;
  }
  check = (model: Model) => this.at < model.runs.length;
  async run(model: Model, real: Real): Promise<void> {
    const nth = model.runs.length - 1 - this.at;
    const held = model.runs[nth] as ModelRun;
    const attempt = held.attempt + 1 + this.off;
    real.by = "claim";
    const run = await real.writer.claim(claiming({ runId: real.ids[nth] as string, attempt, queue: "default", priority: 0, runAt: 0 }, this.worker, LEASE));
    const may = (held.state === "pending" || held.state === "retrying") && this.off === 0 && held.runAt <= model.now;
    expect(run !== null, `claim of attempt ${attempt} while ${held.state}`).toBe(may);
    if (!run) return;
    expect(run.completedSteps, "an attempt begins anew").toBe(0);
    Object.assign(held, {
      state: "in_progress",
      attempt,
      worker: this.worker,
      timeoutAt: model.now + TIMEOUT,
      leaseUntil: model.now + Math.min(LEASE, TIMEOUT),
    });
    const key = `${run.id} ${run.attempt}`;
    expect(real.granted.has(key), `two owners of ${key}`).toBe(false);
    real.granted.add(key);
    const mine = new Attempt(run, task, this.worker);
    const status = new LiveStatus(run.totalSteps, mine.signal, async ({ values }) => {
      const written = await real.writer.change({ id: run.id, guard: mine.guard(), patch: { set: values } });
      if ((written !== null) !== holds(model, hold)) real.faults.push(`progress of ${key} was ${written ? "written" : "refused"}`);
      return true;
    });
    const hold: Hold = { run: nth, attempt: mine, status };
    real.holds.push(hold);
  }
  toString = () => `claim(last run but ${this.at}, worker ${this.worker}, attempt ${this.off >= 0 ? "+" : ""}${this.off})`;
}

/** Whether this hold is the one that may write for its run. */
function holds(model: Model, { run, attempt }: Hold): boolean {
  const held = model.runs[run] as ModelRun;
  return heldStates.includes(held.state) && held.attempt === attempt.run.attempt && held.worker === attempt.worker;
}

abstract class OfHold implements Step {
  readonly nth: number;
  constructor(nth: number) {
    this.nth = nth;
  }
  check = (model: Model) => model.runs.length > 0;
  async run(model: Model, real: Real): Promise<void> {
    const hold = real.holds.at(-1 - this.nth);
    if (hold) await this.act(model, real, hold, model.runs[hold.run] as ModelRun);
  }
  abstract act(model: Model, real: Real, hold: Hold, held: ModelRun): Promise<void>;
}

export class Progress extends OfHold {
  readonly steps: number;
  constructor(nth: number, steps: number) {
    super(nth);
    this.steps = steps;
  }
  override async act(_model: Model, _real: Real, hold: Hold): Promise<void> {
    await hold.status.incrementCompletedSteps(this.steps);
    if (this.steps === 7) await hold.status.incrementTotalSteps(this.steps);
  }
  override toString = () => `progress(last hold but ${this.nth}, ${this.steps})`;
}

export const outcomes: readonly Outcome[] = [
  { kind: "returned", result: "1" },
  { kind: "threw", final: false, error: { code: "internal", message: "x" } },
  { kind: "threw", final: true, error: { code: "user", message: "x" } },
  { kind: "timeout" },
  { kind: "released" },
  { kind: "lost" },
];

export class Settle extends OfHold {
  readonly outcome: Outcome;
  constructor(nth: number, outcome: Outcome) {
    super(nth);
    this.outcome = outcome;
  }
  override async act(model: Model, real: Real, hold: Hold, held: ModelRun): Promise<void> {
    const changes = settling(hold.attempt, this.outcome, { unwritten: hold.status.takeUnwritten(), totalSteps: hold.status.totalSteps }, BACKOFF);
    real.by = this.outcome.kind === "released" && held.state === "in_progress" ? "release" : "settle";
    const written = await Promise.all(changes.map((change) => real.writer.change(change)));
    const settled = written.filter((run) => run !== null);
    const next = this.after(hold, held);
    expect(
      settled.map(({ state }) => state),
      `settled as ${this.outcome.kind} while ${held.state}`,
    ).toEqual(holds(model, hold) && next ? [next] : []);
    // A process settles an attempt once: what it took from this one's progress was for that write.
    if (this.outcome.kind === "lost") real.holds.splice(real.holds.indexOf(hold), 1);
    if (settled.length === 0) return;
    Object.assign(held, { state: next, worker: null });
    if (next !== "retrying") return;
    held.runAt = model.now + (this.outcome.kind === "released" ? 0 : BACKOFF);
    if (this.outcome.kind === "released") held.maxAttempts += 1;
  }
  after(hold: Hold, held: ModelRun): Run["state"] | undefined {
    const { kind } = this.outcome;
    if (kind === "lost") return undefined;
    if (kind === "returned") return "succeeded";
    if (held.state === "canceling") return "canceled";
    if (kind === "released") return "retrying";
    const last = hold.attempt.run.attempt >= hold.attempt.run.maxAttempts;
    return last || (this.outcome.kind === "threw" && this.outcome.final) ? "failed" : "retrying";
  }
  override toString = () => `settle(last hold but ${this.nth}, ${this.outcome.kind})`;
}

export class Cancel implements Step {
  readonly at: number;
  constructor(at: number) {
    this.at = at;
  }
  check = (model: Model) => this.at < model.runs.length;
  async run(model: Model, real: Real): Promise<void> {
    const nth = model.runs.length - 1 - this.at;
    const held = model.runs[nth] as ModelRun;
    const writes = real.history.get(real.ids[nth] as string)?.length ?? 0;
    const before = held.state;
    real.by = "cancel";
    const run = await cancelRun(real, real.ids[nth] as string);
    if (held.state === "pending" || held.state === "retrying") held.state = "canceled";
    else if (held.state === "in_progress") Object.assign(held, { state: "canceling", cancelRequested: model.now });
    expect(run?.state).toBe(held.state);
    expect(real.history.get(real.ids[nth] as string)?.length, "a wish that changes nothing writes nothing").toBe(writes + (held.state === before ? 0 : 1));
  }
  toString = () => `cancel(last run but ${this.at})`;
}

export class Tick implements Step {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    model.now += this.ms;
    real.now += this.ms;
    await vi.advanceTimersByTimeAsync(this.ms);
    // A write that a timer began is done once the writer's turn is over.
    await new Promise((turn) => setImmediate(() => setImmediate(turn)));
  }
  toString = () => `tick(${this.ms})`;
}

export class Renew implements Step {
  readonly worker: string;
  constructor(worker: string) {
    this.worker = worker;
  }
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    const renewed = await real.store.renew(this.worker, LEASE);
    const mine = model.runs.filter((run) => heldStates.includes(run.state) && run.worker === this.worker && run.timeoutAt > model.now);
    for (const run of mine) run.leaseUntil = Math.min(model.now + LEASE, run.timeoutAt);
    expect(renewed).toHaveLength(mine.length);
  }
  toString = () => `renew(${this.worker})`;
}

/** The sweep in its two halves, between which anything may happen: a look, and the mending of what it saw. */
export class Look implements Step {
  check = () => true;
  async run(_model: Model, real: Real): Promise<void> {
    real.strays = await real.store.strays({ cancelGrace: GRACE, undeliveredAfter: LEASE, limit: 10 });
  }
  toString = () => "look";
}

export class Mend implements Step {
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    real.by = "sweep";
    for (const stray of real.strays.splice(0)) {
      if (stray.kind === "undelivered") continue;
      const held = model.runs[real.ids.indexOf(stray.run.id)] as ModelRun;
      const mended = await real.writer.change(mend(stray, GRACE));
      const still = held.state === stray.run.state && held.attempt === stray.run.attempt;
      const may = still && (stray.kind === "lease_expired" ? held.leaseUntil <= model.now : held.cancelRequested <= model.now - GRACE);
      expect(mended !== null, `mending of ${stray.kind} while ${held.state}`).toBe(may);
      if (may) mendModel(held, model.now);
    }
  }
  toString = () => "mend";
}

/** Something happens between the two halves. */
export class Meanwhile implements Step {
  readonly step: Step;
  constructor(step: Step) {
    this.step = step;
  }
  check = (model: Readonly<Model>) => this.step.check(model);
  async run(model: Model, real: Real): Promise<void> {
    await new Look().run(model, real);
    await this.step.run(model, real);
    await new Mend().run(model, real);
  }
  toString = () => `look(${this.step} meanwhile, mend)`;
}

function mendModel(run: ModelRun, now: number): void {
  run.worker = null;
  if (run.state === "canceling") run.state = "canceled";
  else if (run.attempt < run.maxAttempts) Object.assign(run, { state: "retrying", runAt: now + PAUSE });
  else run.state = "failed";
}

/** Both halves at once. */
export class Sweep implements Step {
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    real.by = "sweep";
    await sweep({
      ...real,
      dispatcher: new Dispatcher(real.broker, real.log),
      observers: new Observers(real.log, async () => null),
      cancelGrace: GRACE,
      undeliveredAfter: LEASE,
    });
    for (const run of model.runs) {
      if (!heldStates.includes(run.state)) continue;
      const ignored = run.state === "canceling" && run.cancelRequested <= model.now - GRACE;
      if (run.leaseUntil <= model.now || ignored) mendModel(run, model.now);
    }
  }
  toString = () => "sweep";
}

/** After every step the store stands where the model does, and has not changed what no write was told of. */
export class Checked implements Step {
  readonly step: Step;
  constructor(step: Step) {
    this.step = step;
  }
  check = (model: Readonly<Model>) => this.step.check(model);
  async run(model: Model, real: Real): Promise<void> {
    await this.step.run(model, real);
    expect(real.faults).toEqual([]);
    const stored = new Map((await real.store.get(real.ids)).map((run) => [run.id, run]));
    for (const [at, run] of model.runs.entries()) {
      const row = stored.get(real.ids[at] as string) as Run;
      expect({ state: row.state, attempt: row.attempt, maxAttempts: row.maxAttempts }).toEqual({
        state: run.state,
        attempt: run.attempt,
        maxAttempts: run.maxAttempts,
      });
      const { input: _, trace: __, ...last } = { input: null, trace: null, ...real.history.get(row.id)?.at(-1) };
      expect(row).toEqual(last);
    }
    for (const worker of workers) {
      const held = await real.store.held(worker);
      const mine = model.runs.flatMap((run, at) => (run.worker === worker && heldStates.includes(run.state) ? [real.ids[at]] : []));
      expect(held.map(({ id }) => id).sort()).toEqual(mine.sort());
    }
  }
  toString = () => String(this.step);
}
