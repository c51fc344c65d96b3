import type { Artifact } from "../../core/artifact.ts";
import type { Json } from "../../core/json.ts";
import type { Message } from "../../core/messages.ts";
import type { ClaimedRun, NewRun, Run } from "../../core/run.ts";
import type { ArtifactsTable, RunsTable } from "./schema.ts";

/** The columns of a run's snapshot: all that a reader may ask for, without the input and the worker's own. */
export const runColumns = [
  "id",
  "rev",
  "task",
  "name",
  "owner",
  "queue",
  "priority",
  "state",
  "state_text",
  "completed_steps",
  "total_steps",
  "attempt",
  "max_attempts",
  "result",
  "error",
  "parent",
  "rerun_of",
  "run_at",
  "created",
  "modified",
  "started",
  "ended",
  "kind",
  "root",
  "steps",
  "step",
  "step_from",
  "step_started",
] as const satisfies readonly (keyof RunsTable)[];

/** The run of a positional row: it begins with the values of `runColumns`, in their order. */
export function toRun(values: readonly unknown[]): Run {
  const stateText = values[8] as string | null;
  const result = values[13] as string | null;
  const error = values[14] as string | null;
  const steps = values[24] as string | null;
  return {
    id: values[0],
    rev: values[1],
    task: values[2],
    name: values[3],
    owner: values[4],
    queue: values[5],
    priority: values[6],
    state: values[7],
    stateText: stateText === null ? null : toMessage(stateText),
    completedSteps: values[9],
    totalSteps: values[10],
    attempt: values[11],
    maxAttempts: values[12],
    result: result === null ? null : JSON.parse(result),
    error: error === null ? null : JSON.parse(error),
    parent: values[15],
    rerunOf: values[16],
    runAt: values[17],
    created: values[18],
    modified: values[19],
    started: values[20],
    ended: values[21],
    kind: values[22],
    root: values[23],
    steps: steps === null ? null : JSON.parse(steps),
    step: values[25],
    stepFrom: values[26],
    stepStarted: values[27],
  } as Run;
}

/** What the database alone knows of a run that was inserted. */
export const insertedColumns = ["id", "run_at", "created"] as const satisfies readonly (keyof RunsTable)[];

/** The run as it was inserted; `values` are those of `insertedColumns`. */
export function insertedRun(run: NewRun, values: readonly unknown[]): Run {
  const [id, runAt, created] = values as [string, number, number];
  const { task, name, owner, queue, priority, totalSteps, maxAttempts, parent, rerunOf, link, steps = null } = run;
  return {
    id,
    rev: 1,
    task,
    name,
    owner,
    queue,
    priority,
    state: "pending",
    stateText: null,
    completedSteps: 0,
    totalSteps,
    attempt: 0,
    maxAttempts,
    result: null,
    error: null,
    parent,
    rerunOf,
    runAt,
    created,
    modified: created,
    started: null,
    ended: null,
    kind: link?.kind ?? null,
    root: link?.root ?? null,
    steps,
    step: 0,
    stepFrom: 0,
    stepStarted: null,
  };
}

/** The run of a row that was written: with its input and its trace behind it when it was claimed. */
export function toWrittenRun(values: readonly unknown[]): Run | ClaimedRun {
  const run = toRun(values);
  const [input, trace] = values.slice(runColumns.length);
  return input === undefined ? run : { ...run, input: JSON.parse(input as string) as Json, trace: trace as string | null };
}

/** Stands before a key with parameters, which is kept as JSON: a character that no plain text is kept with. */
const MARK = "\u0001";
/** The mark of older versions. PostgreSQL has no place for it. */
const OLD_MARK = "\0";

/** A plain text is kept as it is, but for the two characters that no text needs. */
export function fromMessage(message: Message | null): string | null {
  if (message === null) return null;
  return typeof message === "string" ? message.replaceAll(OLD_MARK, "").replaceAll(MARK, "") : `${MARK}${JSON.stringify(message)}`;
}

export function toMessage(text: string): Message {
  return text.startsWith(MARK) || text.startsWith(OLD_MARK) ? (JSON.parse(text.slice(1)) as Message) : text;
}

export function toArtifact(row: ArtifactsTable): Artifact {
  return {
    id: row.id,
    runId: row.run_id,
    owner: row.owner,
    attempt: row.attempt,
    name: row.name,
    kind: row.kind as Artifact["kind"],
    text: row.text === null ? null : toMessage(row.text),
    url: row.url,
    key: row.key,
    type: row.type,
    size: row.size,
    created: row.created,
    modified: row.modified,
  };
}
