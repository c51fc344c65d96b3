import { z } from "zod";
import { stateLabel, states } from "../../core/states.ts";
import type { ArtifactBody, InvalidInputBody, NotesBody, ProblemBody, RunBody } from "../../core/wire.ts";

/** The shapes of the REST API: what validates requests, and what openapi.json describes. */

const time = z.iso.datetime().describe("ISO 8601 in UTC.");

export const runSchema = z
  .object({
    id: z.uuid().describe("UUIDv7."),
    url: z.url().describe("This document."),
    rev: z.int().min(1).describe("Grows by one with every change."),
    task: z.string().describe("Name of the task that runs."),
    name: z.string().max(255).describe("What the user calls it. Untrusted text."),
    state: z
      .enum(states.map(stateLabel) as [string, ...string[]])
      .describe("Where it stands, always in English. The last three are final: the run never moves again."),
    state_text: z.string().describe("What the task says it is doing, else the state; in the reader's language. Untrusted text."),
    completed_steps: z.int().min(0).describe("Of the current attempt."),
    total_steps: z.int().min(0),
    percentage: z.int().min(0).max(100).describe("100 only when it has succeeded."),
    steps: z
      .array(z.object({ label: z.string().describe("In the reader's language."), state: z.enum(["done", "current", "waiting"]) }))
      .readonly()
      .describe("The checklist of a task that names its steps; else empty. Where a run has failed, its last step stays the current one."),
    expected_end: z
      .object({ earliest: time, latest: time })
      .nullable()
      .describe("When it will probably end, told from the last runs of its task, as of `modified`; null while there is nothing to tell it from."),
    attempts: z.int().min(1).describe("Number of the current or last attempt."),
    created: time,
    modified: time,
    started: time.nullable().describe("When the first attempt began."),
    ended: time.nullable(),
    kind: z
      .enum(["chain", "group", "chord"])
      .nullable()
      .describe("Of linked runs, how the container links its parts; the list of tasks has them by `parent`. Null for the run of a task."),
    parent: z.uuid().nullable().describe("The container that this run is a part of. A part is not deleted alone."),
    rerun_of: z.uuid().nullable().describe("The run that this one repeats."),
    result: z.unknown().describe("What the task returned, as JSON."),
    error: z.string().nullable().describe("What the user may know of a failure, in the reader's language."),
    artifacts: z.array(z.url()).readonly().describe("Addresses of what it left."),
    owner: z.string().nullable().optional().describe("Whose run it is; superusers only."),
  })
  .describe("One execution of a task.") satisfies z.ZodType<RunBody>;

export const artifactSchema = z
  .object({
    id: z.uuid().describe("UUIDv7."),
    self: z.url().describe("This document."),
    name: z.string().max(255).describe('"Output" by default, "Error" for failures; not unique. Untrusted text.'),
    kind: z.enum(["file", "url", "text"]),
    created: time,
    modified: time,
    status: z.url().describe("The run that left it."),
    file: z
      .union([z.url(), z.literal("")])
      .describe('Of a file, where it can be downloaded for the next few minutes by whoever has this address; else "". Ask again for a fresh one.'),
    type: z.string().nullable().describe("Media type of a file."),
    size: z.int().min(0).nullable().describe("Length of a file, bytes."),
    text: z.string().describe('Of a text, the text in the reader\'s language; else "". Untrusted.'),
    url: z.union([z.url(), z.literal("")]).describe('Of a URL, the http or https address; else "".'),
  })
  .describe("What a run left for its user: a file, a URL or a text.") satisfies z.ZodType<ArtifactBody>;

export const problemSchema = z
  .object({
    detail: z.string().describe("What is wrong, in the reader's language."),
    errors: z
      .array(z.object({ path: z.string().describe("The parameter."), message: z.string() }))
      .readonly()
      .optional(),
    support: z.string().optional().describe("Code to tell the support; the log bears the same."),
  })
  .describe("Why a request was refused.") satisfies z.ZodType<ProblemBody>;

export const notesSchema = z
  .object({ notes: z.array(z.string()).readonly().describe("Such as what is before it in the queue, or how long it will still take.") })
  .describe("What is true of a run at the moment, beside its document.") satisfies z.ZodType<NotesBody>;

export const invalidInputSchema = z
  .object({ message: z.string(), errors: z.array(z.object({ path: z.string(), message: z.string() })).readonly() })
  .describe("The kept input does not fit the task any more.") satisfies z.ZodType<InvalidInputBody>;

/** A text that every database can hold: no control characters. */
const plainText = z.string().regex(/^\P{Cc}{1,255}$/u);
const moment = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);

const pageQuery = {
  limit: z.int().min(1).max(100).default(20).describe("Most entries of the page."),
  cursor: z
    .string()
    .regex(/^[\w-]{21}[AQgw]$/)
    .optional()
    .describe("Where the page begins: only ever from a Link header."),
};

export const runListQuery = z.object({
  ...pageQuery,
  state: z
    .array(z.enum([...states.map(stateLabel), ...states] as [string, ...string[]]))
    .max(states.length)
    .optional()
    .describe("Only runs in one of these states; may come several times."),
  task: plainText.optional().describe("Only runs of the task of this name."),
  name: plainText.optional().describe("Only runs whose name has this in it, in any case."),
  parent: z.uuid().optional().describe("Only the parts of the run of this id, in their order. Without it, only runs that are no part of another."),
  created_after: moment.optional().describe("Only runs created at this time or later; a date begins at 0:00 UTC."),
  created_before: moment.optional().describe("Only runs created before this time."),
});

export const artifactListQuery = z.object({
  ...pageQuery,
  run: z.uuid().optional().describe("Only what the run of this id left."),
});
