import { ConfigurationError } from "../core/errors.ts";
import { toJson } from "../core/json.ts";
import { checkSteps } from "../core/progress.ts";
import type { NewRun } from "../core/run.ts";
import type { TaskDefinition } from "../core/task.ts";
import { readInput } from "./attempts/read-input.ts";
import { newId } from "./new-id.ts";
import type { DelayOptions } from "./task-api.ts";

const RUN_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** Longest owner, name and queue, characters. */
const LONGEST = 255;

/** The row that a new run begins as: input checked, name and steps computed. @throws InvalidInputError, InvalidJsonError, RangeError, ConfigurationError */
export async function newRun(task: TaskDefinition, input: unknown, options: DelayOptions): Promise<NewRun> {
  const text = toJson(`The input of task ${task.name}`, input, "Upload the large part as a file, or pass its id.");
  const read = readInput(task, input ?? null);
  const value = (read instanceof Promise ? await read : read) as never;
  const name = options.name ?? (task.generateName ? await task.generateName(value) : task.name);
  const totalSteps = task.calculateTotalSteps ? await task.calculateTotalSteps(value) : (task.steps?.length ?? 1);
  return {
    id: runId(options.id),
    task: task.name,
    name: String(name).slice(0, LONGEST) || task.name,
    owner: shortText("owner", options.owner ?? null),
    queue: shortText("queue", options.queue ?? task.queue) as string,
    priority: priority(options.priority ?? 0),
    totalSteps: checkSteps(`calculateTotalSteps of task ${task.name}`, totalSteps),
    steps: task.steps,
    maxAttempts: task.retry.maxAttempts,
    timeout: task.timeout,
    input: text,
    parent: null,
    rerunOf: null,
    runAt: runAt(options.runAt),
  };
}

function runId(id: string | undefined): string {
  if (id === undefined) return newId();
  if (RUN_ID.test(id)) return id;
  throw new ConfigurationError(`A run's id must come from errand.newRunId(), but is ${JSON.stringify(id)}.`);
}

function shortText(what: string, text: string | null): string | null {
  if (text === null || (typeof text === "string" && text !== "" && text.length <= LONGEST)) return text;
  throw new ConfigurationError(`The ${what} of a run must be a text of 1 to ${LONGEST} characters, but is ${JSON.stringify(text)}.`);
}

function priority(value: number): number {
  if (Number.isInteger(value) && Math.abs(value) <= 32_767) return value;
  throw new RangeError(`The priority of a run must be a whole number from -32767 to 32767, but is ${value}.`);
}

function runAt(date: Date | undefined): NewRun["runAt"] {
  if (date === undefined) return { fromNow: 0 };
  if (date instanceof Date && Number.isFinite(date.getTime())) return date.getTime();
  throw new RangeError(`runAt must be a valid Date, but is ${String(date)}.`);
}
