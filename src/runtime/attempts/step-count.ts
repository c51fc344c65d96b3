import { type NamedStep, nameOf, ownSteps, stepPlace } from "../../core/steps.ts";
import type { RunValues } from "../../core/store.ts";

type StepValues = Pick<RunValues, "completedSteps" | "totalSteps" | "step" | "stepFrom">;

/** The steps of one attempt: how many are completed of how many and, where the task names them, which one is under way. */
export class StepCount {
  readonly #steps: readonly NamedStep[] | null;
  /** Since when each named step was under way, ms of this process; undefined for those that never were. */
  readonly #began: (number | undefined)[] = [performance.now()];
  #completed = 0;
  #total: number;
  #step = 0;
  /** Completed steps when the named step began. */
  #from = 0;
  /** The task says itself which step begins; until it does, a step whose count is full gives way to the next. */
  #isTold = false;

  constructor(total: number, steps: readonly NamedStep[] | null) {
    this.#total = Math.max(total, steps?.length ?? 0);
    this.#steps = steps;
  }

  get total(): number {
    return this.#total;
  }

  get values(): StepValues {
    return { completedSteps: this.#completed, totalSteps: this.#total, step: this.#step, stepFrom: this.#from };
  }

  /** Since when the named step, or the attempt, is under way, ms of this process. */
  get since(): number {
    return this.#began[this.#step] as number;
  }

  /** Counts so many as completed, never past the end of the named step that the task has begun, nor of all. */
  complete(steps: number): void {
    const most = this.#isTold ? this.#from + this.#own : this.#total;
    this.#completed = Math.min(most, this.#completed + steps);
    if (!this.#steps || this.#isTold) return;
    while (this.#step < this.#steps.length - 1 && this.#completed >= this.#from + this.#own) this.#goTo(this.#step + 1);
  }

  /** So many steps more are to be done, in the named step where there is one. */
  add(steps: number): void {
    this.#total = Math.min(Number.MAX_SAFE_INTEGER, this.#total + steps);
  }

  /** Makes room for so many steps more than are completed, if there is not enough. Says whether that took more. */
  expect(steps: number): boolean {
    const room = this.#steps ? this.#from + this.#own : this.#total;
    const missing = Math.min(Number.MAX_SAFE_INTEGER, this.#completed + steps) - room;
    if (missing > 0) this.add(missing);
    return missing > 0;
  }

  /** A named step begins, of which `steps` are counted. @throws RangeError when there is no such step, or it is past */
  start(which: number | string, steps = 1): void {
    const place = stepPlace(this.#steps, which);
    const current = (this.#steps as readonly NamedStep[])[this.#step] as NamedStep;
    if (place < this.#step)
      throw new RangeError(
        `Step ${JSON.stringify(which)} is past: the run is at step ${this.#step + 1}, "${nameOf(current.label)}". Steps only go forward within an attempt.`,
      );
    this.#isTold = true;
    if (place > this.#step) {
      this.#completed = this.#from + this.#own + (place - this.#step - 1);
      this.#goTo(place);
    }
    this.expect(this.#from + steps - this.#completed);
  }

  /** How long each named step was under way until now, ms: 0 for those that were left out. Of an attempt without any, how long it took. */
  spans(now = performance.now()): readonly number[] {
    const spans = (this.#steps ?? [null]).map(() => 0);
    let end = now;
    for (let place = this.#step; place >= 0; place--) {
      const began = this.#began[place];
      if (began === undefined) continue;
      spans[place] = end - began;
      end = began;
    }
    return spans;
  }

  get #own(): number {
    return this.#steps ? ownSteps(this.#steps, { step: this.#step, stepFrom: this.#from, totalSteps: this.#total }) : this.#total;
  }

  #goTo(place: number): void {
    this.#from += this.#own + (place - this.#step - 1);
    this.#step = place;
    this.#began[place] = performance.now();
  }
}
