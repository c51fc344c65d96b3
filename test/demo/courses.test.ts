import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { courseSection } from "../../examples/box-office/courses/course-html.ts";
import type { ArtifactBody, RunBody } from "../../src/core/wire.ts";
import { type Demo, startDemo } from "./demo.ts";
import { readZip } from "./read-zip.ts";
import { saidOn, Visitor } from "./visitor.ts";

const folder = new URL("../../examples/box-office/courses/1/", import.meta.url);
const sections = readdirSync(folder)
  .filter((name) => name.endsWith(".md"))
  .sort()
  .map((name) => ({ name, markdown: readFileSync(new URL(name, folder), "utf8") }));
const titles = sections.map(({ markdown }) => (/^# (.+)/.exec(markdown) as RegExpExecArray)[1] as string);

let demo: Demo;

beforeAll(async () => {
  demo = await startDemo();
});

test("the course has six to eight sections and can be read on its page", async () => {
  expect(sections.length).toBeGreaterThanOrEqual(6);
  expect(sections.length).toBeLessThanOrEqual(8);
  const page = await (await new Visitor(demo).get("/courses/1")).text();
  expect(saidOn(page).heading).toBe("Running a small venue");
  for (const title of titles) expect(page).toContain(title);
  expect(page).toContain("calls themselves &lt;b&gt;Ann&lt;/b&gt;");
  expect(page).not.toMatch(/<b>| style=/);
  expect(page.match(/<h1/g)).toHaveLength(1);
});

test("an export packs every section into the HTML file and the zip, a step each", async () => {
  const alice = await Visitor.signedIn(demo, "alice");
  const ended = await alice.run("/courses/1/export");
  const address = `/courses/1/exports/${ended.async_id}`;
  expect(ended).toMatchObject({ success: true, redirect: address, message: `The course is packed, all ${sections.length} sections of it.` });

  const run = (await (await alice.get(`/errand/tasks/${ended.async_id}/`)).json()) as RunBody;
  expect(run).toMatchObject({
    name: "Export of Running a small venue",
    completed_steps: sections.length,
    total_steps: sections.length,
  });

  const page = await (await alice.get(address)).text();
  const [html, zip] = await Promise.all(downloadsOn(page).map((link) => alice.get(link)));
  expect(html?.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(html?.headers.get("content-disposition")).toBe('attachment; filename="course.html"');
  expect(zip?.headers.get("content-type")).toBe("application/zip");

  const course = (await html?.text()) as string;
  const headings = [...course.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, heading]) => heading);
  expect(headings).toEqual(titles);
  expect(course.match(/<section id=/g)).toHaveLength(sections.length);
  expect(course).toContain("calls themselves &lt;b&gt;Ann&lt;/b&gt;, with the brackets");
  expect(course).toContain("O’Brien &amp; Sons");
  expect(course).not.toMatch(/<b>|<script/);
  expect(course.trimEnd()).toMatch(/^<!doctype html>.*<\/html>$/s);

  const files = readZip(Buffer.from((await zip?.arrayBuffer()) as ArrayBuffer));
  expect([...files.keys()]).toEqual(["course.html", ...sections.map(({ name }) => `sections/${name}`)]);
  expect(files.get("course.html")).toBe(course);
  for (const { name, markdown } of sections) expect(files.get(`sections/${name}`)).toBe(markdown);
});

test("what was exported belongs to its owner: nobody else sees the page, the list or the files", async () => {
  const owner = new Visitor(demo);
  const { redirect, async_id } = await owner.run("/courses/1/export");
  const links = downloadsOn(await (await owner.get(redirect as string)).text());
  expect(links).toHaveLength(2);
  const listed = (await (await owner.get(`/errand/artifacts/?run=${async_id}`)).json()) as ArtifactBody[];
  expect(listed.map(({ name }) => name).sort()).toEqual(["course.html", "course.zip"]);

  for (const other of [await Visitor.signedIn(demo, "bob"), new Visitor(demo)]) {
    expect((await other.get(redirect as string)).status).toBe(404);
    for (const link of links) expect([403, 404]).toContain((await other.get(link)).status);
  }
  const bob = await Visitor.signedIn(demo, "bob");
  expect(await (await bob.get(`/errand/artifacts/?run=${async_id}`)).json()).toEqual([]);
  const admin = await Visitor.signedIn(demo, "admin");
  expect((await admin.get(links[0] as string)).status).toBe(200);
});

test("what is no course, or no export of it, is not found", async () => {
  const alice = await Visitor.signedIn(demo, "alice");
  for (const id of ["4", "0", "-1", "01", "1.0", "..%2f1", "99999999999999999999", "course"]) {
    expect((await alice.get(`/courses/${id}`)).status, id).toBe(404);
    expect((await alice.post(`/courses/${id}/export?ajax=1`)).status, id).toBe(404);
  }
  const { async_id } = await alice.run("/courses/1/export");
  const slept = await alice.run("/sleep", { seconds: "0", steps: "1" });
  for (const path of [`/courses/2/exports/${async_id}`, `/courses/1/exports/${slept.async_id}`, "/courses/1/exports/1"]) {
    expect((await alice.get(path)).status, path).toBe(404);
  }
});

test("no Markdown brings a tag or a script's address along", () => {
  const hostile = '# <img src=x>\n\n<script>alert(1)</script>\n\n[a](javascript:alert(1)) ![b](data:text/html,x) <a href="//x">y</a>\n\n`<i>`\n';
  const section = courseSection({ slug: "s", title: "t", markdown: hostile });
  expect([...new Set(section.match(/<\w+/g))].sort()).toEqual(["<code", "<h2", "<p", "<section"]);
  expect(section).not.toMatch(/ (href|src)="/);
});

function downloadsOn(page: string): string[] {
  return [...page.matchAll(/href="(\/errand\/artifacts\/[^"]+)"/g)].map(([, link]) => link as string);
}
