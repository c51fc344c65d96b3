import { join } from "node:path";
import { rolldown } from "rolldown";
import { beforeAll, describe, expect, test } from "vitest";
import { checkBuilt } from "../repo/built.ts";
import { PackedProject } from "./packed-project.ts";

// The package as npm would publish it, installed where nothing else is.

let project: PackedProject;

beforeAll(async () => {
  checkBuilt();
  project = await PackedProject.install();
}, 120_000);

/** The scripts of pages: there is nothing for Node in them. */
const isForPages = (specifier: string): boolean => specifier.endsWith(".js");

/** What works for every app, whatever else it has. */
const plain = ["errand", "errand/web", "errand/node", "errand/hono", "errand/testing", "errand/stores/sqlite", "errand/brokers/database"];

const resolutions = ["nodenext", "bundler"] as const;

/** A module that imports all of these. */
function importing(specifiers: readonly string[]): string {
  return specifiers.map((specifier, index) => `import * as m${index} from "${specifier}";\nvoid m${index};\n`).join("");
}

test("only what is needed is shipped", () => {
  const paths = project.files.map(({ path }) => path);
  expect(paths.filter((path) => !path.startsWith("dist/")).sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "package.json"]);
  expect(paths.filter((path) => path.startsWith("dist/") && !/(\.d\.ts|\.js|\.css)$/.test(path))).toEqual([]);
  expect(paths.filter((path) => /\.test\.|\.fixture\./.test(path))).toEqual([]);
  expect(project.files.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(2_000_000);
});

test("nothing shipped points to a source map", async () => {
  project.write("maps.mjs", scanForMaps);
  expect(await project.node("maps.mjs")).toMatchObject({ status: 0, text: "" });
});

const scanForMaps = `
import { readdirSync, readFileSync } from "node:fs";
for (const file of readdirSync("node_modules/errand", { recursive: true }))
  if (/\\.(js|ts|css)$/.test(file) && /^\\/[/*][#@] sourceMappingURL=/m.test(readFileSync("node_modules/errand/" + file, "utf8"))) console.log(file);
`;

describe("without any optional peer", () => {
  test.each(resolutions)("what needs none is typed for whoever has none: %s", async (resolution) => {
    const free = project.specifiers.filter((specifier) => project.peersOf(specifier, ".d.ts").length === 0);
    expect(free).toEqual(expect.arrayContaining(plain));
    project.write("free.ts", importing(free));
    project.write("app.ts", app);
    expect(await project.typeFaults(resolution, ["free.ts", "app.ts"])).toEqual([]);
  });

  test("what needs one says so, and nothing else is wrong", async () => {
    project.write("all.ts", importing(project.specifiers));
    const faults = await project.typeFaults("nodenext", ["all.ts"]);
    const needed = new Set(project.specifiers.flatMap((specifier) => project.peersOf(specifier, ".d.ts")));
    const missing = faults.map((fault) => /Cannot find module '((?:@[^/']+\/)?[^/']+)/.exec(fault)?.[1] ?? fault);
    expect(new Set(missing)).toEqual(needed);
  });

  test("each module loads, or names the package that it lacks", async () => {
    const modules = project.specifiers.filter((specifier) => !isForPages(specifier));
    project.write("load.mjs", `const loaded = {};\nfor (const name of ${JSON.stringify(modules)}) ${loadOne}\nconsole.log(JSON.stringify(loaded));`);
    const { status, text } = await project.node("load.mjs");
    expect(status, text).toBe(0);
    const expected = modules.map((name) => {
      const peers = project.peersOf(name, ".js");
      return [name, peers.length === 0 ? "loaded" : expect.stringMatching(new RegExp(`^ERR_MODULE_NOT_FOUND: Cannot find package '(${peers.join("|")})'`))];
    });
    expect(JSON.parse(text)).toEqual(Object.fromEntries(expected));
    expect(JSON.parse(text)).toMatchObject(Object.fromEntries(plain.map((name) => [name, "loaded"])));
  });

  test("a run is begun and ends", async () => {
    project.write("app.ts", app);
    expect(await project.node("app.ts")).toMatchObject({ status: 0, text: "Hello Ada\n" });
  });

  test("an address that needs a package says which one to install", async () => {
    project.write("lacking.mjs", lacking);
    const { text } = await project.node("lacking.mjs");
    expect(text.trim().split("\n")).toEqual([
      "This address needs packages that are not installed: npm install pg",
      "This address needs packages that are not installed: npm install graphile-worker pg",
      "This address needs packages that are not installed: npm install bullmq ioredis",
      "This address needs packages that are not installed: npm install @aws-sdk/client-s3 @aws-sdk/lib-storage",
    ]);
  });

  test("the command line is there", async () => {
    const { status, text } = await project.node(join("node_modules", ".bin", "errand"), "--help");
    expect(status).toBe(0);
    expect(text).toContain("errand worker");
  });

  test.each(["errand/asynctask.js", "errand/elements.js"])("a bundler keeps %s, which is imported for what it does", async (script) => {
    project.write("page.js", `import "${script}";`);
    const bundle = await rolldown({ input: join(project.folder, "page.js"), platform: "browser", cwd: project.folder, external: /errand-(live|fields)\.js$/ });
    const { output } = await bundle.generate({ format: "esm" });
    await bundle.close();
    expect(output[0].code).toContain(script === "errand/elements.js" ? "errand-tray" : "data-asynctask");
  });
});

describe("with every optional peer", () => {
  beforeAll(() => project.addPeers());

  test.each(resolutions)("everything is typed: %s", async (resolution) => {
    project.write("all.ts", importing(project.specifiers));
    const faults = await project.typeFaults(resolution, ["all.ts"]);
    // Peers answer for their own declarations.
    expect(faults.filter((fault) => !fault.startsWith("..") && !/^node_modules\/(?!errand\/)/.test(fault))).toEqual([]);
  });
});

const loadOne = `
  await import(name).then(
    () => { loaded[name] = "loaded"; },
    (error) => { loaded[name] = error.code + ": " + error.message; },
  );
`;

const app = `
import { createErrand, type RunHandle } from "errand";
import { z } from "zod";

const errand = createErrand({ database: ":memory:" });
const greet = errand.task({ name: "greet", input: z.object({ name: z.string() }), run: async ({ name }) => \`Hello \${name}\` });

// @ts-expect-error the input is typed
await greet.delay({ nam: "Ada" }).catch(() => undefined);
const run: RunHandle<string> = await greet.delay({ name: "Ada" });
console.log(await run.result());
await errand.close();
`;

const lacking = `
import { createErrand } from "errand";
const memory = { database: ":memory:" };
const lacking = [
  { database: "postgres://localhost/x" },
  { ...memory, broker: "postgres://localhost/x" },
  { ...memory, broker: "redis://localhost" },
  { ...memory, storage: "s3://bucket" },
];
for (const options of lacking) await createErrand(options).start().catch((error) => console.log(error.message));
`;
