import { hostname } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Browser } from "../fixture.ts";
import { openTaskSite, type TaskSite } from "./task-site.ts";

let site: TaskSite;
const ids: Record<string, string> = {};
const evil = `<svg/onload=alert(1)>"'`;

beforeAll(async () => {
  site = await openTaskSite({}, { broker: "database", sweepEvery: "50ms" });
  const other = site.errand.task({ name: "send_newsletter", run: () => null });
  ids.made = (await site.run("ann", { how: "make", name: "Export of Tea" })).id;
  ids.refused = (await site.run("bob", { how: "refuse", name: "Export of Bread" })).id;
  ids.evil = (await site.run(evil, { how: "make", name: evil })).id;
  ids.ownerless = (await site.run(null, { how: "make", name: "Nightly" })).id;
  const letter = await other.start(undefined as never, { owner: "visitor:0190aaaa-1111-7000-8000-000000000000" });
  await letter.ended();
  ids.letter = letter.id;
});
afterAll(() => site.close());

const as = (user?: string) => new Browser(site.web.handler, user);
const html = async (path: string, browser = as("admin")) => (await browser.send(path, { headers: { accept: "text/html" } })).text();
const found = (page: string) => [...page.matchAll(/<tr id="run-([0-9a-f-]{36})"/g)].map(([, id]) => Object.keys(ids).find((name) => ids[name] === id));

/** Posts the bulk form with these runs ticked. */
async function bulk(
  browser: Browser,
  action: string,
  runs: readonly (string | undefined)[],
  more: Record<string, string> = {},
  headers: Record<string, string> = {},
) {
  const form = new URLSearchParams({ next: "/errand/admin?state=active", do: action, ...more });
  for (const run of runs) form.append("run", run ?? "");
  return browser.send("/errand/admin/runs", {
    body: form.toString(),
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "text/html", ...headers },
  });
}
const message = async (browser: Browser) => /<p class="errand-message[^>]*>([^<]*)</.exec(await html("/errand/admin", browser))?.[1];

test("to all but superusers there is no such page", async () => {
  for (const user of ["ann", undefined]) {
    for (const path of ["/errand/admin", "/errand/admin?search=Tea"]) {
      const response = await as(user).send(path, { headers: { accept: "text/html" } });
      expect([user, response.status]).toEqual([user, 404]);
      expect(await response.text()).not.toContain("Tea");
    }
    expect((await bulk(as(user), "delete", [ids.made], { sure: "yes" })).status).toBe(404);
    expect(await html("/errand/", as(user))).not.toContain("/errand/admin");
  }
  expect(await html("/errand/")).toContain('<a href="/errand/admin">All tasks</a>');
});

test("a superuser sees everybody's runs, newest first, with their owners", async () => {
  const page = await html("/errand/admin");
  expect(found(page)).toEqual(["letter", "ownerless", "evil", "refused", "made"]);
  expect(page).toContain('<a href="/errand/admin?owner=ann">ann</a>');
  expect(page).toContain('<a href="/errand/admin?owner=visitor%3A0190aaaa-1111-7000-8000-000000000000">Visitor 0190aaaa</a>');
  expect(page).toContain('<span class="errand-quiet">Nobody</span>');
  expect(page).toContain("The course has no sections.");
});

test.each([
  ["state=failed", ["refused"]],
  ["state=active", []],
  ["task=send_newsletter", ["letter"]],
  ["owner=bob", ["refused"]],
  ["search=export+of", ["refused", "made"]],
  ["search=ann", ["made"]],
  ["search=send_newsletter", ["letter"]],
  ["search=bread&owner=ann", []],
  ["state=succeeded&task=export_course&owner=ann&search=tea", ["made"]],
  ["search=%25", []],
  ["search=++&task=&owner=&state=", ["letter", "ownerless", "evil", "refused", "made"]],
  ["state=nonsense&task=%00", ["letter", "ownerless", "evil", "refused", "made"]],
])("?%s finds %j", async (query, names) => {
  expect(found(await html(`/errand/admin?${query}`))).toEqual(names);
});

test("an id finds its run, and the form keeps what was looked for", async () => {
  const page = await html(`/errand/admin?search=${ids.made}&state=succeeded&task=export_course&owner=ann`);
  expect(found(page)).toEqual(["made"]);
  expect(page).toContain(`name="search" value="${ids.made}"`);
  expect(page).toContain('<option value="succeeded" selected="">');
  expect(page).toContain('name="task" value="export_course"');
  expect(page).toContain('name="owner" value="ann"');
});

test("what people wrote stays text in rows, labels, links and the form", async () => {
  for (const path of ["/errand/admin", `/errand/admin?search=${encodeURIComponent(evil)}`]) {
    const page = await html(path);
    expect(page).not.toContain("<svg/");
    expect(page).toContain("&lt;svg/onload=alert(1)&gt;&quot;&#39;");
  }
});

test("the overview has queues, workers with their heartbeat, and the last hour as a plot with a text", async () => {
  const { id } = await site.run("ann", { how: "hold", name: "Held" });
  const page = await html("/errand/admin");
  expect(page).toMatch(/<th scope="row">default<\/th><td data-label="Waiting">0<\/td><td data-label="Running">1<\/td><td data-label="Longest wait">–<\/td>/);
  expect(page).toContain(
    `<th scope="row">${hostname()} <span class="errand-quiet errand-sub">process ${process.pid}</span></th><td data-label="Queues">all</td><td data-label="Busy">1 of 10</td>`,
  );
  expect(page).toMatch(
    /<svg class="errand-plot" viewBox="0 0 600 64" preserveAspectRatio="none" role="img" aria-label="5 ended: 4 succeeded, 1 failed, 0 canceled\. At most \d in a minute\.">/,
  );
  expect(page).toMatch(/<rect class="errand-bar-failed"/);
  expect(page).toContain("5 ended: 4 succeeded, 1 failed, 0 canceled.");
  expect(page).not.toContain("errand-silent");
  site.release(id);
  await site.errand.wait(id, { timeout: 10_000 });
  await site.errand.remove(id);
});

test("cancel selected asks those under way to stop and passes over the others", async () => {
  const held = await site.run("ann", { how: "hold" });
  const jammed = await site.run("bob", { how: "again" });
  const admin = as("admin");
  const response = await bulk(admin, "cancel", [held.id, jammed.id, ids.made, "nonsense", "01890000-0000-7000-8000-000000000000", held.id]);
  expect([response.status, response.headers.get("location")]).toEqual([303, "/errand/admin?state=active"]);
  expect(await message(admin)).toBe("2 tasks were asked to stop.");
  await site.errand.wait(held.id, { timeout: 10_000 });
  expect((await site.errand.get(held.id))?.state).toBe("canceled");
  expect((await site.errand.get(jammed.id))?.state).toBe("canceled");
  expect((await site.errand.get(ids.made as string))?.state).toBe("succeeded");
  await bulk(admin, "cancel", [held.id]);
  expect(await message(admin)).toBe("None of the selected tasks was under way.");
});

test("delete selected asks first, naming ten, and then deletes", async () => {
  const runs = await Promise.all(
    Array.from({ length: 12 }, (_, index) => site.exporting.start({ how: "make", name: `Batch ${index} ${evil}` }, { owner: "zoe" })),
  );
  await Promise.all(runs.map((run) => run.ended()));
  const chosen = runs.map(({ id }) => id);
  const admin = as("admin");
  const question = await (await bulk(admin, "delete", chosen)).text();
  expect(question).toContain("Delete 12 tasks?");
  expect(question).toContain("and 2 more");
  expect(question).not.toContain("<svg/");
  for (const id of chosen) expect(question).toContain(`<input type="hidden" name="run" value="${id}"/>`);
  expect(await site.errand.list({ owner: "zoe" }, { limit: 20 })).toHaveLength(12);
  expect((await bulk(admin, "delete", chosen, { sure: "yes" })).status).toBe(303);
  expect(await message(admin)).toBe("12 tasks were deleted.");
  expect(await site.errand.list({ owner: "zoe" }, { limit: 20 })).toEqual([]);
});

test("nothing selected, or nothing that is there, does nothing and says so", async () => {
  for (const runs of [[], ["nonsense"]]) {
    const admin = as("admin");
    expect((await bulk(admin, "delete", runs, { sure: "yes" })).status).toBe(303);
    expect(await message(admin)).toBe("Select at least one task first.");
  }
});

test("another site's page can neither cancel nor delete", async () => {
  for (const headers of [{ "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }]) {
    expect((await bulk(as("admin"), "delete", [ids.made], { sure: "yes" }, headers)).status).toBe(403);
  }
  expect(await site.errand.get(ids.made as string)).not.toBeNull();
});

test("what the app's rules keep from a superuser is neither shown nor done", async () => {
  const ruled = await openTaskSite({
    can: (_visitor, action, run) => (run.name === "Sealed" && action === "view" ? false : action === "delete" && run.owner === "ann" ? false : undefined),
    listFilter: { tasks: ({ user }) => (user?.superuser ? { task: "export_course" } : { owner: user?.id ?? null }) },
  });
  try {
    const sealed = await ruled.run("bob", { how: "make", name: "Sealed" });
    const kept = await ruled.run("ann", { how: "make", name: "Kept" });
    await ruled.errand.task({ name: "hidden", run: () => null }).delay(null, { owner: "bob", name: "Of another task" });
    const admin = new Browser(ruled.web.handler, "admin");
    const page = await html("/errand/admin", admin);
    expect(page).toContain("Kept");
    expect(page).not.toContain("Sealed");
    expect(page).not.toContain("Of another task");
    expect(await html("/errand/admin?task=hidden", admin)).toContain("No task fits.");
    await bulk(admin, "delete", [sealed.id, kept.id], { sure: "yes" });
    expect(await ruled.errand.list({}, { limit: 9 })).toHaveLength(3);
  } finally {
    await ruled.close();
  }
});
