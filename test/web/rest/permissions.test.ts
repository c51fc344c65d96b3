import { afterEach, expect, test } from "vitest";
import type { ArtifactBody, PretixBody, RunBody } from "../../../src/core/wire.ts";
import type { Run, Task } from "../../../src/index.ts";
import type { Action, Visitor, WebOptions } from "../../../src/web/index.ts";
import { Browser } from "../fixture.ts";
import { type Api, openApi } from "./api.ts";

let api: Api;
let work: Task<unknown, unknown>;

afterEach(() => api.site.close());

async function open(options: WebOptions): Promise<void> {
  api = await openApi(options);
  work = api.site.errand.task({
    name: "work",
    run: async (_input, { artifacts }) => {
      await artifacts.file("made.txt", "made");
    },
  }) as Task<unknown, unknown>;
}

const ended = async (owner = "alice") => (await work.delay(null, { owner })).id;
const artifactOf = async (id: string) => ((await api.site.errand.artifacts.list([id]))[0] as { id: string }).id;
const idsOf = (entries: readonly { readonly id: string }[]) => entries.map((entry) => entry.id);

/** The address and method of every action on a run and its artifact. */
const routes = (run: string, artifact: string): readonly (readonly [Action, string, string])[] => [
  ["view", "GET", `/errand/tasks/${run}/`],
  ["view", "GET", `/errand/artifacts/${artifact}/`],
  ["download", "GET", `/errand/artifacts/${artifact}/download`],
  ["cancel", "POST", `/errand/tasks/${run}/cancel/`],
  ["rerun", "POST", `/errand/tasks/${run}/rerun/`],
  ["delete", "DELETE", `/errand/tasks/${run}/`],
];

test("can is asked about the action and the run, and decides, at once or later", async () => {
  const asked: [string | null, Action, string][] = [];
  await open({
    can: async (visitor: Visitor, action: Action, run: Run) => {
      asked.push([visitor.owner, action, run.id]);
      return run.owner === "alice" && (visitor.owner === "bob" || action === "view");
    },
  });
  const id = await ended();
  const artifact = await artifactOf(id);
  for (const [action, method, path] of routes(id, artifact)) {
    asked.length = 0;
    const admin = await api.ask("admin", path, { method });
    expect([path, admin.status]).toEqual([path, action === "view" ? 200 : 403]);
    const wanted = action === "view" && path.includes("artifacts") ? ["view", "download"] : action === "view" ? ["view"] : ["view", action];
    expect(asked).toEqual(wanted.map((one) => ["admin", one, id]));
    expect([path, (await api.ask("alice", path, { method })).status]).toEqual([path, action === "view" ? 200 : 403]);
    expect((await api.ask("nobody", path, { method })).status).toBe(403);
  }
  for (const [action, method, path] of routes(id, artifact)) {
    const { status } = await api.ask("bob", path, { method });
    expect([path, status]).toEqual([path, { view: 200, download: 200, cancel: 200, rerun: 201, delete: 204 }[action]]);
  }
  expect(await api.site.errand.get(id)).toBeNull();
});

test("may view, may not cancel, delete or rerun: 403 in words and nothing happens", async () => {
  await open({ can: (_visitor, action) => (action === "view" ? undefined : false) });
  const id = await ended();
  for (const [action, method, path] of routes(id, await artifactOf(id))) {
    if (action === "view") continue;
    expect([path, ...(await api.brief("alice", path, { method }))]).toEqual([path, 403, { detail: "You do not have permission to perform this action." }]);
    expect([path, (await api.ask("bob", path, { method })).status]).toEqual([path, 404]);
  }
  expect((await api.site.errand.get(id))?.state).toBe("succeeded");
  expect((await api.ask<ArtifactBody>("alice", `/errand/artifacts/${await artifactOf(id)}/`)).body.file).toBe("");
  expect((await api.ask<ArtifactBody[]>("alice", "/errand/artifacts/")).body.map(({ file }) => file)).toEqual([""]);
});

test("who may not view sees 404, whatever else can allows, and the run is in no list", async () => {
  await open({ can: (_visitor, action) => action !== "view" });
  const id = await ended();
  for (const [, method, path] of routes(id, await artifactOf(id))) {
    expect([path, (await api.ask("alice", path, { method })).status]).toEqual([path, 404]);
  }
  expect((await api.ask("alice", "/errand/tasks/")).body).toEqual([]);
  expect((await api.ask("admin", "/errand/artifacts/")).body).toEqual([]);
});

test("what can leaves undefined is the owner's and superusers', as without it", async () => {
  await open({ can: () => undefined });
  const id = await ended();
  const statuses = await Promise.all((["nobody", "alice", "bob", "admin"] as const).map(async (who) => (await api.ask(who, `/errand/tasks/${id}/`)).status));
  expect(statuses).toEqual([403, 200, 404, 200]);
  expect(idsOf((await api.ask<RunBody[]>("alice", "/errand/tasks/")).body)).toEqual([id]);
});

test("only true is a yes: a promise that is no Promise is waited for, and anything else is a no", async () => {
  let answer: unknown;
  await open({
    identify: (request) => {
      const id = request.headers.get("x-user");
      // biome-ignore lint/suspicious/noThenProperty: what query builders return.
      return { then: (done: (user: object | null) => void) => done(id === null ? null : { id }) } as never;
    },
    can: () => answer as never,
  });
  const id = await ended("alice");
  const ask = async (who: "alice" | "bob") => [
    (await api.ask(who, `/errand/tasks/${id}/`)).status,
    (await api.ask<RunBody[]>(who, "/errand/tasks/")).body.length,
    (await api.ask<ArtifactBody[]>(who, "/errand/artifacts/")).body.length,
  ];
  for (const no of [false, null, 0, "yes", {}, 1]) {
    // biome-ignore lint/suspicious/noThenProperty: as above.
    for (const said of [no, Promise.resolve(no), { then: (done: (later: unknown) => void) => done(no) }]) {
      answer = said;
      expect([no, await ask("alice"), await ask("bob")]).toEqual([no, [404, 0, 0], [404, 0, 0]]);
    }
  }
  // biome-ignore lint/suspicious/noThenProperty: as above.
  answer = { then: (done: (later: unknown) => void) => done(true) };
  expect([await ask("alice"), await ask("bob")]).toEqual([
    [200, 1, 1],
    [200, 0, 0],
  ]);
});

test("can also decides for the pretix face, and for its cancel", async () => {
  const friends = new Set<string>();
  await open({ can: (visitor, action) => visitor.owner === "alice" || (visitor.owner !== null && friends.has(`${visitor.owner} ${action}`)) });
  const action = api.site.web.asyncAction({ task: work, successUrl: "/", errorUrl: "/" });
  const { async_id } = (await (await new Browser(action, "alice").send("/work", { form: { ajax: "1" } })).json()) as PretixBody;
  const bob = new Browser(action, "bob");
  const check = async () => (await bob.send(`/work?async_id=${async_id}&ajax=1`)).status;
  const cancel = async () => (await api.ask("bob", `/errand/tasks/${async_id}/cancel/`, { method: "POST" })).status;
  expect([await check(), await cancel()]).toEqual([404, 404]);
  friends.add("bob view");
  expect([await check(), await cancel()]).toEqual([200, 403]);
  friends.add("bob cancel");
  expect([await check(), await cancel()]).toEqual([200, 200]);
});

test("nobody may do anything, whatever can says", async () => {
  await open({ can: () => true, listFilter: { tasks: () => ({}), artifacts: () => ({}) } });
  const action = api.site.web.asyncAction({ task: work, successUrl: "/", errorUrl: "/" });
  const id = await ended();
  const artifact = await artifactOf(id);
  const paths = [...routes(id, artifact), ["view", "GET", "/errand/tasks/"], ["view", "GET", "/errand/artifacts/"]] as const;
  for (const [, method, path] of paths) expect([path, (await api.ask("nobody", path, { method })).status]).toEqual([path, 403]);
  expect((await new Browser(action).send(`/work?async_id=${id}&ajax=1`)).status).toBe(404);
  expect((await new Browser(action, "bob").send(`/work?async_id=${id}&ajax=1`)).status).toBe(200);
});

test("a can that throws is 500 with a support code, never a yes", async () => {
  await open({
    can: () => {
      throw new Error("the team service is down");
    },
  });
  const id = await ended();
  const answer = await api.ask<{ support: string }>("alice", `/errand/tasks/${id}/`);
  expect([answer.status, answer.text.includes("team service")]).toEqual([500, false]);
  expect(api.site.logged.some(({ fields }) => fields.support === answer.body.support)).toBe(true);
});

test("a list filter opens and closes lists, and a query only narrows it", async () => {
  await open({
    can: (visitor, action, run) => (action === "view" && visitor.owner === "bob" && run.owner === "alice") || undefined,
    listFilter: { tasks: ({ owner }) => (owner === "bob" ? { owner: "alice", states: ["succeeded", "failed"], task: "work" } : { owner }) },
  });
  const id = await ended();
  const waiting = (await work.start(null, { owner: "alice", runAt: new Date(Date.now() + 3_600_000) })).id;
  const list = async (who: "alice" | "bob" | "admin", query = "") => idsOf((await api.ask<RunBody[]>(who, `/errand/tasks/${query}`)).body);
  expect([await list("bob"), await list("alice"), await list("admin")]).toEqual([[id], [waiting, id], []]);
  expect(await list("bob", "?state=Pending")).toEqual([]);
  expect(await list("bob", "?state=Pending&state=Succeeded")).toEqual([id]);
  expect(await list("bob", "?task=other")).toEqual([]);
  expect(await list("bob", "?task=work&name=WORK&created_after=2020-01-01")).toEqual([id]);
  expect(await list("bob", "?owner=carol")).toEqual([id]);
  expect((await api.ask("bob", "/errand/artifacts/")).body).toEqual([]);
});

test("a list filter with an owner that is undefined is refused in words: it would show everybody's", async () => {
  await open({ listFilter: { tasks: ({ user }) => ({ owner: user?.id === "alice" ? "alice" : undefined }) as never } });
  await ended();
  expect((await api.ask("alice", "/errand/tasks/")).status).toBe(200);
  expect((await api.ask("bob", "/errand/tasks/")).status).toBe(500);
  expect(api.site.logged.map(({ fields }) => String(fields.error))).toEqual([expect.stringContaining("listFilter.tasks returned an owner that is undefined")]);
});

test("an anonymous visitor owns their runs in the API too, by the signed cookie only", async () => {
  await open({});
  const action = api.site.web.asyncAction({ task: work, successUrl: "/", errorUrl: "/" });
  const starter = new Browser(action);
  const { async_id: id } = (await (await starter.send("/work", { form: { ajax: "1" } })).json()) as PretixBody;
  await api.site.errand.wait(id, { timeout: 10_000 });
  const visitor = starter.as(api.site.web.handler);
  expect(idsOf((await api.ask<RunBody[]>(visitor, "/errand/tasks/")).body)).toEqual([id]);
  const [artifact] = (await api.ask<ArtifactBody[]>(visitor, "/errand/artifacts/")).body as [ArtifactBody];
  expect((await api.ask(visitor, artifact.file)).text).toBe("made");
  for (const [, method, path] of routes(id, artifact.id)) {
    expect([path, (await api.ask("bob", path, { method })).status]).toEqual([path, 404]);
  }
  const other = new Browser(action);
  await other.send("/work", { form: { ajax: "1" } });
  expect((await api.ask(other.as(api.site.web.handler), `/errand/tasks/${id}/`)).status).toBe(404);
  const forged = new Browser(api.site.web.handler);
  forged.cookies.set("errand_visitor", `${visitor.cookies.get("errand_visitor")?.split(".")[0]}.forged`);
  expect((await api.ask(forged, "/errand/tasks/")).status).toBe(403);
  expect((await api.ask(visitor, `/errand/tasks/${id}/rerun/`, { method: "POST" })).status).toBe(201);
  expect((await api.ask(visitor, `/errand/tasks/${id}/`, { method: "DELETE" })).status).toBe(204);
});
