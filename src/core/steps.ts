import { ConfigurationError } from "./errors.ts";
import { type Message, plainMessage } from "./messages.ts";
import type { Run } from "./run.ts";

/** A named step as a task gives it. */
export interface StepOption {
  /** What the user reads in the checklist: a text, or a key of the catalogue. No two of a task are alike. */
  readonly label: Message;
  /** How much of the whole it is, beside the others; above 0. 1 by default. */
  readonly weight?: number;
}

/** A named step as a run keeps it, from its beginning on. */
export interface NamedStep {
  readonly label: Message;
  readonly weight: number;
}

export type StepState = "done" | "current" | "waiting";

/** One line of a run's checklist. */
export interface StepLine {
  readonly label: Message;
  readonly state: StepState;
}

/** Most named steps of a task: more is no checklist that anybody reads. */
const MOST_STEPS = 50;

/** The steps of a task, checked, with their weights; null when it names none. @throws ConfigurationError naming the task and the step */
export function namedSteps(task: string, options: readonly StepOption[] | undefined): readonly NamedStep[] | null {
  if (options === undefined || options.length === 0) return null;
  if (options.length > MOST_STEPS)
    throw new ConfigurationError(`Task ${task} has ${options.length} steps; ${MOST_STEPS} is the most. Count the rest within them.`);
  const steps = options.map(({ label, weight = 1 }, index): NamedStep => {
    const plain = plainMessage(label);
    if (plain === undefined || nameOf(plain) === "")
      throw new ConfigurationError(`Step ${index + 1} of task ${task} needs a label: a text, or a key with parameters.`);
    if (!(Number.isFinite(weight) && weight > 0))
      throw new ConfigurationError(`The weight of step "${nameOf(plain)}" of task ${task} must be a number above 0, but is ${String(weight)}.`);
    return { label: plain, weight };
  });
  const names = steps.map(({ label }) => nameOf(label));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ConfigurationError(`Two steps of task ${task} are labeled "${twice}". Give one of them another label.`);
  return steps;
}

/** The place, from 0, of the step of this number (from 1) or label. @throws RangeError naming what there is */
export function stepPlace(steps: readonly NamedStep[] | null, step: number | string): number {
  if (steps === null) throw new RangeError(`There is no step ${JSON.stringify(step)}: the task names none. Give it the option steps: [{ label: "…" }].`);
  const place = typeof step === "number" ? step - 1 : steps.findIndex(({ label }) => nameOf(label) === step);
  if (steps[place] !== undefined) return place;
  throw new RangeError(
    `There is no step ${JSON.stringify(step)}. The task has these: ${steps.map(({ label }, index) => `${index + 1} "${nameOf(label)}"`).join(", ")}.`,
  );
}

/** How a step is called in code: its text, or the key of it. */
export function nameOf(label: Message): string {
  return typeof label === "string" ? label : label.key;
}

/** The named steps of a run as they stand; none when its task names none. Where a run has failed or was canceled, its last step stays the current one. */
export function checklist({ state, attempt, steps, step }: Pick<Run, "state" | "attempt" | "steps" | "step">): readonly StepLine[] {
  if (steps === null) return [];
  const stateAt = (place: number): StepState => {
    if (state === "succeeded") return "done";
    if (attempt === 0) return "waiting";
    return place < step ? "done" : place === step ? "current" : "waiting";
  };
  return steps.map(({ label }, place) => ({ label, state: stateAt(place) }));
}

/** How many of a run's counted steps are those of its current named step: each of the later ones counts as one until it begins. */
export function ownSteps(steps: readonly NamedStep[], { step, stepFrom, totalSteps }: Pick<Run, "step" | "stepFrom" | "totalSteps">): number {
  return Math.max(0, totalSteps - stepFrom - (steps.length - step - 1));
}
