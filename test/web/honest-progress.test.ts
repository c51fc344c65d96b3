import { afterAll, beforeAll, expect, test } from "vitest";
import type { PretixBody, RunBody } from "../../src/core/wire.ts";
import type { Run } from "../../src/index.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { attemptNote, progressNotes, spanWords } from "../../src/web/progress-notes.ts";
import { renderText } from "../../src/web/texts.ts";
import { freshDatabase } from "../support/temp.ts";
import { Browser, type Gate, newGate, openSite, type TestSite, until } from "./fixture.ts";

const messages = { en: { "app.draw": "Draw {count} <b>tickets</b>" }, de: { "app.draw": "{count} <b>Karten</b> zeichnen" } };
const database = freshDatabase();
let site: TestSite;
let gate: Gate;
let task: ReturnType<TestSite["errand"]["task"]>;

beforeAll(async () => {
  site = await openSite({}, { messages, database: `file:${database}` });
  task = site.errand.task({
    name: "tickets",
    steps: [{ label: "Read" }, { label: { key: "app.draw", params: { count: 500 } }, weight: 8 }, { label: "Store" }],
    run: async (_, { status }) => {
      await status.startStep("app.draw", { steps: 4 });
      await status.incrementCompletedSteps(2);
      await gate.pass();
    },
  });
});
afterAll(() => site.close());

/** A run that is half way through its second step. */
async function begin(owner: string): Promise<string> {
  gate = newGate();
  const { id } = await task.start(null as never, { owner });
  await until(site.errand, id, ({ completedSteps }) => completedSteps === 3);
  return id;
}

const asked = async (path: string, language = "en", accept = "application/json") =>
  new Browser(site.web.handler, "u1").send(path, { headers: { "accept-language": language, accept } });
const drawn = [
  { label: "Read", state: "done" },
  { label: "Draw 500 <b>tickets</b>", state: "current" },
  { label: "Store", state: "waiting" },
];

test("the run document, the pretix face and the pages show one checklist, in the reader's language", async () => {
  const id = await begin("u1");
  const document = (await (await asked(`/errand/tasks/${id}/`)).json()) as RunBody;
  expect(document).toMatchObject({ percentage: 50, steps: drawn, expected_end: null });
  expect(((await (await asked(`/errand/tasks/${id}/`, "de")).json()) as RunBody).steps[1]?.label).toBe("500 <b>Karten</b> zeichnen");

  const action = site.web.asyncAction({ task: task as never, successUrl: "/done", errorUrl: "/failed" });
  const browser = new Browser(action, "u1");
  const body = (await (await browser.send(`/work?async_id=${id}&ajax=1`)).json()) as PretixBody;
  expect(body).toMatchObject({
    percentage: 50,
    note: "",
    steps: [
      { label: "Read", done: true },
      { label: "Draw 500 <b>tickets</b>", done: false },
      { label: "Store", done: false },
    ],
  });

  const waiting = await (await browser.send(`/work?async_id=${id}`, { headers: { accept: "text/html" } })).text();
  const page = await (await asked(`/errand/runs/${id}/`, "en", "text/html")).text();
  for (const html of [waiting, page]) {
    expect(html).toContain('<li data-state="done">Read<span class="errand-spoken"> (done)</span></li>');
    expect(html).toContain('<li data-state="current" aria-current="step">Draw 500 &lt;b&gt;tickets&lt;/b&gt;</li>');
    expect(html).toContain('<li data-state="waiting">Store</li>');
    expect(html).toContain("50 %");
  }
  gate.open();
  await until(site.errand, id, ({ state }) => state === "succeeded");
  const ended = (await (await asked(`/errand/tasks/${id}/`)).json()) as RunBody;
  expect(ended.steps.map(({ state }) => state)).toEqual(["done", "done", "done"]);
});

test("a task without steps has an empty list, and its pages no checklist", async () => {
  const plain = site.errand.task({ name: "plain", run: () => null });
  const { id } = await plain.delay(null as never, { owner: "u1" });
  expect(((await (await asked(`/errand/tasks/${id}/`)).json()) as RunBody).steps).toEqual([]);
  expect(await (await asked(`/errand/runs/${id}/`, "en", "text/html")).text()).not.toContain('<ol class="errand-steps"');
});

test("once five runs have shown how long it takes, the document says when it will end, and the page how long it takes", async () => {
  const id = await begin("u1");
  const steps = ["Read", "app.draw", "Store"];
  const samples = Array.from({ length: 5 }, () => ({ steps: 6, spans: [1000, 3_600_000, 1000] }));
  const store = sqlite(database);
  await store.estimates.keepHistory("tickets", { steps, samples });
  await store.close();
  const other = await openSite({}, { messages, database: `file:${database}`, worker: false });
  try {
    other.errand.task({ name: "tickets", run: () => null });
    const web = new Browser(other.web.handler, "u1");
    const document = (await (await web.send(`/errand/tasks/${id}/`)).json()) as RunBody;
    const modified = Date.parse(document.modified);
    expect(Date.parse(document.expected_end?.earliest as string) - modified).toBeGreaterThan(1_800_000);
    expect(Date.parse(document.expected_end?.latest as string) - modified).toBeGreaterThan(3_599_000);
    expect(Date.parse(document.expected_end?.latest as string) - modified).toBeLessThan(7_200_000);
    const again = (await (await web.send(`/errand/tasks/${id}/`)).json()) as RunBody;
    expect(again.expected_end).toEqual(document.expected_end);
    expect(await (await web.send(`/errand/runs/${id}/`, { headers: { accept: "text/html" } })).text()).toMatch(/<span>About \d+–\d+ min left<\/span>/);
    expect(await (await web.send("/errand/", { headers: { accept: "text/html", "accept-language": "de" } })).text()).toMatch(/Noch etwa \d+–\d+ Min\./);
  } finally {
    gate.open();
    await until(site.errand, id, ({ ended }) => ended !== null);
    await other.close();
  }
});

const run = { id: "r", state: "in_progress", attempt: 1, maxAttempts: 3, modified: 1_000_000, runAt: 0, kind: null } as unknown as Run;
const known = { remaining: () => null, queuePlace: async () => null };

/** What is said of a run, in a language. */
function notes(given: Partial<Run>, ago: number, errand: Partial<Parameters<typeof progressNotes>[0]["errand"]> = {}, locale = "en") {
  const say = (message: Parameters<typeof renderText>[1]) => renderText(site.errand, message, locale);
  return progressNotes({ errand: { ...known, ...errand }, run: { ...run, ...given }, locale, now: run.modified + ago, say });
}

test("a run that is silent says so, as it is read, and only while it is under way", async () => {
  expect(await notes({}, 29_999)).toEqual([]);
  expect(await notes({}, 43_000)).toEqual(["No news for 40 sec"]);
  expect(await notes({}, 150_000)).toEqual(["No news for 2 min"]);
  expect(await notes({}, 43_000, {}, "de")).toEqual(["Seit 40 Sek. nichts Neues"]);
  expect(await notes({}, 43_000, {}, "fr")).toEqual(["Pas de nouvelles depuis 40\u202fs"]);
  expect(await notes({}, 43_000, {}, "es")).toEqual(["Sin novedades desde hace 40 s"]);
  for (const state of ["pending", "retrying", "canceling", "succeeded"] as const) expect(await notes({ state }, 600_000)).toEqual([]);
});

test("a run that waits says what is before it and when it begins, where that is known", async () => {
  const place = (ahead: number, isMore = false, startsIn: { from: number; to: number } | null = null) => ({
    queuePlace: async () => ({ ahead, isMore, startsIn }),
  });
  expect(await notes({ state: "pending" }, 0, place(0))).toEqual(["Yours is next"]);
  expect(await notes({ state: "pending" }, 0, place(1))).toEqual(["1 task is before yours"]);
  expect(await notes({ state: "pending" }, 0, place(12, false, { from: 61_000, to: 200_000 }))).toEqual([
    "12 tasks are before yours",
    "Expected to begin in 1–4 min",
  ]);
  expect(await notes({ state: "pending" }, 0, place(1000, true))).toEqual(["More than 1000 tasks are before yours"]);
});

test("an attempt after the first is told as what it is", () => {
  const said = (given: Partial<Run>) => attemptNote({ ...run, ...given });
  expect(said({})).toBeNull();
  expect(said({ attempt: 2 })).toEqual({ key: "web.restarted", params: { attempt: 2, max: 3 } });
  expect(said({ attempt: 1, state: "retrying" })).toEqual({ key: "web.attempt", params: { attempt: 2, max: 3 } });
  expect(said({ attempt: 4, state: "failed" })).toEqual({ key: "web.attempt", params: { attempt: 4, max: 4 } });
});

test.each([
  [{ from: 0, to: 900 }, "0–1 sec"],
  [{ from: 2100, to: 4800 }, "2–5 sec"],
  [{ from: 22_000, to: 61_000 }, "20–70 sec"],
  [{ from: 50_000, to: 130_000 }, "0–3 min"],
  [{ from: 130_000, to: 250_000 }, "2–5 min"],
  [{ from: 5_000_000, to: 9_000_000 }, "1–3 hr"],
])("%j is said as %s", (span, words) => {
  expect(spanWords(span, "en")).toBe(words);
});
