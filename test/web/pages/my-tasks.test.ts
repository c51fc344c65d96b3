import { afterAll, beforeAll, expect, test } from "vitest";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { freshDatabase } from "../../support/temp.ts";
import { Browser } from "../fixture.ts";
import { openTaskSite, type TaskSite } from "./task-site.ts";

let site: TaskSite;
const evil = `<img src=x onerror=alert(1)>"'&</script>`;
const escaped = "&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;&lt;/script&gt;";

beforeAll(async () => {
  site = await openTaskSite();
});
afterAll(() => site.close());

const as = (user?: string) => new Browser(site.web.handler, user);
const html = async (browser: Browser, path = "/errand/", headers: Record<string, string> = {}) =>
  (await browser.send(path, { headers: { accept: "text/html", ...headers } })).text();
const names = (page: string) => [...page.matchAll(/<h2><a href="[^"]*">([^<]*)</g)].map(([, name]) => name);
const link = (page: string, rel: string) => new RegExp(`<a id="page-\\w+" class="[^"]*" href="([^"]*)" rel="${rel}"`).exec(page)?.[1]?.replaceAll("&amp;", "&");

test("somebody who has started nothing, signed in or not, is told what the page is for", async () => {
  for (const browser of [as(), as("nobody-yet")]) {
    const response = await browser.send("/errand/", { headers: { accept: "text/html" } });
    const page = await response.text();
    expect([response.status, response.headers.get("content-type"), response.headers.get("cache-control")]).toEqual([
      200,
      "text/html; charset=utf-8",
      "no-store",
    ]);
    expect(page).toContain("<h2>Nothing here yet</h2>");
    expect(page).not.toContain("errand-filter");
    expect(names(page)).toEqual([]);
    expect(response.headers.getSetCookie()).toEqual([]);
  }
});

test("each sees their own runs, newest first; a superuser too", async () => {
  await site.run("ann", { how: "make", name: "Older" });
  await site.run("ann", { how: "make", name: "Newer" });
  await site.run("admin", { how: "make", name: "The superuser's" });
  expect(names(await html(as("ann")))).toEqual(["Newer", "Older"]);
  expect(names(await html(as("admin")))).toEqual(["The superuser&#39;s"]);
  expect(names(await html(as("bob")))).toEqual([]);
});

test("an anonymous visitor sees what the cookie's owner started", async () => {
  const visitor = as();
  const action = site.web.asyncAction({ task: site.exporting, input: () => ({ how: "make", name: "Mine" }) as const, successUrl: "/", errorUrl: "/" });
  const started = visitor.as(action);
  await started.send("/export", { form: { x: "1" } });
  expect(names(await html(started.as(site.web.handler)))).toEqual(["Mine"]);
  expect(names(await html(as()))).toEqual([]);
});

test("a run under way shows its text, its bar and its steps; it can be canceled and deleted, not run again", async () => {
  const { id } = await site.run("cat", { how: "hold", name: "Slow", steps: 4, done: 2 });
  await expect.poll(() => html(as("cat"))).toContain('max="100" value="50"');
  const page = await html(as("cat"));
  expect(page).toContain('data-state="in_progress">In Progress</span>');
  expect(page).toContain('<p class="errand-doing">Exporting chapter 3</p>');
  expect(page).toContain("<span>2 of 4 steps</span>");
  expect(page).toContain(`action="/errand/runs/${id}/cancel"`);
  expect(page).toContain(`href="/errand/runs/${id}/delete?next=%2Ferrand%2F&amp;from=%2Ferrand%2F"`);
  expect(page).not.toContain(`/errand/runs/${id}/rerun`);
  expect(page).toContain('<a href="/errand/">Refresh</a>');
  site.release(id);
});

test("a run that counts no steps has a bar without a number", async () => {
  const { id } = await site.run("cato", { how: "hold", steps: 1, done: 0 });
  expect(await html(as("cato"))).toContain('<progress aria-label="Progress: not known yet">');
  site.release(id);
});

test("between two attempts the second is named; a run of one attempt says nothing of attempts", async () => {
  await site.run("dan", { how: "again" });
  const page = await html(as("dan"));
  expect(page).toContain("An attempt failed; retrying, attempt 2 of 3.");
  expect(page).toContain("<span>Attempt 2 of 3</span>");
  await site.run("dana", { how: "make" });
  expect(await html(as("dana"))).not.toContain("Attempt");
});

test("a failure says why, with the support code where there is one, and how far it came", async () => {
  await site.run("eve", { how: "refuse" });
  const { run } = await site.run("eve", { how: "break" });
  const page = await html(as("eve"));
  expect(page).toContain("<p>The course has no sections.</p>");
  expect(page).toContain("An unexpected error has occurred, please try again later.");
  expect(page).toContain(`Support code: ${run.error?.support}`);
  expect(page).toContain("<span>2 of 4 steps</span>");
  expect(page).not.toContain(">Error<");
});

test("what a run left is there: files to download with their size, links, texts on the run's page", async () => {
  const { id } = await site.run("fay", {
    how: "make",
    files: [["course.html", "x".repeat(1500)]],
    texts: [["Notes", "n"]],
    urls: [["Preview", "https://courses.example/3"]],
  });
  const [file, url, text] = await (async () => {
    const left = await site.errand.artifacts.list([id]);
    return ["file", "url", "text"].map((kind) => left.find((artifact) => artifact.kind === kind)?.id);
  })();
  const page = await html(as("fay"));
  expect(url).toBeDefined();
  expect(page).toContain(`<a href="/errand/artifacts/${file}/download">course.html</a> <span class="errand-quiet">1.5 kB</span>`);
  expect(page).toContain(
    '<a href="https://courses.example/3" rel="noopener noreferrer nofollow">Preview</a> <span class="errand-quiet">courses.example</span>',
  );
  expect(page).toContain(`<a href="/errand/runs/${id}#artifact-${text}">Notes</a>`);
  const download = await as("fay").send(`/errand/artifacts/${file}/download`);
  await download.arrayBuffer();
  expect([200, 302, 303, 307]).toContain(download.status);
});

test("times are in UTC and say so, in the reader's form; German readers read German", async () => {
  const { run } = await site.run("gus", { how: "make" });
  const british = await html(as("gus"), "/errand/", { "accept-language": "en-GB" });
  const iso = new Date(run.created).toISOString();
  expect(british).toMatch(new RegExp(`<time datetime="${iso}">\\d{1,2} \\w+ 20\\d\\d, \\d\\d:\\d\\d UTC</time>`));
  const german = await html(as("gus"), "/errand/", { "accept-language": "de-AT" });
  expect(german).toContain('<html lang="de"');
  expect(german).toContain('<h1 tabindex="-1">Meine Aufgaben</h1>');
  expect(german).toContain(">Erneut ausführen</button>");
});

test("the list is filtered by state; what is no state filters nothing", async () => {
  await site.run("hal", { how: "make", name: "Made" });
  await site.run("hal", { how: "refuse", name: "Refused" });
  const { id } = await site.run("hal", { how: "hold", name: "Held" });
  const by = async (state: string) => names(await html(as("hal"), `/errand/?state=${state}`));
  expect(await by("succeeded")).toEqual(["Made"]);
  expect(await by("failed")).toEqual(["Refused"]);
  expect(await by("active")).toEqual(["Held"]);
  expect(await by("in_progress")).toEqual(["Held"]);
  expect(await by("nonsense")).toEqual(["Held", "Refused", "Made"]);
  const none = await html(as("hal"), "/errand/?state=canceled");
  expect(none).toContain("None of your tasks is in this state.");
  expect(none).toMatch(/aria-current="true">Canceled</);
  site.release(id);
});

test("a long list has pages, older and newer, that keep the filter and show each run once", async () => {
  for (let number = 1; number <= 65; number++) await site.exporting.delay({ how: "make", name: `Run ${number}` }, { owner: "ida" });
  const seen: string[] = [];
  const pages: string[] = [];
  let path: string | undefined = "/errand/?state=succeeded";
  while (path) {
    pages.push(path);
    const page = await html(as("ida"), path);
    seen.push(...(names(page) as string[]));
    path = link(page, "next");
  }
  expect(seen).toEqual(Array.from({ length: 65 }, (_, index) => `Run ${65 - index}`));
  expect(pages).toHaveLength(4);
  for (const here of pages.slice(1)) expect(here).toContain("state=succeeded");
  for (let place = pages.length - 1; place > 0; place--) expect(link(await html(as("ida"), pages[place]), "prev")).toBe(pages[place - 1]);
  expect(link(await html(as("ida"), pages[0]), "prev")).toBeUndefined();
  expect(link(await html(as("ida"), pages[3]), "first")).toBe(pages[0]);
});

test("a page asks the store twice, for the runs and for what they left, however many they are", async () => {
  const asked: string[] = [];
  const database = sqlite({ file: freshDatabase() });
  const counting = new Proxy(database, {
    get: (store, name) => {
      const value = Reflect.get(store, name) as unknown;
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        if (/^(list|get|page)/.test(String(name))) asked.push(String(name));
        return value.apply(store, args);
      };
    },
  });
  const counted = await openTaskSite({}, { database: counting });
  try {
    for (let number = 0; number < 25; number++) await counted.exporting.delay({ how: "make", texts: [["Notes", "n"]] }, { owner: "oda" });
    asked.length = 0;
    expect(names(await html(new Browser(counted.web.handler, "oda")))).toHaveLength(20);
    expect(asked).toEqual(["list", "listArtifacts"]);
  } finally {
    await counted.close();
  }
});

test("a page's address that nobody gave is the first page, and never somebody else's", async () => {
  await site.run("jim", { how: "make", name: "Jim's" });
  for (const query of ["at=nonsense", "at=", "at=AZAAAAAAcACAAAAAAAAAAA&trail=x.y.0", "trail=0.0.0", "state=%00", "at=%27%20OR%201%3D1"]) {
    const response = await as("jim").send(`/errand/?${query}`, { headers: { accept: "text/html" } });
    expect([query, response.status]).toEqual([query, 200]);
    const found = names(await response.text());
    expect(found.filter((name) => name !== "Jim&#39;s")).toEqual([]);
  }
});

test("names, state texts, errors and artifacts are text, never markup", async () => {
  const { id } = await site.run("kim", { how: "hold", name: evil, says: evil });
  await site.run("kim", {
    how: "make",
    name: evil,
    texts: [[evil, evil]],
    files: [[evil, "x"]],
    urls: [[evil, `https://evil.example/?q="><script>alert(1)</script>`]],
  });
  await expect.poll(() => html(as("kim"))).toContain(`<p class="errand-doing">${escaped}</p>`);
  const page = await html(as("kim"));
  expect(page).not.toContain("<img");
  expect(page).not.toContain("<script>");
  expect(page.split(escaped).length).toBeGreaterThan(5);
  site.release(id);
});

test("the page loads nothing from elsewhere, runs nothing inline and leaks nothing", async () => {
  const response = await as("ann").send("/errand/", { headers: { accept: "text/html" } });
  const page = await response.text();
  expect(response.headers.get("content-security-policy")).toContain("default-src 'none'; style-src 'self'; script-src 'self'");
  expect(page).not.toMatch(/ style=| on\w+=|<style|javascript:/);
  expect([...page.matchAll(/<script[^>]*>/g)].map(([tag]) => tag)).toEqual(['<script type="module" src="/errand/errand-pages.js">']);
  expect(response.headers.get("referrer-policy")).toBe("same-origin");
});

test("a HEAD uses up no message; a GET shows it once", async () => {
  const { id } = await site.run("lou", { how: "make", name: "Gone soon" });
  const lou = as("lou");
  await lou.send(`/errand/runs/${id}/delete`, { form: { next: "/errand/" } });
  await lou.send("/errand/", { method: "HEAD" });
  expect(await html(lou)).toContain('role="status" tabindex="-1">“Gone soon” was deleted.</p>');
  expect(await html(lou)).not.toContain("was deleted");
});

test("the script is served to be kept for a while, and asked for anew after that", async () => {
  const response = await as().send("/errand/errand-pages.js");
  expect([response.status, response.headers.get("content-type"), response.headers.get("x-content-type-options")]).toEqual([
    200,
    "text/javascript; charset=utf-8",
    "nosniff",
  ]);
  expect(await response.text()).toContain("errand-tasks");
  const etag = response.headers.get("etag") as string;
  expect((await as().send("/errand/errand-pages.js", { headers: { "if-none-match": etag } })).status).toBe(304);
  expect((await (await as().send("/errand/asynctask.js")).text()).length).not.toBe(0);
});

test("a page whose runs are all kept from the reader still leads on to the older ones", async () => {
  const ruled = await openTaskSite({ can: (_visitor, action, run) => (action === "view" && run.name.startsWith("Sealed") ? false : undefined) });
  try {
    await ruled.exporting.delay({ how: "make", name: "Open" }, { owner: "moe" });
    for (let number = 0; number < 20; number++) await ruled.exporting.delay({ how: "make", name: `Sealed ${number}` }, { owner: "moe" });
    const moe = new Browser(ruled.web.handler, "moe");
    const first = await html(moe);
    expect(first).not.toContain("Sealed");
    expect(first).not.toContain("Nothing here yet");
    expect(names(await html(moe, link(first, "next")))).toEqual(["Open"]);
  } finally {
    await ruled.close();
  }
});

test.each(["", "/", "/my/background"])("mounted at %j, all links and forms lead there", async (path) => {
  const mounted = await openTaskSite({ path });
  try {
    const mount = path.replace(/\/$/, "");
    const { id } = await mounted.run("ned", { how: "make", files: [["a.txt", "x"]] });
    const ned = new Browser(mounted.web.handler, "ned");
    for (const page of [await html(ned, `${mount}/`), await html(ned, `${mount}/runs/${id}`), await html(ned, `${mount}/runs/${id}/delete`)]) {
      const targets = [...page.matchAll(/ (?:href|src|action|data-errand-live)="([^"#?]*)/g)].map(([, target]) => target as string);
      expect(targets.length).toBeGreaterThan(3);
      expect(
        targets.filter((target) => !/^\/(errand(-pages)?\.(css|js)|runs\/|artifacts\/|live|$)/.test(target.slice(mount.length)) || !target.startsWith(mount)),
      ).toEqual([]);
    }
  } finally {
    await mounted.close();
  }
});
