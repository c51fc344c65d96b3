import { afterEach, beforeEach, expect, test } from "vitest";
import type { ArtifactBody, RunBody } from "../../../src/core/wire.ts";
import { type Run, UserError } from "../../../src/index.ts";
import { errandWeb } from "../../../src/web/index.ts";
import { newGate, until } from "../fixture.ts";
import { type Api, openApi, person } from "./api.ts";

// The defects of django-user-tasks that its REST API shows, by the letters under which they are known to this project.

let api: Api;

beforeEach(async () => {
  api = await openApi({}, { messages: { en: { "course.section": "Exporting {section}" }, de: { "course.section": "{section} wird exportiert" } } });
});
afterEach(() => api.site.close());

const document = async (id: string, headers: Record<string, string> = {}) => (await api.ask<RunBody>("alice", `/errand/tasks/${id}/`, { headers })).body;

test("(a) the filter of the list of artifacts is its own, not that of the list of tasks", async () => {
  const { errand } = api.site;
  const web = errandWeb(errand, {
    identify: (request) => ({ id: request.headers.get("x-user") as string }),
    listFilter: { tasks: () => ({ owner: "alice" }), artifacts: () => ({ owner: "bob" }) },
  });
  const task = errand.task({ name: "work", run: async (_input, { artifacts }) => void (await artifacts.text("made")) });
  const alices = await task.delay(undefined, { owner: "alice" });
  const bobs = await task.delay(undefined, { owner: "bob" });
  const carol = (path: string) => new Request(`https://tickets.example/errand/${path}/`, { headers: { "x-user": "carol" } });
  const runs = (await (await web.handler(carol("tasks"))).json()) as RunBody[];
  expect(runs.map(({ id }) => id)).toEqual([alices.id]);
  const artifacts = (await (await web.handler(carol("artifacts"))).json()) as ArtifactBody[];
  expect(artifacts.map(({ status }) => status)).toEqual([`https://tickets.example/errand/tasks/${bobs.id}/`]);
});

test("(b) canceling a pending run is heard once, with the state that the answer and the store have", async () => {
  const { errand } = api.site;
  const heard: Run[] = [];
  errand.on("userTaskStopped", ({ run }) => void heard.push(run));
  const task = errand.task({ name: "later", run: () => 1 });
  const { id } = await task.start(undefined, { owner: "alice", runAt: new Date(Date.now() + 3_600_000) });
  const { body } = await api.ask<RunBody>("alice", `/errand/tasks/${id}/cancel/`, { method: "POST" });
  await api.ask("alice", `/errand/tasks/${id}/cancel/`, { method: "POST" });
  await errand.close();
  expect(body.state).toBe("Canceled");
  expect(heard.map((run) => [run.id, run.state])).toEqual([[id, "canceled"]]);
});

test("(c) a retry begins its steps anew: never more done than there are", async () => {
  const task = api.site.errand.task({
    name: "retried",
    retries: { times: 1, delay: 0 },
    calculateTotalSteps: () => 5,
    run: async (_input, { status, attempt }) => {
      await status.incrementCompletedSteps(attempt === 1 ? 5 : 4);
      if (attempt === 1) throw new Error("once more");
      throw new UserError("enough");
    },
  });
  const { id } = await task.delay(undefined, { owner: "alice" });
  const { completed_steps, total_steps, percentage, attempts, state } = await document(id);
  expect([completed_steps, total_steps, percentage, attempts, state]).toEqual([4, 5, 80, 2, "Failed"]);
});

test("(d) every entry of a list can be read, canceled and deleted by what it says of itself", async () => {
  const task = api.site.errand.task({ name: "later", run: () => 1 });
  await task.start(undefined, { owner: "alice", runAt: new Date(Date.now() + 3_600_000) });
  const [entry] = (await api.ask<RunBody[]>("alice", "/errand/tasks/")).body as [RunBody];
  expect(entry).toMatchObject({ url: `https://tickets.example/errand/tasks/${entry.id}/`, task: "later" });
  expect((await api.ask<RunBody>("alice", entry.url)).body).toEqual(entry);
  expect((await api.ask<RunBody>("alice", `${entry.url}cancel/`, { method: "POST" })).body.state).toBe("Canceled");
  expect((await api.ask("alice", entry.url, { method: "DELETE" })).status).toBe(204);
});

test("(e) steps have no 16-bit ceiling", async () => {
  const task = api.site.errand.task({
    name: "many",
    calculateTotalSteps: () => 3_000_000_000,
    run: async (_input, { status }) => {
      await status.incrementCompletedSteps(2_999_999_999);
      throw new UserError("nearly");
    },
  });
  const { id } = await task.delay(undefined, { owner: "alice" });
  const { completed_steps, total_steps } = await document(id);
  expect([completed_steps, total_steps]).toEqual([2_999_999_999, 3_000_000_000]);
});

test("(f) deleting a run deletes its files", async () => {
  const { errand } = api.site;
  const task = errand.task({ name: "file", run: async (_input, { artifacts }) => void (await artifacts.file("made.txt", "made")) });
  const { id } = await task.delay(undefined, { owner: "alice" });
  expect(await errand.storage.list(`artifacts/${id}`)).toHaveLength(1);
  await api.ask("alice", `/errand/tasks/${id}/`, { method: "DELETE" });
  expect(await errand.storage.list(`artifacts/${id}`)).toEqual([]);
});

test("(h) the task's own words stand in state_text, and never in the way of the state", async () => {
  const gate = newGate();
  const task = api.site.errand.task({
    name: "words",
    run: async (_input, { status }) => {
      await status.setState("Succeeded");
      await gate.pass();
    },
  });
  const { id } = await task.start(undefined, { owner: "alice" });
  await until(api.site.errand, id, (run) => run.stateText !== null);
  const running = await document(id);
  gate.open();
  await api.site.errand.wait(id, { timeout: 10_000 });
  const ended = await document(id);
  expect([running.state, running.state_text, running.ended]).toEqual(["In Progress", "Succeeded", null]);
  expect([ended.state, ended.state_text]).toEqual(["Succeeded", "Succeeded"]);
  expect((await api.ask<RunBody[]>("alice", "/errand/tasks/?state=Succeeded")).body.map((run) => run.id)).toEqual([id]);
});

test("(i) the words are in the reader's language, the state always in English", async () => {
  const gate = newGate();
  const task = api.site.errand.task({
    name: "languages",
    run: async (_input, { status }) => {
      await status.setState({ key: "course.section", params: { section: "Kapitel 3" } });
      await gate.pass();
    },
  });
  const { id } = await task.start(undefined, { owner: "alice" });
  await until(api.site.errand, id, (run) => run.stateText !== null);
  const read = async (language: string) => {
    const { state, state_text } = await document(id, { "accept-language": language });
    return [state, state_text];
  };
  expect(await read("de-AT")).toEqual(["In Progress", "Kapitel 3 wird exportiert"]);
  expect(await read("en")).toEqual(["In Progress", "Exporting Kapitel 3"]);
  gate.open();
  await api.site.errand.wait(id, { timeout: 10_000 });
  expect(await read("de")).toEqual(["Succeeded", "Erfolgreich"]);
});

test("(j) users read what a UserError says, and of any other error nothing but a general sentence", async () => {
  const { errand } = api.site;
  const broken = errand.task({ name: "broken", run: () => Promise.reject(new Error("password=hunter2 at db.internal")) });
  const honest = errand.task({ name: "honest", run: () => Promise.reject(new UserError("The course has no chapters.")) });
  const one = (await broken.delay(undefined, { owner: "alice" })).id;
  const two = (await honest.delay(undefined, { owner: "alice" })).id;
  for (const path of [`tasks/${one}/`, "tasks/", "artifacts/", `artifacts/?run=${one}`]) {
    const { text } = await api.ask("alice", `/errand/${path}`);
    expect([path, /hunter2|db\.internal/.test(text)]).toEqual([path, false]);
  }
  expect((await document(one)).error).toContain("An unexpected error has occurred");
  expect((await document(two)).error).toBe("The course has no chapters.");
  const [artifact] = (await api.ask<ArtifactBody[]>("alice", `/errand/artifacts/?run=${two}`)).body;
  expect([artifact?.name, artifact?.text]).toEqual(["Error", "The course has no chapters."]);
});

test("(k) cancel of a running run says Canceling until the task has stopped, and only then Canceled", async () => {
  const { errand } = api.site;
  const asked = newGate();
  const stopping = newGate();
  const task = errand.task({
    name: "stops slowly",
    run: async (_input, { signal }) => {
      await asked.pass();
      await stopping.pass();
      signal.throwIfAborted();
    },
  });
  const { id } = await task.start(undefined, { owner: "alice" });
  await asked.reached;
  const first = await api.ask<RunBody>("alice", `/errand/tasks/${id}/cancel/`, { method: "POST" });
  expect([first.status, first.body.state, first.body.ended]).toEqual([200, "Canceling", null]);
  const again = await api.ask<RunBody>("alice", `/errand/tasks/${id}/cancel/`, { method: "POST" });
  expect([again.status, again.body.state]).toEqual([200, "Canceling"]);
  expect((await person(api.site.web.handler, "alice").send(`/errand/tasks/${id}/rerun/`, { method: "POST" })).status).toBe(409);
  asked.open();
  stopping.open();
  await errand.wait(id, { timeout: 10_000 });
  expect((await document(id)).state).toBe("Canceled");
});
