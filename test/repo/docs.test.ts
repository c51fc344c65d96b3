import { existsSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { typeErrors } from "./docs/check-types.ts";
import { callFaults } from "./docs/commands.ts";
import { pageOf, userPages } from "./docs/markdown.ts";
import { modulesOf, place } from "./docs/modules.ts";
import { wordProbes } from "./docs/words.ts";
import { filesUnder, read, repo } from "./files.ts";

const pages = userPages().map((path) => pageOf(path));
const blocks = pages.flatMap((page) => page.blocks);
const others = ["ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", ...filesUnder("bench", [".md"]).map((path) => `bench/${path}`)];
const all = [...pages, ...others.map((path) => pageOf(path))];

const fence = (info: string, ...code: string[]) => `${"`".repeat(3)}${info}\n${code.join("\n")}\n${"`".repeat(3)}\n\n`;
const created = ['import { createErrand } from "errand";', 'const errand = createErrand({ database: "file:./a.sqlite" });'];
const right = pageOf(
  "docs/right.md",
  fence("ts", ...created, "await errand.start();") +
    fence("json of=ProblemBody", '{ "detail": "Not found." }') +
    `<!-- given\n${created.join("\n")}\n-->\n${fence("ts", "await errand.start();")}` +
    fence("ts file=a.ts", "export const one = 1;") +
    fence("ts", 'import { one } from "./a.ts";', "export const two: number = one;") +
    "`errand.rerun(id, { only })`, `errand.task({ name, … })`, `web.handler`, `errand.sqlite` and `errand/web`",
);
const wrong = pageOf(
  "docs/wrong.md",
  fence("ts", ...created, "await errand.begin();") +
    fence("ts", "await errand.start();") +
    fence("ts", 'import { toDeno } from "errand/deno";') +
    fence("json of=ProblemBody", '{ "details": "Not found." }') +
    "`errand.restart(id)`, `errand.purge({ age: 1 })` and `errand/remix`",
);

/** All that TypeScript has against these pages, and the two below that are here to show that it sees something: it is asked once. */
let errors: readonly string[] = [];

beforeAll(async () => {
  const checked = [...pages, right, wrong];
  errors = await typeErrors([...modulesOf(checked.flatMap((page) => page.blocks)), ...wordProbes(checked)]);
}, 240_000);

test("every block of TypeScript, every document shown as JSON, and every call in a sentence fits the library", () => {
  expect(modulesOf(blocks).length).toBeGreaterThan(60);
  expect(errors.filter((error) => !error.startsWith(wrong.path))).toEqual([]);
});

test("every block of JSON is JSON", () => {
  const broken = blocks.filter(({ language, code }) => language === "json" && !isJson(code));
  expect(broken.map(place)).toEqual([]);
});

test("every block says what language it is in", () => {
  expect(blocks.filter(({ language }) => language === "").map(place)).toEqual([]);
});

test("commands that pages tell are there, with their options", () => {
  expect(all.flatMap(callFaults)).toEqual([]);
});

test("links lead to pages and headings that there are", () => {
  expect(all.flatMap(({ path, links }) => links.flatMap((link) => linkFault(path, link)))).toEqual([]);
});

test.each([
  ["docs/tasks.md", "src/core/task.ts", "TaskOptions"],
  ["docs/tasks.md", "src/core/task.ts", "TaskContext"],
  ["docs/tasks.md", "src/runtime/task-api.ts", "DelayOptions"],
  ["docs/tasks.md", "src/runtime/errand.ts", "ErrandOptions"],
  ["docs/web.md", "src/web/errand-web.ts", "WebOptions"],
  ["docs/web.md", "src/web/async-action-options.ts", "AsyncActionOptions"],
  ["docs/drivers.md", "src/core/broker.ts", "Broker"],
])("%s tells all of %s, %s", (path, source, name) => {
  const [, body = ""] = new RegExp(`^export interface ${name}\\b.*\\{\\n([^]*?)^\\}`, "m").exec(read(source)) ?? [];
  const keys = [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(<]/gm)].map(([, key]) => key as string);
  expect(keys.length).toBeGreaterThan(5);
  const { blocks, inline } = pageOf(path);
  const told = [...inline, ...blocks.map(({ code }) => code)].join("\n");
  expect(keys.filter((key) => !new RegExp(`\\b${key}\\b`).test(told))).toEqual([]);
});

test("docs/README.md leads to every page", () => {
  const { links } = pageOf("docs/README.md");
  const listed = links.map((link) => normalize(join("docs", link.split("#")[0] as string)));
  expect(userPages().filter((path) => path.startsWith("docs/") && path !== "docs/README.md" && !listed.includes(path))).toEqual([]);
  expect(pageOf("README.md").links).toContain("docs/README.md");
});

describe("a page that is wrong is found out", () => {
  const pageWith = (text: string) => pageOf(wrong.path, text);

  test("by TypeScript, at its line", () => {
    expect(errors.filter((error) => error.startsWith(wrong.path)).sort()).toEqual([
      expect.stringMatching(/^docs\/wrong\.md: .*'age'/),
      expect.stringMatching(/^docs\/wrong\.md: .*'restart'/),
      expect.stringMatching(/^docs\/wrong\.md: .*errand\/remix/),
      expect.stringMatching(/^docs\/wrong\.md:12: .*errand\/deno/),
      expect.stringMatching(/^docs\/wrong\.md:16: .*details/),
      expect.stringMatching(/^docs\/wrong\.md:4: .*'begin'/),
      expect.stringMatching(/^docs\/wrong\.md:8: .*'errand'/),
    ]);
  });

  test("by its fences", () => {
    const read = (info: string) => modulesOf(pageWith(fence(info, "?")).blocks);
    expect(() => read("ts runs")).toThrow(/docs\/wrong\.md:2: .*"runs"/);
    expect(() => read('ts unchecked="no"')).toThrow(/say why/);
    expect(read('ts unchecked="it shows what was before"')).toEqual([]);
  });

  test("by its commands", () => {
    const faults = (text: string) => callFaults(pageWith(text));
    expect(faults("`npm run demo`, `npm test` and `errand worker ./errand.ts --grace 30s`")).toEqual([]);
    expect(faults("`npm run dmeo`")).toEqual(['docs/wrong.md: "npm run dmeo" is no script']);
    expect(faults(fence("sh", "npx errand work ./errand.ts"))).toEqual(['docs/wrong.md: "errand work" is no command']);
    expect(faults("`errand worker ./errand.ts --gracious 30s`")).toEqual(['docs/wrong.md: "errand worker" has no option --gracious']);
  });

  test("by its links", () => {
    expect(["README.md#what-you-write", "docs", "docs/each.md#sources", "https://example.com/"].flatMap((link) => linkFault("X.md", link))).toEqual([]);
    expect(["gone.md", "README.md#gone", "docs/each.md#Sources"].flatMap((link) => linkFault("X.md", link))).toHaveLength(3);
  });
});

function isJson(code: string): boolean {
  try {
    JSON.parse(code);
    return true;
  } catch {
    return false;
  }
}

/** What is wrong with a link of a page; nothing about the web, which no test asks. */
function linkFault(page: string, link: string): string[] {
  if (/^[a-z]+:/.test(link)) return [];
  const [file = "", anchor] = decodeURI(link).split("#");
  const path = file === "" ? page : normalize(join(dirname(page), file));
  if (!existsSync(join(repo, path))) return [`${page}: ${link} is not there`];
  if (anchor === undefined) return [];
  if (statSync(join(repo, path)).isDirectory() || !pageOf(path, read(path)).anchors.includes(anchor)) return [`${page}: ${link} has no such heading`];
  return [];
}
