import { templateOf, withPlaces } from "../../core/template.ts";
import type { Step, StepOptions, Task } from "../task-api.ts";

/** One run of a task, to be linked. @throws TypeError when the function of earlier results computes with them; RangeError for the weight */
export function stepOf<Output>(task: Task<never, Output>, input: unknown, options: StepOptions = {}): Step<Output, never> {
  checkWeight(options.weight);
  const isTemplate = typeof input === "function";
  return { task, isTemplate, options, input: isTemplate ? withPlaces(templateOf(input as never)) : input };
}

/** @throws RangeError unless it is a whole number from 1 to 1000000, or not given */
export function checkWeight(weight = 1): void {
  if (Number.isSafeInteger(weight) && weight >= 1 && weight <= 1_000_000) return;
  throw new RangeError(`The weight of a run must be a whole number from 1 to 1000000, but is ${String(weight)}.`);
}
