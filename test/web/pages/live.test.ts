import { afterAll, beforeAll, expect, test } from "vitest";
import { Browser } from "../fixture.ts";
import { openTaskSite, type TaskSite } from "./task-site.ts";

interface LiveBody {
  readonly changed: readonly { readonly id: string; readonly html: string }[];
  readonly gone: readonly string[];
  readonly overview?: string;
}

let site: TaskSite;

beforeAll(async () => {
  site = await openTaskSite();
});
afterAll(() => site.close());

const as = (user?: string) => new Browser(site.web.handler, user);
const live = async (browser: Browser, query: string) => (await (await browser.send(`/errand/live?${query}`)).json()) as LiveBody;
const versionIn = (html: string) => /data-errand-version="([^"]+)"/.exec(html)?.[1];

test("only what has changed comes, as the page shows it", async () => {
  const { id } = await site.run("ann", { how: "hold", name: "Slow", files: [["a.txt", "x"]] });
  const first = await live(as("ann"), `view=card&here=/errand/?state=active&run=${id}:`);
  expect(first.changed.map((each) => each.id)).toEqual([id]);
  const html = first.changed[0]?.html as string;
  expect(html).toMatch(/^<li id="run-/);
  expect(html).toContain('name="next" value="/errand/?state=active"');
  await expect
    .poll(async () => (await live(as("ann"), `view=card&run=${id}:${versionIn((await live(as("ann"), `run=${id}`)).changed[0]?.html as string)}`)).changed)
    .toEqual([]);
  site.release(id);
  await site.errand.wait(id, { timeout: 10_000 });
  const last = await live(as("ann"), `view=detail&run=${id}:${versionIn(html)}`);
  expect(last.changed[0]?.html).toMatch(/^<article id="run-/);
  expect(last.changed[0]?.html).toContain("data-errand-ended");
});

test("what is somebody else's, deleted or never was is gone, not told apart", async () => {
  const { id } = await site.run("ann", { how: "make", name: "Secret" });
  const unknown = "01890000-0000-7000-8000-000000000000";
  for (const user of ["bob", undefined]) {
    expect(await live(as(user), `run=${id}:1&run=${unknown}:1&run=nonsense`)).toEqual({ changed: [], gone: [id, unknown, "nonsense"] });
  }
  await site.errand.remove(id);
  expect(await live(as("ann"), `run=${id}:1`)).toEqual({ changed: [], gone: [id] });
});

test("the overview is for superusers only", async () => {
  expect((await live(as("ann"), "view=row")).overview).toBeUndefined();
  expect((await live(as("admin"), "view=row")).overview).toMatch(/^<div id="overview"/);
  const { id } = await site.run("ann", { how: "make" });
  expect((await live(as("admin"), `view=row&run=${id}:x`)).changed[0]?.html).toMatch(/^<tr id="run-/);
});

test("nonsense is answered like nothing, and never leads elsewhere", async () => {
  const { id } = await site.run("ann", { how: "make" });
  for (const query of ["", "view=constructor", "run=", "run=::::", "here=https://evil.example", `view=__proto__&run=${id}:`]) {
    const response = await as("ann").send(`/errand/live?${query}`);
    expect([query, response.status]).toEqual([query, 200]);
    expect(await response.text()).not.toContain("evil");
  }
  expect((await live(as("ann"), Array.from({ length: 500 }, (_, index) => `run=${index}`).join("&"))).gone).toHaveLength(50);
});
