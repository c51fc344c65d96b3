import { afterAll, beforeAll, expect, test } from "vitest";
import type { ArtifactBody, RunBody } from "../../../src/core/wire.ts";
import type { Task } from "../../../src/index.ts";
import { type Gate, newGate } from "../fixture.ts";
import { type Api, openApi, type Who } from "./api.ts";

// Every row of django-user-tasks' request table, for everybody who may ask.

let api: Api;
let work: Task<unknown, unknown>;
let gate: Gate;

beforeAll(async () => {
  api = await openApi();
  work = api.site.errand.task({
    name: "work",
    run: async (input, { artifacts, signal }) => {
      if (input === "hold") await Promise.race([gate.pass(), new Promise((stop) => signal.addEventListener("abort", stop))]);
      signal.throwIfAborted();
      await artifacts.text("made", "Output");
    },
  }) as Task<unknown, unknown>;
});
afterAll(() => api.site.close());

const ended = async () => (await work.delay("go", { owner: "alice" })).id;
const waiting = async () => (await work.start("go", { owner: "alice", runAt: new Date(Date.now() + 3_600_000) })).id;
const running = async () => {
  gate = newGate();
  const { id } = await work.start("hold", { owner: "alice" });
  await gate.reached;
  return id;
};
const artifactOf = async (id: string) => ((await api.site.errand.artifacts.list([id]))[0] as { id: string }).id;
const everyone: readonly Who[] = ["nobody", "alice", "bob", "admin"];
const statuses = async (path: string, method: string) => Promise.all(everyone.map(async (who) => (await api.ask(who, path, { method })).status));

const noIdentity = { detail: "Authentication credentials were not provided." };
const notFound = { detail: "Not found." };
const forbidden = { detail: "You do not have permission to perform this action." };

test("nobody gets 403 from every address of the API, whatever the method", async () => {
  const id = await ended();
  const artifact = await artifactOf(id);
  for (const path of ["tasks", `tasks/${id}`, `tasks/${id}/cancel`, `tasks/${id}/rerun`, "artifacts", `artifacts/${artifact}`]) {
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      expect([path, method, ...(await api.brief("nobody", `/errand/${path}/`, { method }))]).toEqual([path, method, 403, noIdentity]);
    }
  }
  expect((await api.site.errand.get(id))?.state).toBe("succeeded");
});

test("lists: own runs and artifacts only, superusers see all, others an empty list", async () => {
  const id = await ended();
  const lists = async (path: string) =>
    Promise.all(everyone.slice(1).map(async (who) => ((await api.ask(who, path)).body as { id: string }[]).map((entry) => entry.id)));
  const [alice, bob, admin] = await lists("/errand/tasks/");
  expect([alice?.[0], bob, admin?.[0]]).toEqual([id, [], id]);
  const artifact = await artifactOf(id);
  const [alices, bobs, admins] = await lists("/errand/artifacts/");
  expect([alices?.[0], bobs, admins?.[0]]).toEqual([artifact, [], artifact]);
});

test("an unknown, a malformed and somebody else's id are one 404", async () => {
  const id = await ended();
  const artifact = await artifactOf(id);
  const unknown = api.site.errand.newRunId();
  for (const name of [id, unknown, "nonsense", "1", `${id}x`, id.toUpperCase()]) {
    for (const [method, path] of [
      ["GET", ""],
      ["DELETE", ""],
      ["POST", "cancel/"],
      ["POST", "rerun/"],
    ] as const) {
      expect([name, method, path, ...(await api.brief("bob", `/errand/tasks/${name}/${path}`, { method }))]).toEqual([name, method, path, 404, notFound]);
    }
  }
  for (const name of [artifact, unknown, "nonsense"]) {
    expect(await api.brief("bob", `/errand/artifacts/${name}/`)).toEqual([404, notFound]);
    expect(await api.brief("bob", `/errand/artifacts/${name}/download`)).toEqual([404, notFound]);
  }
});

test("GET one: the owner and superusers; the owner's name is for superusers only", async () => {
  const id = await ended();
  expect(await statuses(`/errand/tasks/${id}/`, "GET")).toEqual([403, 200, 404, 200]);
  expect((await api.ask<RunBody>("admin", `/errand/tasks/${id}/`)).body.owner).toBe("alice");
  expect((await api.ask<RunBody>("alice", `/errand/tasks/${id}/`)).body).not.toHaveProperty("owner");
  expect((await api.ask<RunBody[]>("admin", "/errand/tasks/")).body.every((run) => run.owner === "alice")).toBe(true);
  expect(await statuses(`/errand/artifacts/${await artifactOf(id)}/`, "GET")).toEqual([403, 200, 404, 200]);
});

test("cancel a pending run: 200 and Canceled at once; again, or once it has ended: 200 and unchanged", async () => {
  const id = await waiting();
  expect((await api.ask("bob", `/errand/tasks/${id}/cancel/`, { method: "POST" })).status).toBe(404);
  expect((await api.site.errand.get(id))?.state).toBe("pending");
  const first = await api.ask<RunBody>("alice", `/errand/tasks/${id}/cancel/`, { method: "POST" });
  expect([first.status, first.body.state]).toEqual([200, "Canceled"]);
  const again = await api.ask<RunBody>("alice", `/errand/tasks/${id}/cancel/`, { method: "POST" });
  expect([again.status, again.body]).toEqual([200, first.body]);
  const done = await ended();
  const late = await api.ask<RunBody>("alice", `/errand/tasks/${done}/cancel/`, { method: "POST" });
  expect([late.status, late.body.state]).toEqual([200, "Succeeded"]);
  const foreign = await waiting();
  expect((await api.ask<RunBody>("admin", `/errand/tasks/${foreign}/cancel/`, { method: "POST" })).body.state).toBe("Canceled");
});

test("DELETE: 204 and gone for everybody, again 404; also while it runs", async () => {
  const id = await ended();
  const artifact = await artifactOf(id);
  expect((await api.ask("bob", `/errand/tasks/${id}/`, { method: "DELETE" })).status).toBe(404);
  const gone = await api.ask("alice", `/errand/tasks/${id}/`, { method: "DELETE" });
  expect([gone.status, gone.text]).toEqual([204, ""]);
  expect(await statuses(`/errand/tasks/${id}/`, "GET")).toEqual([403, 404, 404, 404]);
  expect(await statuses(`/errand/artifacts/${artifact}/`, "GET")).toEqual([403, 404, 404, 404]);
  expect((await api.ask("alice", `/errand/tasks/${id}/`, { method: "DELETE" })).status).toBe(404);
  const busy = await running();
  expect((await api.ask("admin", `/errand/tasks/${busy}/`, { method: "DELETE" })).status).toBe(204);
  expect((await api.ask("alice", `/errand/tasks/${busy}/`)).status).toBe(404);
});

test("rerun: 201 with a new run of the same owner, at its Location; 409 while the old one has not ended", async () => {
  const id = await ended();
  const answer = await api.ask<RunBody>("alice", `/errand/tasks/${id}/rerun/`, { method: "POST" });
  expect([answer.status, answer.body.rerun_of, answer.headers.get("location")]).toEqual([201, id, answer.body.url]);
  expect(answer.body.id).not.toBe(id);
  expect((await api.ask("alice", answer.body.url)).status).toBe(200);
  const byAdmin = await api.ask<RunBody>("admin", `/errand/tasks/${id}/rerun/`, { method: "POST" });
  expect([byAdmin.status, byAdmin.body.owner]).toEqual([201, "alice"]);
  const pending = await waiting();
  const early = await api.ask<{ detail: string }>("alice", `/errand/tasks/${pending}/rerun/`, { method: "POST" });
  expect([early.status, early.body.detail]).toEqual([409, expect.stringContaining("has not ended yet")]);
});

test("methods that are not there: 405 with Allow; writing to a record is forbidden to all but superusers first", async () => {
  const id = await ended();
  const artifact = await artifactOf(id);
  const rows = [
    ["/errand/tasks/", "POST", [403, 405, 405, 405], "GET, HEAD, OPTIONS"],
    ["/errand/tasks/", "DELETE", [403, 405, 405, 405], "GET, HEAD, OPTIONS"],
    [`/errand/tasks/${id}/`, "PUT", [403, 403, 403, 405], "GET, HEAD, DELETE, OPTIONS"],
    [`/errand/tasks/${id}/`, "PATCH", [403, 403, 403, 405], "GET, HEAD, DELETE, OPTIONS"],
    [`/errand/tasks/${id}/`, "POST", [403, 405, 405, 405], "GET, HEAD, DELETE, OPTIONS"],
    [`/errand/tasks/${id}/cancel/`, "GET", [403, 405, 405, 405], "POST, OPTIONS"],
    [`/errand/tasks/${id}/rerun/`, "GET", [403, 405, 405, 405], "POST, OPTIONS"],
    ["/errand/artifacts/", "POST", [403, 403, 403, 405], "GET, HEAD, OPTIONS"],
    [`/errand/artifacts/${artifact}/`, "POST", [403, 403, 403, 405], "GET, HEAD, OPTIONS"],
    [`/errand/artifacts/${artifact}/`, "DELETE", [403, 403, 403, 405], "GET, HEAD, OPTIONS"],
    ["/errand/openapi.json", "POST", [405, 405, 405, 405], "GET, HEAD"],
    [`/errand/artifacts/${artifact}/download`, "DELETE", [405, 405, 405, 405], "GET, HEAD"],
  ] as const;
  for (const [path, method, expected, allow] of rows) {
    expect([path, method, await statuses(path, method)]).toEqual([path, method, expected]);
    expect([path, method, (await api.ask("admin", path, { method })).headers.get("allow")]).toEqual([path, method, allow]);
  }
  expect(await api.brief("alice", `/errand/tasks/${id}/`, { method: "PATCH" })).toEqual([403, forbidden]);
  expect((await api.site.errand.get(id))?.state).toBe("succeeded");
});

test("OPTIONS says what an address is, HEAD answers without a body", async () => {
  const options = await api.ask<object>("alice", "/errand/tasks/", { method: "OPTIONS" });
  expect([options.status, Object.keys(options.body), options.headers.get("allow")]).toEqual([
    200,
    ["name", "description", "renders", "parses"],
    "GET, HEAD, OPTIONS",
  ]);
  for (const path of ["tasks/", `tasks/${await ended()}/`, "artifacts/"]) {
    const head = await api.ask("alice", `/errand/${path}`, { method: "HEAD" });
    expect([path, head.status, head.text, head.headers.get("content-type")]).toEqual([path, 200, "", "application/json"]);
  }
});

test("an Accept that JSON does not satisfy is 406", async () => {
  const id = await ended();
  for (const accept of ["application/xml", "text/html", "application/json;q=0", "text/*, image/*;q=0.5"]) {
    const response = await api.ask("alice", `/errand/tasks/${id}/`, { headers: { accept } });
    expect([accept, response.status]).toEqual([accept, 406]);
  }
  for (const accept of ["*/*", "application/json", "application/*", "text/html, */*;q=0.1", "text/plain, application/json; q=0.5", "", "APPLICATION/JSON"]) {
    expect([accept, (await api.ask("alice", `/errand/tasks/${id}/`, { headers: { accept } })).status]).toEqual([accept, 200]);
  }
});

test("the slash at the end is optional; unknown addresses are 404", async () => {
  const id = await ended();
  for (const path of ["tasks", `tasks/${id}`, "artifacts", `artifacts/${await artifactOf(id)}`]) {
    expect([path, (await api.ask("alice", `/errand/${path}`)).text]).toEqual([path, (await api.ask("alice", `/errand/${path}/`)).text]);
  }
  for (const path of ["task/", "tasks//", `tasks/${id}/resume/`, "artifacts/a/b/c/", "openapi.yaml"]) {
    expect([path, (await api.ask("alice", `/errand/${path}`)).status]).toEqual([path, 404]);
  }
});

test("a browser's form is led on to a page of this site after cancel and rerun", async () => {
  const headers = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
  const [one, two, three] = [await waiting(), await ended(), await ended()];
  for (const [path, next, location] of [
    [`${one}/cancel/`, "/my-tasks?page=2", "/my-tasks?page=2"],
    [`${two}/rerun/`, "https://evil.example/", "/"],
    [`${three}/rerun/`, "//evil.example", "/"],
  ] as const) {
    const answer = await api.site.web.handler(
      new Request(`https://tickets.example/errand/tasks/${path}`, {
        method: "POST",
        headers: { ...headers, "x-user": "alice", "sec-fetch-site": "same-origin" },
        body: new URLSearchParams({ next }),
      }),
    );
    expect([path, answer.status, answer.headers.get("location")]).toEqual([path, 303, location]);
  }
  expect((await api.site.errand.get(one))?.state).toBe("canceled");
});

test("an artifact document has these fields, in django-user-tasks' words", async () => {
  const id = await ended();
  const artifact = await artifactOf(id);
  const iso = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const body = {
    id: artifact,
    self: `https://tickets.example/errand/artifacts/${artifact}/`,
    name: "Output",
    kind: "text",
    created: iso,
    modified: iso,
    status: `https://tickets.example/errand/tasks/${id}/`,
    file: "",
    type: null,
    size: null,
    text: "made",
    url: "",
  };
  const { body: one } = await api.ask<ArtifactBody>("alice", `/errand/artifacts/${artifact}/`);
  expect(one).toEqual(body);
  expect((await api.ask<RunBody>("alice", one.status)).body.artifacts).toEqual([one.self]);
});
