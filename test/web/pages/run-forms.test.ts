import { afterAll, beforeAll, expect, test } from "vitest";
import { createErrand } from "../../../src/index.ts";
import { errandWeb } from "../../../src/web/index.ts";
import { until } from "../../runtime/fixture.ts";
import { freshDatabase } from "../../support/temp.ts";
import { Browser } from "../fixture.ts";
import { openTaskSite, type TaskSite } from "./task-site.ts";

let site: TaskSite;

beforeAll(async () => {
  site = await openTaskSite();
});
afterAll(() => site.close());

const as = (user?: string) => new Browser(site.web.handler, user);
const message = async (browser: Browser) => /<p class="errand-message[^>]*>([^<]*)</.exec(await (await browser.send("/errand/")).text())?.[1];

/** Sends the form as a browser does, and returns where it leads and what the next page says. */
async function post(browser: Browser, path: string, form: Record<string, string> = { next: "/errand/?state=active" }) {
  const response = await browser.send(path, { form, headers: { accept: "text/html" } });
  return [response.status, response.headers.get("location"), await message(browser)];
}

test("cancel asks a running task to stop and goes back to the list", async () => {
  const { id } = await site.run("ann", { how: "hold", name: "Slow" });
  expect(await post(as("ann"), `/errand/runs/${id}/cancel`)).toEqual([303, "/errand/?state=active", "“Slow” was asked to stop."]);
  await until(site.errand, id, ({ state }) => state === "canceled");
  expect(await post(as("ann"), `/errand/runs/${id}/cancel`)).toEqual([303, "/errand/?state=active", "“Slow” had already ended."]);
});

test("cancel between two attempts is done at once", async () => {
  const { id } = await site.run("ann", { how: "again", name: "Jammed" });
  expect(await post(as("ann"), `/errand/runs/${id}/cancel`, {})).toEqual([303, `/errand/runs/${id}`, "“Jammed” was canceled."]);
});

test("run again starts the same once more for the same owner", async () => {
  const { id } = await site.run("bea", { how: "make", name: "Report" });
  expect(await post(as("bea"), `/errand/runs/${id}/rerun`)).toEqual([303, "/errand/?state=active", "“Report” was started again."]);
  const [newest] = await site.errand.list({ owner: "bea" }, { limit: 1 });
  expect([newest?.rerunOf, newest?.name]).toEqual([id, "Report"]);
  const [byAdmin] = [await post(as("admin"), `/errand/runs/${id}/rerun`)];
  expect(byAdmin[0]).toBe(303);
  expect(await site.errand.list({ owner: "bea" }, { limit: 9 })).toHaveLength(3);
});

test("what cannot be run again says why: still under way, or a task that is not here", async () => {
  const { id } = await site.run("cat", { how: "hold", name: "Slow" });
  expect((await post(as("cat"), `/errand/runs/${id}/rerun`))[2]).toBe("“Slow” is still under way. It can be run again once it has ended.");
  site.release(id);
  const database = `file:${freshDatabase()}`;
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const before = createErrand({ database, broker: "none", log });
  const { id: gone } = await before.task({ name: "of_yesterday", run: () => null }).delay(null, { owner: "cat", name: "Yesterday's" });
  await before.close();
  const now = createErrand({ database, broker: "none", log });
  try {
    const cat = new Browser(errandWeb(now, { identify: () => ({ id: "cat" }) }).handler);
    expect((await post(cat, `/errand/runs/${gone}/rerun`))[2]).toBe("“Yesterday&#39;s” cannot be run again here.");
  } finally {
    await now.close();
  }
});

test("delete asks first, on a page of its own, and then the run is gone with its files", async () => {
  const { id } = await site.run("dan", { how: "make", name: "Old", files: [["a.txt", "x"]] });
  const dan = as("dan");
  const page = await (await dan.send(`/errand/runs/${id}/delete?next=/errand/?at=x&from=/errand/runs/${id}`)).text();
  expect(page).toContain("“Old” is deleted with everything that it made. This cannot be undone.");
  expect(page).not.toContain("canceled first");
  expect(page).toContain(`<form method="post" action="/errand/runs/${id}/delete"`);
  expect(page).toContain(`href="/errand/runs/${id}" data-errand-close`);
  expect(await site.errand.get(id)).not.toBeNull();
  expect(await post(dan, `/errand/runs/${id}/delete`, { next: "/errand/" })).toEqual([303, "/errand/", "“Old” was deleted."]);
  expect(await site.errand.get(id)).toBeNull();
  expect((await dan.send(`/errand/runs/${id}/delete`, { form: {} })).status).toBe(404);
});

test("a running one is canceled first, and the question says so", async () => {
  const { id } = await site.run("eve", { how: "hold", name: "Slow" });
  expect(await (await as("eve").send(`/errand/runs/${id}/delete`)).text()).toContain("It is still under way, so it is canceled first.");
  expect((await post(as("eve"), `/errand/runs/${id}/delete`))[0]).toBe(303);
  expect(await site.errand.get(id)).toBeNull();
});

test.each(["cancel", "rerun", "delete"])("%s is the owner's and the superuser's only", async (verb) => {
  const { id } = await site.run("fay", { how: verb === "cancel" ? "hold" : "make", name: "Secret" });
  const before = await site.errand.get(id);
  for (const [user, status] of [
    ["gus", 404],
    [undefined, 403],
  ] as const) {
    const response = await as(user).send(`/errand/runs/${id}/${verb}`, { form: { next: "/errand/" }, headers: { accept: "text/html" } });
    expect([user, response.status]).toEqual([user, status]);
    expect(await response.text()).not.toContain("Secret");
  }
  expect(await site.errand.get(id)).toEqual(before);
  expect((await post(as("admin"), `/errand/runs/${id}/${verb}`))[0]).toBe(303);
});

test.each(["cancel", "rerun", "delete"])("%s is refused when another site's page asks for it", async (verb) => {
  const { id } = await site.run("hal", { how: verb === "cancel" ? "hold" : "make" });
  const before = await site.errand.get(id);
  const headers: readonly Record<string, string>[] = [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site", origin: "https://evil.tickets.example" },
    { "sec-fetch-site": "cross-site", origin: "null" },
  ];
  for (const each of headers) {
    const response = await as("hal").send(`/errand/runs/${id}/${verb}`, { form: {}, headers: { accept: "text/html", ...each } });
    expect([each, response.status]).toEqual([each, 403]);
  }
  expect(await site.errand.get(id)).toEqual(before);
  expect((await site.errand.list({ owner: "hal" }, { limit: 9 })).filter((run) => run.rerunOf === id)).toEqual([]);
});

test("no form and no link leads to another site", async () => {
  const { id } = await site.run("ida", { how: "make" });
  for (const next of ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "\t//evil.example"]) {
    const [status, location] = await post(as("ida"), `/errand/runs/${id}/cancel`, { next });
    expect([next, status, location]).toEqual([next, 303, `/errand/runs/${id}`]);
    const query = new URLSearchParams({ next, from: next });
    expect(await (await as("ida").send(`/errand/runs/${id}/delete?${query}`)).text()).not.toContain("evil");
  }
});

test("a form that is none, or too large, is refused and does nothing", async () => {
  const { id } = await site.run("jim", { how: "make" });
  const send = async (type: string, body: string) =>
    (await as("jim").send(`/errand/runs/${id}/delete`, { body, headers: { "content-type": type, accept: "text/html" } })).status;
  expect(await send("application/x-www-form-urlencoded", "next=%ZZ")).toBe(400);
  expect(await send("application/x-www-form-urlencoded", `next=${"x".repeat(2_000_000)}`)).toBe(413);
  expect(await send("application/xml", "<a/>")).toBe(415);
  expect(await site.errand.get(id)).not.toBeNull();
});

test("a path answers only to its methods", async () => {
  const { id } = await site.run("kim", { how: "make" });
  const status = async (method: string, path: string) => {
    const response = await as("kim").send(path, { method });
    return [response.status, response.headers.get("allow")];
  };
  expect(await status("GET", `/errand/runs/${id}/cancel`)).toEqual([405, "POST"]);
  expect(await status("DELETE", `/errand/runs/${id}`)).toEqual([405, "GET, HEAD"]);
  expect(await status("PUT", `/errand/runs/${id}/delete`)).toEqual([405, "GET, HEAD, POST"]);
});
