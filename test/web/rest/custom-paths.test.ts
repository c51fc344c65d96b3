import { afterEach, expect, test } from "vitest";
import type { ArtifactBody, PretixBody, RunBody } from "../../../src/core/wire.ts";
import { errandWeb } from "../../../src/web/index.ts";
import { Browser } from "../fixture.ts";
import { type Api, openApi } from "./api.ts";

let api: Api;

afterEach(() => api.site.close());

test("the collections can have other names and another mount; every link follows", async () => {
  api = await openApi({ path: "/api/v1", paths: { tasks: "user_tasks", artifacts: "user_task_artifacts" } });
  const task = api.site.errand.task({ name: "work", run: async (_input, { artifacts }) => void (await artifacts.file("made.txt", "made")) });
  const { id } = await task.delay(undefined, { owner: "alice" });
  const [run] = (await api.ask<RunBody[]>("alice", "/api/v1/user_tasks/?limit=1")).body as [RunBody];
  expect([run.url, run.artifacts]).toEqual([
    `https://tickets.example/api/v1/user_tasks/${id}/`,
    [expect.stringMatching(/^https:\/\/tickets\.example\/api\/v1\/user_task_artifacts\/[0-9a-f-]{36}\/$/)],
  ]);
  const { body } = await api.ask<ArtifactBody>("alice", run.artifacts[0] as string);
  expect(body.status).toBe(run.url);
  expect((await api.ask("nobody", body.file)).text).toBe("made");
  const rerun = await api.ask<RunBody>("alice", `${run.url}rerun/`, { method: "POST" });
  expect(rerun.headers.get("location")).toBe(`https://tickets.example/api/v1/user_tasks/${rerun.body.id}/`);
  const lists = await api.ask("alice", "/api/v1/user_tasks/?limit=1");
  expect(lists.headers.get("link")).toContain("<https://tickets.example/api/v1/user_tasks/?limit=1&cursor=");
  expect((await api.ask("alice", "/api/v1/tasks/")).status).toBe(404);
  expect((await api.ask("alice", "/api/v1/errand.css")).status).toBe(200);
});

test("the pretix face cancels at the same address", async () => {
  api = await openApi({ path: "/", paths: { tasks: "background/jobs" } });
  const task = api.site.errand.task({
    name: "hold",
    run: (_input, { signal }) => new Promise((_, fail) => signal.addEventListener("abort", () => fail(signal.reason as Error))),
  });
  const action = api.site.web.asyncAction({ task, successUrl: "/", errorUrl: "/", wait: 0 });
  const { cancel_url } = (await (await new Browser(action, "alice").send("/hold", { form: { ajax: "1" } })).json()) as PretixBody;
  expect(cancel_url).toMatch(/^\/background\/jobs\/[0-9a-f-]{36}\/cancel\/$/);
  expect((await api.ask("alice", cancel_url as string, { method: "POST" })).status).toBe(200);
});

test("names that cannot be are refused in words", async () => {
  api = await openApi();
  const { errand } = api.site;
  for (const tasks of ["", "/jobs", "jobs/", "a b", "a//b", "..", ":id", "*", "openapi.json", "errand.css", "runs", "runs/of/mine", "admin"]) {
    expect(() => errandWeb(errand, { paths: { tasks } })).toThrow(
      `that is not taken (admin, asynctask.js, errand-elements.js, errand-fields.js, errand-live.js, errand-pages.js, errand-push-worker.js, errand-push.js, errand.css, events, healthz, live, openapi.json, push, readyz, runs), but is ${JSON.stringify(tasks)}`,
    );
  }
  expect(() => errandWeb(errand, { paths: { tasks: "jobs", artifacts: "jobs" } })).toThrow("must not lie in one another");
  expect(() => errandWeb(errand, { paths: { tasks: "jobs", artifacts: "jobs/files" } })).toThrow('but are "jobs" and "jobs/files"');
});
