import { UserError } from "../../core/errors.ts";
import type { LedgerWrite } from "../../core/ledger.ts";
import { type Message, plainMessage, plainText } from "../../core/messages.ts";
import { checkSteps } from "../../core/progress.ts";
import type { NamedStep } from "../../core/steps.ts";
import type { RunValues } from "../../core/store.ts";
import type { Status } from "../../core/task.ts";
import type { LoopLedger } from "../each/loop-ledger.ts";
import { StepCount } from "./step-count.ts";

/** Shortest time between two writes of one attempt's progress, ms. */
const EVERY_MS = 100;

/** Longest name of a run, characters. */
const LONGEST_NAME = 255;

const done = Promise.resolve();

export type ProgressValues = Partial<Pick<RunValues, "stateText" | "name" | "completedSteps" | "totalSteps" | "step" | "stepFrom" | "stepStarted" | "loops">>;

type CountKey = "completedSteps" | "totalSteps" | "step";

/** Progress as it is written: values of the run, and what its loops have left. */
export interface Progress {
  readonly values: ProgressValues;
  readonly ledger?: LedgerWrite;
}

/**
 * Progress in memory, written from time to time: the first change at once, later ones at most every 100 ms, the last with the end of
 * the attempt. A call that begins a write resolves when it is done, so a loop that awaits its calls leaves room for cancels and timers.
 */
export class LiveStatus implements Status {
  readonly signal: AbortSignal;
  readonly #write: (progress: Progress) => Promise<boolean>;
  /** Where the loops of the attempt stand, once it has one. */
  loops: LoopLedger | undefined;
  readonly #count: StepCount;
  /** The named step that was last kept. */
  #step = 0;
  #unwritten: ProgressValues | undefined;
  #inFlight: ProgressValues | undefined;
  #ended = false;
  #writtenAt = Number.NEGATIVE_INFINITY;
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param write stores the progress under the attempt's guard; false when it is to be written again later. It never rejects. */
  constructor(totalSteps: number, signal: AbortSignal, write: (progress: Progress) => Promise<boolean>, steps: readonly NamedStep[] | null = null) {
    this.#count = new StepCount(totalSteps, steps);
    this.signal = signal;
    this.#write = write;
  }

  setState(text: Message): Promise<void> {
    const plain = plainMessage(text);
    if (plain === undefined) throw new TypeError("status.setState takes a text, or a key with parameters.");
    return this.#note("stateText", plain);
  }

  setName(name: string): Promise<void> {
    const plain = typeof name === "string" ? plainText(name, LONGEST_NAME) : "";
    if (plain === "") throw new TypeError("status.setName takes a text that is not empty.");
    return this.#note("name", plain);
  }

  incrementCompletedSteps(steps = 1): Promise<void> {
    if (steps !== 1) checkSteps("The number of completed steps", steps);
    return this.#noteCount("completedSteps", () => this.#count.complete(steps));
  }

  incrementTotalSteps(steps: number): Promise<void> {
    checkSteps("The number of further steps", steps);
    return this.#noteCount("totalSteps", () => this.#count.add(steps));
  }

  startStep(step: number | string, { steps = 1 }: { steps?: number } = {}): Promise<void> {
    checkSteps(`The number of steps of step ${JSON.stringify(step)}`, steps);
    return this.#noteCount("step", () => this.#count.start(step, steps));
  }

  fail(text: Message): never {
    throw new UserError(text);
  }

  get totalSteps(): number {
    return this.#count.total;
  }

  /** How long each named step was under way until now, or the attempt where there are none, ms. */
  spans(): readonly number[] {
    return this.#count.spans();
  }

  /** Makes room for so many steps more than are completed, if there is not enough. It is written with what comes next. */
  expectSteps(steps: number): void {
    if (!this.#ended && this.#count.expect(steps)) this.#keepCount("totalSteps");
  }

  /**
   * A loop has gone on by so many steps: they are written with what `loops` holds, at once when that is much. Noted also when the attempt is
   * to stop, since what was done need not be done again. @throws the signal's reason
   */
  goOn(steps: number): Promise<void> {
    if (steps > 0 && !this.#ended) {
      this.#count.complete(steps);
      this.#keepCount("completedSteps");
    }
    if (this.signal.aborted) throw this.signal.reason;
    return this.#ended ? done : this.#schedule(this.loops?.isFull ?? false);
  }

  /** Resolves when all that was noted so far has been given to the store. */
  async written(): Promise<void> {
    await this.#writing;
    if (!this.#ended) await this.#flush();
  }

  /** What is not known to be written yet, for the write that ends the attempt. Nothing is written afterwards, and later calls change nothing. */
  takeUnwritten(): Progress {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#ended = true;
    const { ledger, ...loops } = this.loops?.rest() ?? {};
    const values = this.#timed({ ...this.#inFlight, ...this.#unwritten, ...loops });
    this.#unwritten = undefined;
    return { values, ...(ledger && { ledger }) };
  }

  #note<Key extends keyof ProgressValues>(key: Key, value: ProgressValues[Key]): Promise<void> {
    if (this.signal.aborted) throw this.signal.reason;
    if (this.#ended) return done;
    this.#keep(key, value);
    return this.#schedule(false);
  }

  /** Notes what has been counted. @throws the signal's reason */
  #noteCount(key: CountKey, count: () => void): Promise<void> {
    if (this.signal.aborted) throw this.signal.reason;
    if (this.#ended) return done;
    count();
    this.#keepCount(key);
    return this.#schedule(false);
  }

  /** Keeps what was counted under `key`, and all that goes with it once another named step is under way. */
  #keepCount(key: CountKey): void {
    const { values } = this.#count;
    if (key === "step" || values.step !== this.#step) Object.assign((this.#unwritten ??= {}), values);
    else this.#keep(key, values[key]);
    this.#step = values.step;
  }

  /** Values as they are to be written now: how long ago the named step began is known only then. */
  #timed(values: ProgressValues): ProgressValues {
    return values.step === undefined ? values : { ...values, stepStarted: { fromNow: Math.round(this.#count.since - performance.now()) } };
  }

  #keep<Key extends keyof ProgressValues>(key: Key, value: ProgressValues[Key]): void {
    const unwritten = (this.#unwritten ??= {});
    unwritten[key] = value;
  }

  /** Writes now, if the last write was long enough ago or it is urgent; else a moment later. */
  #schedule(urgent: boolean): Promise<void> {
    const rest = this.#writtenAt + EVERY_MS - performance.now();
    if ((rest <= 0 || urgent) && this.#writing === undefined) return this.#flush();
    if (urgent && this.#writing) return this.#writing;
    this.#timer ??= setTimeout(() => void this.#flush(), Math.max(rest, 1));
    return done;
  }

  #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing !== undefined || (this.#unwritten === undefined && !this.loops?.waiting)) return done;
    const { ledger, ...loops } = this.loops?.take() ?? {};
    const values = this.#timed({ ...this.#unwritten, ...loops });
    this.#unwritten = undefined;
    this.#inFlight = values;
    this.#writtenAt = performance.now();
    this.#writing = this.#write({ values, ...(ledger && { ledger }) }).then((written) => {
      this.#writing = undefined;
      this.#inFlight = undefined;
      this.loops?.settled(written);
      if (this.#ended) return;
      if (!written) this.#unwritten = { ...values, ...this.#unwritten };
      if (this.#unwritten !== undefined || this.loops?.waiting) this.#timer ??= setTimeout(() => void this.#flush(), EVERY_MS);
    });
    return this.#writing;
  }
}
