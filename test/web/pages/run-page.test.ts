import { afterAll, beforeAll, expect, test } from "vitest";
import { Browser } from "../fixture.ts";
import { openTaskSite, type TaskSite } from "./task-site.ts";

let site: TaskSite;
const evil = `</pre><script>alert(1)</script>"'&`;
const unknown = "01890000-0000-7000-8000-000000000000";

beforeAll(async () => {
  site = await openTaskSite();
});
afterAll(() => site.close());

const as = (user?: string) => new Browser(site.web.handler, user);
const html = async (browser: Browser, path: string) => (await browser.send(path, { headers: { accept: "text/html" } })).text();

test("a run's page has everything of it: texts in full, links, files, result, times and id", async () => {
  const { id, run } = await site.run("ann", {
    how: "make",
    name: "Export of Tea",
    files: [["course.html", "0123456789"]],
    texts: [["Notes", "Line 1\n  Line 2"]],
    urls: [["Preview", "https://courses.example/3"]],
  });
  const page = await html(as("ann"), `/errand/runs/${id}`);
  const ended = (await site.errand.get(id))?.ended as number;
  expect(page).toContain('<h1 tabindex="-1">Export of Tea</h1>');
  expect(page).toContain("<title>Export of Tea</title>");
  expect(page).toContain('data-state="succeeded">Succeeded</span>');
  expect(page).toContain('<h3>Notes</h3><pre class="errand-text">Line 1\n  Line 2</pre>');
  expect(page).toContain('<a href="https://courses.example/3" rel="noopener noreferrer nofollow">Preview</a>');
  expect(page).toMatch(/<a href="\/errand\/artifacts\/[0-9a-f-]{36}\/download">course\.html<\/a> <span class="errand-quiet">10 byte<\/span>/);
  expect(page).toContain("&quot;sections&quot;: 4");
  for (const time of [run.created, ended]) expect(page).toContain(`<time datetime="${new Date(time).toISOString()}">`);
  expect(page).toMatch(/<strong>Created<\/strong>.*<strong>Started<\/strong>.*<strong>Ended<\/strong>/s);
  expect(page).toContain(`<code>${id}</code>`);
  expect(page).not.toContain("Owner");
});

test("a superuser also reads whose it is and which queue it went through", async () => {
  const { id } = await site.run("ann", { how: "make" });
  const page = await html(as("admin"), `/errand/runs/${id}`);
  expect(page).toContain("<dt>Owner</dt><dd>ann</dd><dt>Queue</dt><dd>default</dd>");
});

test("a failure is said in words with its support code, once", async () => {
  const { id, run } = await site.run("ann", { how: "break" });
  const page = await html(as("ann"), `/errand/runs/${id}`);
  expect(page.split("An unexpected error has occurred").length).toBe(2);
  expect(page).toContain(`<p class="errand-support">Support code: ${run.error?.support}</p>`);
  expect(page).not.toMatch(/JSON|function/);
});

test("between two attempts the page says when the next one comes", async () => {
  const { id } = await site.run("ann", { how: "again" });
  const page = await html(as("ann"), `/errand/runs/${id}`);
  expect(page).toContain("Attempt 2 of 3");
  expect(page).toMatch(/<strong>Next attempt<\/strong> <time/);
});

test("a long text is shown in part, with the whole to download", async () => {
  const { id } = await site.run("ann", { how: "make", texts: [["Log", `${"x".repeat(19_999)}😀${"y".repeat(1000)}`]] });
  const page = await html(as("ann"), `/errand/runs/${id}`);
  expect(page).not.toContain("yyy");
  expect(page).toContain("This is only the beginning.");
  expect(page).toMatch(/download">Download all of it</);
});

test("nobody else finds it: 404 to others, 403 to somebody without any identity, and not for guessing", async () => {
  const { id } = await site.run("ann", { how: "make", name: "Secret plan" });
  for (const path of [`/errand/runs/${id}`, `/errand/runs/${id}/delete`]) {
    const foreign = await as("bob").send(path, { headers: { accept: "text/html" } });
    expect([path, foreign.status]).toEqual([path, 404]);
    expect(await foreign.text()).not.toContain("Secret");
    const nobody = await as().send(path, { headers: { accept: "text/html" } });
    expect([path, nobody.status]).toEqual([path, 403]);
    expect(await nobody.text()).not.toContain("Secret");
  }
  for (const guess of [unknown, "nonsense", "%00", "..%2f..", "' OR 1=1", "x".repeat(3000)]) {
    expect([guess, (await as("ann").send(`/errand/runs/${encodeURIComponent(guess)}`)).status]).toEqual([guess, 404]);
  }
});

test("what untrusted people wrote stays text, in texts, names, results and links", async () => {
  const { id } = await site.run("ann", {
    how: "make",
    name: evil,
    says: evil,
    texts: [[evil, evil]],
    files: [[evil, "x"]],
    urls: [[evil, "https://x.example/?q=%22%3E"]],
  });
  for (const path of [`/errand/runs/${id}`, `/errand/runs/${id}/delete?next=${encodeURIComponent(`/"><script>`)}`]) {
    const page = await html(as("ann"), path);
    expect(page).not.toContain("<script>");
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  }
});

test("a rerun's page leads to the run that it repeats", async () => {
  const { id } = await site.run("ann", { how: "make", name: "Again" });
  const response = await as("ann").send(`/errand/runs/${id}/rerun`, { form: { next: `/errand/runs/${id}` } });
  const location = response.headers.get("location") as string;
  expect(response.status).toBe(303);
  expect(location).toMatch(/^\/errand\/runs\/[0-9a-f-]{36}$/);
  expect(location).not.toContain(id);
  expect(await html(as("ann"), location)).toContain(`A repetition of <a href="/errand/runs/${id}">an earlier task</a>`);
});

test("the app's rule decides what is offered and what is done", async () => {
  const ruled = await openTaskSite({ can: ({ user }, action) => (user?.id === "reader" ? action === "view" : action === "delete" ? false : undefined) });
  try {
    const { id } = await ruled.run("ann", { how: "make", name: "Ruled", files: [["a.txt", "x"]] });
    const ann = new Browser(ruled.web.handler, "ann");
    const own = await html(ann, `/errand/runs/${id}`);
    expect(own).toContain("Run again");
    expect(own).not.toContain(`/runs/${id}/delete`);
    expect((await ann.send(`/errand/runs/${id}/delete`, { form: {} })).status).toBe(403);
    expect((await ann.send(`/errand/runs/${id}/delete`)).status).toBe(403);
    const reader = new Browser(ruled.web.handler, "reader");
    const read = await html(reader, `/errand/runs/${id}`);
    expect(read).toContain("<span>a.txt</span>");
    expect(read).not.toContain("<button");
    expect((await reader.send(`/errand/runs/${id}/rerun`, { form: {} })).status).toBe(403);
    expect(await ruled.errand.get(id)).not.toBeNull();
  } finally {
    await ruled.close();
  }
});
