import { afterAll, beforeAll, expect, test } from "vitest";
import { chain, chord, group, type Run } from "../../../src/index.ts";
import { until, untilEnded } from "../../runtime/fixture.ts";
import { Browser } from "../fixture.ts";
import { openTaskSite, type TaskSite, type Wish } from "./task-site.ts";

let site: TaskSite;
beforeAll(async () => {
  site = await openTaskSite();
});
afterAll(() => site.close());

const as = (user?: string) => new Browser(site.web.handler, user);
const html = async (browser: Browser, path: string) => (await browser.send(path, { headers: { accept: "text/html" } })).text();
const made = (name: string, more: Partial<Wish> = {}) => site.exporting.with({ how: "make", name, ...more });
const numbered = (count: number, failed: readonly number[] = []) =>
  Array.from({ length: count }, (_, index) => made(`Course ${index + 1}`, failed.includes(index + 1) ? { how: "refuse" } : {}));

/** The parts that a page shows, in its order. */
const partsOf = (page: string) =>
  [...page.matchAll(/<div class="errand-part-head"><a href="[^"]*">(.*?)<\/a><span class="errand-badge" data-state="(\w+)"/g)].map(
    ([, name, state]) => `${name}: ${state}`,
  );
const moreOf = (page: string) => /href="([^"]*)" data-errand-more/.exec(page)?.[1]?.replaceAll("&amp;", "&");

test("the lists show a container and none of its parts; all tasks finds a part by its id only", async () => {
  const { id } = await group(numbered(2)).delay({ owner: "ann", name: "Both" });
  const [part] = await site.errand.list({ parent: id }, { limit: 1, after: "" });
  for (const [user, path] of [
    ["ann", "/errand/"],
    ["ann", "/errand/?state=succeeded"],
    ["admin", "/errand/admin"],
    ["admin", "/errand/admin?search=Course"],
    ["admin", "/errand/admin?task=export_course&owner=ann"],
  ] as const) {
    const page = await html(as(user), path);
    expect([path, page.includes(`id="run-${part?.id}"`)]).toEqual([path, false]);
    expect([path, page.includes(`id="run-${id}"`)]).toEqual([path, !path.includes("search") && !path.includes("task=")]);
  }
  expect(await html(as("admin"), `/errand/admin?search=${part?.id}`)).toContain(`id="run-${part?.id}"`);
});

test("a container's page shows 25 parts in their order, and links to the next ones", async () => {
  const { id } = await group(numbered(60)).delay({ owner: "ann", name: "Many" });
  const seen: string[] = [];
  const counts: number[] = [];
  for (let path: string | undefined = `/errand/runs/${id}`; path !== undefined; ) {
    const page: string = await html(as("ann"), path);
    counts.push(partsOf(page).length);
    seen.push(...partsOf(page));
    expect(page.includes("From the beginning")).toBe(counts.length > 1);
    path = moreOf(page);
  }
  expect(counts).toEqual([25, 25, 10]);
  expect(seen).toEqual(Array.from({ length: 60 }, (_, index) => `Course ${index + 1}: succeeded`));
});

test("once all have ended, it says how many succeeded, the failed ones come first, and only they can be run again", async () => {
  const failed = [3, 30, 57];
  const { id } = await group(numbered(58, failed), { onFailure: "continue" }).delay({ owner: "ann", name: "Mostly" });
  const first = await html(as("ann"), `/errand/runs/${id}`);
  expect(first).toContain('<p class="errand-doing">55 of 58 succeeded.</p>');
  expect(await html(as("ann"), "/errand/")).toContain("55 of 58 succeeded.");
  expect(partsOf(first).slice(0, 4)).toEqual(["Course 3: failed", "Course 30: failed", "Course 57: failed", "Course 1: succeeded"]);
  const others = [first];
  for (let path = moreOf(first); path !== undefined; path = moreOf(others.at(-1) as string)) others.push(await html(as("ann"), path));
  const all = others.flatMap(partsOf);
  expect([all.length, new Set(all).size]).toEqual([58, 58]);
  expect(others.slice(1).join("")).not.toContain("Run only the failed ones again");
  expect(first).toContain("Run only the failed ones again");

  const response = await as("ann").send(`/errand/runs/${id}/rerun`, { form: { next: `/errand/runs/${id}`, only: "failed" } });
  const again = /\/runs\/(.*)$/.exec(response.headers.get("location") as string)?.[1] as string;
  await untilEnded(site.errand, again);
  const parts = await site.errand.list({ parent: again }, { limit: 100, after: "" });
  expect(parts.map(({ name }) => name)).toEqual(["Course 3", "Course 30", "Course 57"]);
});

test("more failed parts than fit on a page go over to the others without a gap", async () => {
  const failed = Array.from({ length: 25 }, (_, index) => index + 2);
  const { id } = await group(numbered(28, failed), { onFailure: "continue" }).delay({ owner: "ann" });
  const first = await html(as("ann"), `/errand/runs/${id}`);
  expect(partsOf(first).every((part) => part.endsWith("failed"))).toBe(true);
  const second = await html(as("ann"), moreOf(first) as string);
  expect(partsOf(second)).toEqual(["Course 1: succeeded", "Course 27: succeeded", "Course 28: succeeded"]);
  expect(moreOf(second)).toBeUndefined();
});

test("what cannot be a place in the list is its beginning", async () => {
  const { id } = await group(numbered(2)).delay({ owner: "ann" });
  for (const place of ["x", "a!", "constructor", "oAAAA", "a".repeat(3000), "%00"]) {
    expect(partsOf(await html(as("ann"), `/errand/runs/${id}?parts=${place}`))).toHaveLength(2);
  }
});

test("a chord shows what goes side by side as its parts, and what follows apart; a part leads back to the whole", async () => {
  const { id } = await chord(numbered(2), made("One zip", { files: [["all.zip", "x"]] })).delay({ owner: "ann", name: "All <courses>" });
  const page = await html(as("ann"), `/errand/runs/${id}`);
  const [list, then] = page.split('<h3 id="then">Then</h3>') as [string, string];
  expect([partsOf(list), partsOf(then)]).toEqual([["Course 1: succeeded", "Course 2: succeeded"], ["One zip: succeeded"]]);
  expect(then).toMatch(/<a href="\/errand\/artifacts\/[0-9a-f-]{36}\/download">all\.zip<\/a>/);
  for (const path of [...page.matchAll(/errand-part-head"><a href="([^"]*)"/g)].map((match) => match[1] as string)) {
    const part = await html(as("ann"), path);
    expect(part).toContain(`<a href="/errand/runs/${id}">Part of “All &lt;courses&gt;”</a>`);
    expect(part).not.toMatch(/\/delete|Run again/);
  }
  expect(page).toContain("/delete");
  expect(page).not.toContain("<courses>");
});

test("a container among the parts has a page of its own, which says what it is a part of", async () => {
  const { id } = await chain([made("First"), group(numbered(2), { name: "Middle" })]).delay({ owner: "ann", name: "Outer" });
  const page = await html(as("ann"), `/errand/runs/${id}`);
  expect(partsOf(page)).toEqual(["First: succeeded", "Middle: succeeded"]);
  expect(page).toContain("<span>side by side</span>");
  const inner = [...page.matchAll(/errand-part-head"><a href="([^"]*)"/g)][1]?.[1] as string;
  const middle = await html(as("ann"), inner);
  expect(partsOf(middle)).toEqual(["Course 1: succeeded", "Course 2: succeeded"]);
  expect(middle).toContain("Part of “Outer”");
});

test("a part is not deleted alone, by its own form or among several", async () => {
  const { id } = await group(numbered(2)).delay({ owner: "ann", name: "Kept" });
  const [part] = await site.errand.list({ parent: id }, { limit: 1, after: "" });
  const path = `/errand/runs/${part?.id}/delete`;
  for (const sent of [{}, { form: {} }]) {
    const response = await as("ann").send(path, { ...sent, headers: { accept: "text/html" } });
    expect([response.status, (await response.text()).includes("This is a part of a larger task")]).toEqual([409, true]);
  }
  const bulk = await as("admin").send("/errand/admin/runs", { form: { do: "delete", sure: "yes", run: part?.id as string } });
  expect(bulk.status).toBe(303);
  expect(await site.errand.get(part?.id as string)).not.toBeNull();
});

test("nobody else finds the parts, and what the app's rule hides stays hidden", async () => {
  const { id } = await group(numbered(2)).delay({ owner: "ann", name: "Private" });
  expect((await as("bob").send(`/errand/runs/${id}`, { headers: { accept: "text/html" } })).status).toBe(404);
  const [part] = await site.errand.list({ parent: id }, { limit: 1, after: "" });
  const live = await as("bob").send(`/errand/live?view=detail&run=${id}:0&part=${part?.id}:0`);
  expect(await live.json()).toEqual({ changed: [], gone: [part?.id, id] });
  const ruled = await openTaskSite({ can: (_, action, run) => (action === "view" && run.name === "Course 1" ? false : undefined) });
  try {
    const hidden = await group(
      ["Course 1", "Course 2"].map((name) => ruled.exporting.with({ how: "make", name })),
      { name: "Whole" },
    ).delay({ owner: "ann" });
    expect(partsOf(await html(new Browser(ruled.web.handler, "ann"), `/errand/runs/${hidden.id}`))).toEqual(["Course 2: succeeded"]);
  } finally {
    await ruled.close();
  }
});

test("under way: parts come as rows, the whole without them, and more steps than the reader knew of are said", async () => {
  const { id } = await chain([
    site.exporting.with({ how: "hold", name: "Slow", steps: 4, done: 1 }),
    site.exporting.with(() => ({ how: "hold", name: "Long", steps: 20, done: 0 })),
  ]).start({ owner: "ann", name: "Growing" });
  const [slow, long] = (await site.errand.list({ parent: id }, { limit: 2, after: "" })) as [Run, Run];
  await until(site.errand, slow.id, ({ completedSteps }) => completedSteps === 1);
  const page = await html(as("ann"), `/errand/runs/${id}`);
  expect(page).toContain(`<a href="/errand/runs/${id}?steps=5">Refresh</a>`);
  expect(page).toContain("Exporting chapter 3");
  expect(page).not.toContain("More work was found");
  site.release(slow.id);
  await until(site.errand, long.id, ({ stateText }) => stateText !== null);
  const ask = async (query: string) => (await as("ann").send(`/errand/live?view=detail&${query}`)).json();
  const { changed } = (await ask(`steps=5&run=${id}:0&part=${slow.id}:0`)) as { changed: { id: string; html: string }[] };
  const [row, whole] = [changed.find((run) => run.id === slow.id), changed.find((run) => run.id === id)];
  expect(row?.html).toMatch(/^<li [^>]*class="errand-part"/);
  expect(whole?.html).toContain("More work was found: 19 more steps.");
  expect(whole?.html).toContain('<section class="errand-parts" data-errand-later="');
  expect(await html(as("ann"), `/errand/runs/${id}?steps=5`)).toContain("More work was found: 19 more steps.");
  for (const steps of ["24", "1", "0", "-1", "x", "1e1"]) {
    expect([steps, (await html(as("ann"), `/errand/runs/${id}?steps=${steps}`)).includes("More work")]).toEqual([steps, false]);
  }
  site.release(long.id);
  await untilEnded(site.errand, id);
});
