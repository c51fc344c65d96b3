import { readdirSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import type { RunBody } from "../../src/core/wire.ts";
import { type Demo, startDemo } from "./demo.ts";
import { readZip } from "./read-zip.ts";
import { saidOn, Visitor } from "./visitor.ts";

const folder = new URL("../../examples/box-office/courses/", import.meta.url);
const ids = readdirSync(folder).filter((name) => /^\d+$/.test(name));
const sections = ids.map((id) => readdirSync(new URL(`${id}/`, folder)).filter((name) => name.endsWith(".md")));
const titles = ["Running a small venue", "Sound for small rooms", "Concerts that everybody can attend"];

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo();
});

const plain = (text: string) => text.replace(/<[^>]*>/g, "");

test("every course stands on the home page, beside the button that packs them all", async () => {
  expect(ids).toEqual(["1", "2", "3"]);
  const page = await (await new Visitor(demo).get("/")).text();
  for (const [index, id] of ids.entries()) expect(page).toContain(`<a href="/courses/${id}">${titles[index]}</a>`);
  expect(page).toContain('<form method="post" action="/courses/export-all" data-asynctask');
});

test("export all courses: each by itself, and then one zip with all of their sections", async () => {
  const visitor = new Visitor(demo);
  const ended = await visitor.run("/courses/export-all");
  const address = `/courses/export-all/${ended.async_id}`;
  const total = sections.flat().length;
  expect(ended).toMatchObject({ success: true, redirect: address, message: `All 3 courses are packed, ${total} sections in all.` });

  const page = await (await visitor.get(address)).text();
  expect(saidOn(page).heading).toBe("All courses, packed");
  const link = /href="([^"]*\/download)"/.exec(page)?.[1] as string;
  const zip = await visitor.get(link);
  expect(zip.headers.get("content-disposition")).toBe('attachment; filename="all-courses.zip"');
  const files = readZip(Buffer.from(await zip.arrayBuffer()));
  const folders = titles.map((title) => title.toLowerCase().replaceAll(" ", "-"));
  expect([...files.keys()]).toEqual(
    sections.flatMap((names, index) => ["course.html", ...names.map((name) => `sections/${name}`)].map((name) => `${folders[index]}/${name}`)),
  );
  for (const [index, name] of folders.entries()) expect(files.get(`${name}/course.html`)).toContain(`<title>${titles[index]}</title>`);

  const whole = (await (await visitor.get(`/errand/tasks/${ended.async_id}/`)).json()) as RunBody;
  // A step for each section, and one for each course that goes into the zip.
  expect(whole).toMatchObject({ name: "Export of all courses", kind: "chord", percentage: 100, total_steps: total + 3, completed_steps: total + 3 });
});

test("its own page shows what each course became, and then the zip; my tasks shows it once", async () => {
  const alice = await Visitor.signedIn(demo, "alice");
  const { async_id: id } = await alice.run("/courses/export-all");
  const page = await (await alice.get(`/errand/runs/${id}`, { accept: "text/html" })).text();
  const parts = [...page.matchAll(/<div class="errand-part-head"><a href="([^"]*)">(.*?)<\/a>/g)];
  expect(parts.map(([, , name]) => name)).toEqual([...titles.map((title) => `Export of ${title}`), "One zip of all courses"]);
  const part = await (await alice.get(parts[1]?.[1] as string, { accept: "text/html" })).text();
  expect(plain(part)).toContain("Part of “Export of all courses”");
  const mine = await (await alice.get("/errand/", { accept: "text/html" })).text();
  expect([...mine.matchAll(/<h2><a[^>]*>(.*?)<\/a>/g)].map(([, name]) => name)).toEqual(["Export of all courses"]);
});

test("what came of it is nobody else's to see, and no address leads to a course by that name", async () => {
  const alice = await Visitor.signedIn(demo, "alice");
  const { async_id: id } = await alice.run("/courses/export-all");
  for (const path of [`/courses/export-all/${id}`, `/courses/export-all?async_id=${id}`, `/errand/runs/${id}`, "/courses/export-all/nothing"]) {
    expect([path, (await new Visitor(demo).get(path)).status]).toEqual([path, path.startsWith("/errand/") ? 403 : 404]);
  }
  const { async_id: other } = await alice.run("/courses/2/export");
  expect((await alice.get(`/courses/export-all/${other}`)).status).toBe(404);
  expect((await alice.get(`/courses/export-all?async_id=${other}`)).status).toBe(404);
});

test("without JavaScript the waiting page leads on to the result", async () => {
  const visitor = new Visitor(demo);
  let { headers, status } = await visitor.post("/courses/export-all");
  expect(status).toBe(303);
  for (let path = headers.get("location") as string; path.includes("async_id"); path = headers.get("location") ?? path) {
    ({ headers, status } = await visitor.get(path));
  }
  expect(headers.get("location") ?? "").toMatch(/^\/courses\/export-all\/[0-9a-f-]{36}$/);
});
