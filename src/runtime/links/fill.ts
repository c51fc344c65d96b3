import { InvalidJsonError } from "../../core/errors.ts";
import { type Json, toJson } from "../../core/json.ts";
import type { BlockedChild } from "../../core/links.ts";
import { checkSteps } from "../../core/progress.ts";
import type { RunError } from "../../core/run.ts";
import type { RunValues, Store } from "../../core/store.ts";
import type { TaskDefinition } from "../../core/task.ts";
import { fillTemplate, type KeptTemplate, type Place } from "../../core/template.ts";
import { readInput } from "../attempts/read-input.ts";

const tooLarge: RunError = { code: "invalid_input", message: { key: "run.results_too_large" } };

/** Results that inputs are made of: what many siblings are made of is read once. */
export class EarlierResults {
  readonly #store: Store;
  readonly #read = new Map<string, Promise<(string | null)[]>>();

  constructor(store: Store) {
    this.#store = store;
  }

  before(container: string, position: number): Promise<(string | null)[]> {
    const key = `${container} ${position}`;
    const read = this.#read.get(key) ?? this.#store.links.results(container, position);
    this.#read.set(key, read);
    return read;
  }
}

/**
 * What a child whose turn has come is given: its input, made of the results before it, with the name and the steps that follow from it;
 * nothing when its input was known from the beginning. An error when it cannot be made.
 */
export async function fill(
  tasks: ReadonlyMap<string, TaskDefinition>,
  earlier: EarlierResults,
  child: BlockedChild,
): Promise<Partial<RunValues> | { error: RunError }> {
  if (child.template === null) return {};
  const { from, before, input: template } = JSON.parse(child.template) as KeptTemplate;
  const results = await earlier.before(from, before);
  let unkept = false;
  const resultOf = (of: Place["of"]): Json => {
    const result = results[of === "previous" ? before - 1 : of];
    if (result === null) unkept = true;
    return JSON.parse(result ?? "null") as Json;
  };
  const filled = fillTemplate(template, resultOf);
  if (unkept) return { error: tooLarge };
  let input: string;
  try {
    input = toJson(`The input of task ${child.task}`, filled, "Let the runs before it leave artifacts, and pass their ids.");
  } catch (error) {
    if (error instanceof InvalidJsonError) return { error: tooLarge };
    throw error;
  }
  return { input, ...(await described(tasks.get(child.task), child, JSON.parse(input) as Json)) };
}

/** Name and steps as the task would give them; a name that was given stays. What the task throws here it will throw in its attempt, where it is told. */
async function described(task: TaskDefinition | undefined, child: BlockedChild, input: Json): Promise<Partial<RunValues>> {
  if (!task) return {};
  try {
    const value = (await readInput(task, input)) as never;
    const name = child.name === child.task ? await task.generateName?.(value) : undefined;
    const steps = await task.calculateTotalSteps?.(value);
    return {
      ...(name !== undefined && name !== "" && { name: String(name).slice(0, 255) }),
      ...(steps !== undefined && { plannedSteps: checkSteps(`calculateTotalSteps of task ${task.name}`, steps) }),
    };
  } catch {
    return {};
  }
}
