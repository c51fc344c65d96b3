import { afterAll, beforeAll, expect, test } from "vitest";
import type { PretixBody } from "../../src/core/wire.ts";
import type { Json, Task } from "../../src/index.ts";
import type { WebHandler } from "../../src/web/index.ts";
import { Browser, type Gate, newGate, OrderError, openSite, type TestSite, until } from "./fixture.ts";

let site: TestSite;
let gate: Gate;
let action: WebHandler;
let held: Task<Json | undefined, void>;

const PATH = "/orders/ABC12/cancel";
const always = ["async_id", "ready", "started"];
const own = ["state"];
const ownUnderWay = ["note", ...own, "cancel_url", "text"];

beforeAll(async () => {
  site = await openSite();
  const work = site.errand.task({
    name: "work",
    run: (input) => {
      const { how } = input as { how?: string };
      if (how === "refuse") throw new OrderError("This order is already canceled.");
      if (how === "break") throw new TypeError("secret detail");
      return { code: "ABC12" };
    },
  });
  held = site.errand.task({
    name: "held",
    calculateTotalSteps: () => 4,
    run: async (_input, { status }) => {
      await status.setState("Half way");
      await status.incrementCompletedSteps(2);
      await gate.pass();
    },
  });
  action = site.web.asyncAction({
    task: work,
    successUrl: (value, { params }) => `/orders/${value.code}?by=${params.code}`,
    errorUrl: ({ error }) => `/failed/${error.code}`,
    errorMessage: (error) => (error.type === "OrderError" ? `Sorry. ${error.message}` : undefined),
    wait: 5000,
  });
});
afterAll(() => site.close());

const newBrowser = (handler: WebHandler) => new Browser(handler);
const impatient = () => site.web.asyncAction({ task: held, successUrl: "/done", errorUrl: "/failed", wait: 0 });
const post = (browser: Browser, how: string, path = PATH, ajax = "1") => browser.send(path, { form: { how, ...(ajax && { ajax }) } }, { code: "ABC12" });
const keys = (body: object) => Object.keys(body).sort();

test("POST with ajax, succeeded within the wait: ready, with redirect and message", async () => {
  const response = await post(newBrowser(action), "succeed");
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/json");
  const body = (await response.json()) as PretixBody;
  expect(keys(body)).toEqual([...always, "check_url", "success", "redirect", "message", ...own].sort());
  expect(body).toMatchObject({
    ready: true,
    started: false,
    success: true,
    redirect: "/orders/ABC12?by=ABC12",
    message: "The task has been completed.",
    check_url: `${PATH}?async_id=${body.async_id}&ajax=1`,
  });
});

test("POST with ajax, failed by a UserError: ready, success false, the app's words", async () => {
  const body = (await (await post(newBrowser(action), "refuse")).json()) as PretixBody;
  expect(keys(body)).toEqual([...always, "check_url", "success", "redirect", "message", ...own].sort());
  expect(body).toMatchObject({ ready: true, success: false, redirect: "/failed/user", message: "Sorry. This order is already canceled." });
});

test("POST with ajax, failed by any other error: the general sentence with a support code, no detail", async () => {
  const body = (await (await post(newBrowser(action), "break")).json()) as PretixBody;
  expect(body).toMatchObject({ ready: true, success: false, redirect: "/failed/internal" });
  expect(body.message).toMatch(/^An unexpected error has occurred, please try again later\. \(Support code: [0-9a-f]{8}\)$/);
  expect(JSON.stringify(body)).not.toContain("secret");
});

test("the key ajax counts in the query of a POST too, whatever its value", async () => {
  const browser = newBrowser(action);
  expect((await post(browser, "succeed", `${PATH}?ajax`, "")).status).toBe(200);
  expect((await post(browser, "succeed", `${PATH}?ajax=0`, "")).headers.get("content-type")).toBe("application/json");
  expect((await browser.send(PATH, { body: JSON.stringify({ ajax: true }), headers: { "content-type": "application/json" } })).status).toBe(200);
});

test("the check URL drops the original query", async () => {
  const body = (await (await post(newBrowser(action), "succeed", `${PATH}?from=mail`)).json()) as PretixBody;
  expect(body.check_url).toBe(`${PATH}?async_id=${body.async_id}&ajax=1`);
});

test("POST and check with ajax of a run under way: started, percentage and steps; ready is sampled after the wait", async () => {
  gate = newGate();
  const handler = impatient();
  const browser = newBrowser(handler);
  const started = (await (await browser.send(PATH, { form: { ajax: "1" } })).json()) as PretixBody;
  expect(started.ready).toBe(false);
  expect(keys(started)).toEqual(expect.arrayContaining([...always, "check_url", ...ownUnderWay]));
  await until(site.errand, started.async_id, (run) => run.completedSteps === 2);

  const waiting = (await (await browser.send(started.check_url as string)).json()) as PretixBody;
  expect(keys(waiting)).toEqual([...always, "percentage", "steps", ...ownUnderWay].sort());
  expect(waiting).toMatchObject({
    ready: false,
    started: true,
    percentage: 50,
    steps: [],
    text: "Half way",
    cancel_url: `/errand/tasks/${started.async_id}/cancel/`,
  });

  const answer = browser.send(started.check_url as string);
  gate.open();
  const ready = (await (await answer).json()) as PretixBody;
  expect(keys(ready)).toEqual([...always, "success", "redirect", "message", ...own].sort());
  expect(ready).toMatchObject({ async_id: started.async_id, ready: true, started: false, success: true, redirect: "/done" });
});

test("a queued run is not started and has no percentage", async () => {
  const later = site.web.asyncAction({
    task: { ...held, start: (input, options) => held.start(input, { ...options, runAt: new Date(Date.now() + 3_600_000) }) },
    successUrl: "/done",
    errorUrl: "/failed",
    wait: 0,
  });
  const body = (await (await newBrowser(later).send(PATH, { form: { ajax: "1" } })).json()) as PretixBody;
  expect(keys(body)).toEqual([...always, "check_url", ...ownUnderWay].sort());
  expect(body).toMatchObject({ ready: false, started: false, state: "pending", text: "Pending" });
});

test("without ajax: 303 to where it ends when it is ready, else to the check URL; there 302 once it is ready", async () => {
  const quick = await post(newBrowser(action), "succeed", PATH, "");
  expect([quick.status, quick.headers.get("location")]).toEqual([303, "/orders/ABC12?by=ABC12"]);
  const failed = await post(newBrowser(action), "refuse", PATH, "");
  expect([failed.status, failed.headers.get("location")]).toEqual([303, "/failed/user"]);

  gate = newGate();
  const browser = newBrowser(impatient());
  const started = await browser.send(PATH, { form: { any: "thing" } });
  const location = started.headers.get("location") as string;
  expect(started.status).toBe(303);
  expect(location).toMatch(/^\/orders\/ABC12\/cancel\?async_id=[0-9a-f-]{36}$/);
  await gate.reached;
  expect((await browser.send(location)).status).toBe(200);
  gate.open();
  await site.errand.wait(location.slice(-36), { timeout: 5000 });
  const done = await browser.send(location);
  expect([done.status, done.headers.get("location")]).toEqual([302, "/done"]);
});

test("GET without async_id is 405 and says that POST is allowed; other methods are 405", async () => {
  const browser = newBrowser(action);
  for (const path of [PATH, `${PATH}?ajax=1`]) {
    const response = await browser.send(path);
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  }
  expect((await browser.send(PATH, { method: "DELETE" })).status).toBe(405);
});

test("a run of another task is unknown at this address", async () => {
  gate = newGate();
  const browser = newBrowser(impatient());
  const { async_id } = (await (await browser.send(PATH, { form: { ajax: "1" } })).json()) as PretixBody;
  expect((await browser.as(action).send(`${PATH}?async_id=${async_id}&ajax=1`)).status).toBe(404);
  gate.open();
});

test("texts come in the language of the reader", async () => {
  const response = await newBrowser(action).send(PATH, { form: { how: "break", ajax: "1" }, headers: { "accept-language": "de-AT, en;q=0.5" } });
  expect(((await response.json()) as PretixBody).message).toMatch(/^Ein unerwarteter Fehler .+ \(Code für den Support: \w+\)$/);
});

test("HEAD answers like GET without a body", async () => {
  const browser = newBrowser(action);
  const { async_id } = (await (await post(browser, "succeed")).json()) as PretixBody;
  const response = await browser.send(`${PATH}?async_id=${async_id}`, { method: "HEAD" }, { code: "ABC12" });
  expect([response.status, response.headers.get("location"), await response.text()]).toEqual([302, "/orders/ABC12?by=ABC12", ""]);
});
