import { z } from "zod";
import type { SitePaths } from "../site-paths.ts";
import { artifactListQuery, runListQuery } from "./schemas.ts";

/** The paths of openapi.json: every operation with what it takes and gives. */
export function operations({ mount, tasks, artifacts }: SitePaths): Record<string, unknown> {
  return {
    [`${tasks}/`]: {
      get: {
        operationId: "listTasks",
        summary: "A page of runs, newest first; with `parent`, the parts of one in their order",
        parameters: queryOf(runListQuery),
        responses: list("Task", "The runs of this page"),
      },
    },
    [`${tasks}/{id}/`]: {
      parameters: [id],
      get: {
        operationId: "getTask",
        summary: "One run; with `Prefer: wait`, once it has moved past what the asker has",
        parameters: [
          { name: "If-None-Match", in: "header", description: "ETag of the document that the asker has", schema: { type: "string" } },
          { name: "Prefer", in: "header", description: "wait=25: how many seconds to wait for the next document, 60 at most", schema: { type: "string" } },
          { ...rev, description: "Revision that the asker has, for those who wait without an ETag" },
        ],
        responses: {
          200: { ...body("Task", "The run"), headers: pollHeaders },
          304: { description: "Not changed since the ETag of If-None-Match", headers: pollHeaders },
          ...refusals(404),
        },
      },
      delete: {
        operationId: "deleteTask",
        summary: "Delete a run with all that it left; one under way is canceled first, and a part is only deleted with the whole",
        responses: { 204: { description: "It is gone" }, ...refusals(404, 409) },
      },
    },
    [`${tasks}/{id}/events/`]: {
      parameters: [id],
      get: {
        operationId: "getTaskEvents",
        summary: "The run as it is and as it becomes, as server-sent events, until its end",
        parameters: [lastEventId, { ...rev, description: "Revision that the asker has, in place of Last-Event-ID" }],
        responses: {
          200: events("Each event is a Task, its id the rev; at the end the stream ends. `gone`, with the id: the run was deleted"),
          204: { description: "The run has ended, and the asker has the last of it: do not connect again" },
          ...streamRefusals(404),
        },
      },
    },
    [`${tasks}/{id}/notes/`]: {
      parameters: [id],
      get: {
        operationId: "getTaskNotes",
        summary: "What is true of a run at the moment, in the reader's words; nothing once it has ended",
        responses: { 200: body("Notes", "What else there is to say"), ...refusals(404) },
      },
    },
    [`${mount}/events/`]: {
      get: {
        operationId: "getEvents",
        summary: "The asker's own runs as they are and as they become, as server-sent events",
        parameters: [lastEventId],
        responses: {
          200: events("First `runs`, with the ids of what the stream begins with; then each event is a Task. `gone`, with the id: a run was deleted"),
          ...streamRefusals(),
        },
      },
    },
    [`${tasks}/{id}/cancel/`]: {
      parameters: [id],
      post: {
        operationId: "cancelTask",
        summary: "Ask a run to stop; one that has ended stays as it is",
        responses: { 200: body("Task", "The run as it is now: Canceled when nothing had begun, Canceling while the task has yet to stop"), ...postRefusals() },
      },
    },
    [`${tasks}/{id}/rerun/`]: {
      parameters: [id],
      post: {
        operationId: "rerunTask",
        summary: "Start a new run of the same task with the same input, for the same owner; with `only`, do again only what failed",
        requestBody: { content: { "application/json": { schema: { type: "object", properties: { only: { const: "failed" } } } } } },
        responses: {
          201: { ...body("Task", "The new run"), headers: { Location: { description: "Address of the new run", schema: { type: "string", format: "uri" } } } },
          ...postRefusals(409),
          422: body("InvalidInput", "The task does not take this input any more"),
        },
      },
    },
    [`${artifacts}/`]: {
      get: {
        operationId: "listArtifacts",
        summary: "A page of what runs left, newest first",
        parameters: queryOf(artifactListQuery),
        responses: list("Artifact", "The artifacts of this page"),
      },
    },
    [`${artifacts}/{id}/`]: {
      parameters: [id],
      get: {
        operationId: "getArtifact",
        summary: "One artifact; of a file, with a fresh download link",
        responses: { 200: body("Artifact", "The artifact"), ...refusals(404) },
      },
    },
    [`${artifacts}/{id}/download`]: {
      parameters: [id],
      get: {
        operationId: "downloadArtifact",
        summary: "The file or text itself, as an attachment; single byte ranges and conditions are understood",
        parameters: [
          { name: "expires", in: "query", description: "Part of a download link", schema: { type: "integer" } },
          { name: "signature", in: "query", description: "Part of a download link: with it, no identity is needed", schema: { type: "string" } },
        ],
        responses: {
          200: { description: "The whole of it", content: { "*/*": {} } },
          206: { description: "The part that Range asks for", content: { "*/*": {} } },
          304: { description: "Not changed since the ETag of If-None-Match" },
          ...refusals(404, 416),
        },
      },
    },
  };
}

const id = { name: "id", in: "path", required: true, schema: { type: "string", format: "uuid" } };

const rev = { name: "rev", in: "query", schema: { type: "integer" } };

const lastEventId = { name: "Last-Event-ID", in: "header", description: "Id of the last event that the asker has", schema: { type: "string" } };

const pollHeaders = {
  ETag: { description: "Changes whenever the document does", schema: { type: "string" } },
  "Retry-After": { description: "Until the run has ended: in how many seconds to ask again", schema: { type: "integer" } },
  "Preference-Applied": { description: "The wait of Prefer, when it was granted", schema: { type: "string" } },
};

const reasons: Readonly<Record<number, string>> = {
  400: "A parameter is not valid, or the body cannot be read",
  403: "No identity, not allowed, or sent by a page of another site",
  404: "Unknown, or not the asker's",
  406: "Accept does not take what there is",
  409: "Not possible as things stand",
  413: "The body is too large",
  415: "The body is of a media type that is not understood",
  416: "The range lies outside",
  429: "Too many streams of the asker's are open; ask again after Retry-After, or poll",
  503: "Too many streams are open; ask again after Retry-After, or poll",
};

/** What every operation may answer, and the statuses beside it. */
function refusals(...more: readonly number[]): Record<string, unknown> {
  const described = [403, 406, ...more].map((status) => [status, body("Problem", reasons[status] as string)] as const);
  return { ...Object.fromEntries(described), default: body("Problem", "Any other refusal or failure") };
}

function streamRefusals(...more: readonly number[]): Record<string, unknown> {
  return refusals(...more, 429, 503);
}

function events(description: string) {
  return { description, content: { "text/event-stream": { schema: { type: "string" } } } };
}

function postRefusals(...more: readonly number[]): Record<string, unknown> {
  return { 303: { description: "To a browser's form: on to the page of its field next" }, ...refusals(400, 404, 413, 415, ...more) };
}

function body(schema: string, description: string) {
  return { description, content: { "application/json": { schema: { $ref: `#/components/schemas/${schema}` } } } };
}

function list(schema: string, description: string): Record<string, unknown> {
  const content = { "application/json": { schema: { type: "array", maxItems: 100, items: { $ref: `#/components/schemas/${schema}` } } } };
  const headers = { Link: { description: "RFC 8288: first and, while there is more, next", schema: { type: "string" } } };
  return { 200: { description, headers, content }, ...refusals(400) };
}

function queryOf(schema: z.ZodObject): unknown[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input" });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = property as { description?: string };
    return { name, in: "query", description, schema: rest };
  });
}
