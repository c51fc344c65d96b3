import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Told } from "../runtime/notify/told.ts";
import { patiently } from "../support/patiently.ts";
import { freshDatabase } from "../support/temp.ts";
import { Browser, type Gate, newGate, ORIGIN, openSite, type TestSite } from "./fixture.ts";

let site: TestSite;
let gate: Gate;
let file: string;
let runs: Record<string, string>;
let action: ReturnType<TestSite["web"]["asyncAction"]>;

beforeEach(async () => {
  file = freshDatabase();
  site = await openSite({}, { database: `file:${file}`, notify: { channels: [new Told()], when: "absent" } });
  gate = newGate();
  const task = site.errand.task({ name: "wait", run: () => gate.pass() });
  action = site.web.asyncAction({ task: task as never, wait: 0, successUrl: "/", errorUrl: "/" });
  runs = Object.fromEntries(await Promise.all(["ann", "bob"].map(async (owner) => [owner, (await task.start(null, { owner })).id])));
});

afterEach(async () => {
  gate.open();
  await site.close();
});

/** Until when the store believes that this owner's pages watch, ms from now; null when it knows nothing of them. */
function watchedFor(owner: string): number | null {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const row = db.prepare("SELECT until FROM errand_presence WHERE owner = ?").get(owner) as { until: number } | undefined;
    return row === undefined ? null : row.until - Date.now();
  } finally {
    db.close();
  }
}

type Asking = readonly [what: string, path: (id: string) => string, headers: Record<string, string>];

const askings: readonly Asking[] = [
  ["a poll", (id) => `/errand/tasks/${id}/`, {}],
  ["a poll that has the newest", (id) => `/errand/tasks/${id}/`, { "if-none-match": "*" }],
  ["a long poll", (id) => `/errand/tasks/${id}/`, { prefer: "wait=1", "if-none-match": "*" }],
  ["the stream of a run", (id) => `/errand/tasks/${id}/events/`, {}],
  ["the stream of all runs", () => "/errand/events/", {}],
  ["a run's page", (id) => `/errand/runs/${id}`, { accept: "text/html" }],
  ["the list's page", () => "/errand/", { accept: "text/html" }],
  ["what the pages ask", (id) => `/errand/live?view=card&run=${id}:1`, {}],
];

test.each(askings)("%s counts as watching, unless its page is hidden", async (_, path, headers) => {
  const [ann, bob] = ["ann", "bob"].map((user) => new Browser(site.web.handler, user)) as [Browser, Browser];
  const hidden = await bob.send(path(runs.bob as string), { headers: { ...headers, "errand-page": "hidden" } });
  const shown = await ann.send(path(runs.ann as string), { headers: { ...headers } });
  expect([hidden.status, shown.status]).toEqual([shown.status, hidden.status]);
  expect(shown.status).toBeLessThan(400);
  await expect.poll(() => watchedFor("ann"), patiently).toBeGreaterThan(0);
  expect(watchedFor("bob")).toBeNull();
  await Promise.all([hidden.body?.cancel(), shown.body?.cancel()]);
});

test("a stream counts for as long as it is open", async () => {
  const ann = new Browser(site.web.handler, "ann");
  const stream = await ann.send("/errand/events/");
  await expect.poll(() => watchedFor("ann"), patiently).toBeGreaterThan(0);
  await stream.body?.cancel();
  await expect.poll(() => watchedFor("ann"), patiently).toBeLessThanOrEqual(0);
});

test("when the errand closes, its streams end, and their pages have 10 s to find another process", async () => {
  const stream = await new Browser(site.web.handler, "ann").send("/errand/events/");
  await expect.poll(() => watchedFor("ann"), patiently).toBeGreaterThan(0);
  gate.open();
  const before = Date.now();
  await Promise.all([stream.text(), site.errand.close()]);
  const until = (watchedFor("ann") as number) + Date.now() - before;
  expect(until).toBeGreaterThan(9900);
  expect(until).toBeLessThan(10_100 + Date.now() - before);
});

test("a form that starts a run, and the page that waits for it, count", async () => {
  const start = new Browser(action, "cleo");
  const answer = await start.send("/wait", { form: { note: "x" } });
  expect(answer.status).toBe(303);
  await expect.poll(() => watchedFor("cleo"), patiently).toBeGreaterThan(0);
  const waiting = new Browser(action, "dora");
  const { id } = await site.errand.list({ owner: "cleo" }, { limit: 1 }).then(([run]) => run as { id: string });
  expect((await waiting.send(`/wait?async_id=${id}`)).status).toBe(404);
  expect((await start.send(`/wait?async_id=${id}`, { headers: { accept: "text/html" } })).status).toBe(200);
  expect(watchedFor("dora")).toBeNull();
});

test("a stranger who starts a run is somebody from then on", async () => {
  const stranger = new Browser(action);
  await stranger.send("/wait", { form: { note: "x" } });
  const run = (await site.errand.list({}, { limit: 1 }))[0];
  expect(run?.owner).toMatch(/^visitor:/);
  await expect.poll(() => watchedFor(run?.owner as string), patiently).toBeGreaterThan(0);
});

test("who looks at somebody else's run is not its owner watching", async () => {
  const admin = new Browser(site.web.handler, "admin");
  expect((await admin.send(`/errand/tasks/${runs.ann}/`)).status).toBe(200);
  await expect.poll(() => watchedFor("admin"), patiently).toBeGreaterThan(0);
  expect(watchedFor("ann")).toBeNull();
});

test("without anybody to notify, nothing is written", async () => {
  const quiet = await openSite({}, { database: `file:${file}` });
  try {
    const eve = new Browser(quiet.web.handler, "eve");
    expect((await eve.send("/errand/", { headers: { accept: "text/html" } })).status).toBe(200);
    expect(quiet.errand.presence.isEnabled).toBe(false);
    const ann = new Browser(site.web.handler, "ann");
    await ann.send("/errand/", { headers: { accept: "text/html", host: new URL(ORIGIN).host } });
    await expect.poll(() => watchedFor("ann"), patiently).toBeGreaterThan(0);
    expect(watchedFor("eve")).toBeNull();
  } finally {
    await quiet.close();
  }
});
