import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Visitor } from "../demo/visitor.ts";
import { pageOf, userPages } from "../repo/docs/markdown.ts";
import { type Module, modulesOf, writeModules } from "../repo/docs/modules.ts";
import { type NodeProcess, startProcess } from "../support/process.ts";
import { tempDir } from "../support/temp.ts";
import { exportWithoutScripts } from "./journey.ts";

const modules = userPages().flatMap((path) => modulesOf(pageOf(path).blocks));
const running = modules.filter(({ runs }) => runs);

test("there are blocks that run, and each says what it prints", () => {
  expect(running.length).toBeGreaterThan(8);
  expect(running.filter(({ output }) => output.length === 0).map(({ path }) => path)).toEqual([]);
  expect(modules.filter(({ runs, output }) => !runs && output.length > 0).map(({ path }) => path)).toEqual([]);
});

test.each(running.map((module) => [module.origins.at(-1), module] as const))("the block that ends at %s prints what it says", async (_, module) => {
  const printed = await outputOf(module);
  expect(printed).toEqual(module.output.map((line, index) => (fits(line, printed[index]) ? printed[index] : line)));
});

test("a block that prints something else, or fails, is found out", async () => {
  const moduleWith = (code: string) => modulesOf(pageOf("docs/wrong.md", `\`\`\`ts run\n${code}\n\`\`\`\n`).blocks)[0] as Module;
  expect(await outputOf(moduleWith('console.log("one"); // → two'))).toEqual(["one"]);
  await expect(outputOf(moduleWith('console.log("one"); // → one\nprocess.exitCode = 3;'))).rejects.toThrow(/docs\/wrong\.md:2 ended with 3/);
  expect([fits("two", "one"), fits("one", "one"), fits("o…", "one"), fits("a+…", "ab")]).toEqual([false, true, true, false]);
});

test("the storage of docs/drivers.md passes the suite", { timeout: 240_000 }, async () => {
  const folder = tempDir();
  writeModules(
    folder,
    modules.filter(({ path }) => path.startsWith("drivers/sqlite-storage.")),
  );
  const run = startProcess("--test", { args: ["--test-reporter=tap", "drivers/sqlite-storage.test.ts"], cwd: folder, env: { NODE_TEST_CONTEXT: undefined } });
  const { code } = await run.exited;
  expect([code, run.stdout.split("\n").filter((line) => line.trim().startsWith("not ok"))]).toEqual([0, []]);
  expect(Number(/^# pass (\d+)$/m.exec(run.stdout)?.[1])).toBeGreaterThan(40);
});

describe("docs/guide.md, as it stands", () => {
  test("its server: without scripts from the form to the file, for the one who began it", async () => {
    const { url, server } = await serveGuide();
    await exportWithoutScripts(url);
    await server.kill();
  });

  test("its documents, cancel and lists, as a program asks for them", async () => {
    const { url, server } = await serveGuide();
    const [one, other] = [new Visitor({ url }), new Visitor({ url })];
    const started = await one.start("/export", { year: "2026" });
    const { check_url: _, ...rest } = started;
    expect([started.ready, started.started]).toEqual([false, true]);
    expect(Object.keys(rest)).toEqual(Object.keys(documentOn("docs/migrating/celery-pretix.md")));
    expect(await other.post("/export", { year: "1" }, { accept: "application/json" })).toMatchObject({ status: 422 });
    expect((await other.get(`/errand/tasks/${started.async_id}/`)).status).toBe(403);
    expect(await (await one.post(started.cancel_url as string)).json()).toMatchObject({ task: "export_year", name: "Orders of 2026" });
    const canceled = await one.get(`/errand/tasks/${started.async_id}/?rev=0`, { prefer: "wait=20" });
    const [listed] = (await (await one.get("/errand/tasks/")).json()) as { state: string; total_steps: number }[];
    expect(Object.keys(listed ?? {})).toEqual(Object.keys(documentOn("docs/guide.md")));
    expect([canceled.status, ["Canceling", "Canceled"].includes(listed?.state ?? ""), listed?.total_steps]).toEqual([200, true, 12]);
    expect(await (await one.get("/errand/", { accept: "text/html" })).text()).toContain("Orders of 2026");
    await server.kill();
  });

  test("its worker of its own takes what the server starts", async () => {
    const folder = guideFolder();
    const env = { ERRAND_BROKER_URL: "database" };
    const { url, server } = await serveGuide(folder, { ...env, ERRAND_WORKER: "off" });
    const worker = startProcess(join(folder, "node_modules/errand/dist/cli/errand.js"), { args: ["worker", "./errand.ts"], cwd: folder, env });
    await exportWithoutScripts(url);
    await Promise.all([server.kill(), worker.kill()]);
  });
});

/** The document that a page shows as JSON. */
function documentOn(page: string): object {
  const [block] = pageOf(page).blocks.filter(({ language }) => language === "json");
  return JSON.parse(block?.code ?? "null") as object;
}

/** What a module prints, run as its reader would: in a folder with its page's files, and with a database that is not there yet. */
async function outputOf(module: Module): Promise<string[]> {
  const page = module.path.split("/")[0] as string;
  const folder = tempDir();
  writeModules(folder, [...modules.filter(({ path }) => path.startsWith(`${page}/`)), module]);
  const run = startProcess(join(folder, module.path), { cwd: join(folder, page), env: { ERRAND_DATABASE_URL: undefined, ERRAND_BROKER_URL: undefined } });
  const { code } = await run.exited;
  if (code !== 0) throw new Error(`${module.origins[0]} ended with ${code}.\n${run.stdout}${run.stderr}`);
  return run.stdout.trimEnd().split("\n");
}

/** "…" in what a page says stands for anything. */
function fits(said: string, printed: string | undefined): boolean {
  const pattern = said.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("…", ".*");
  return printed !== undefined && new RegExp(`^${pattern}$`).test(printed.trim());
}

function guideFolder(): string {
  const folder = tempDir();
  const files = modules.filter(({ path }) => /^guide\/(errand|server)\.ts$/.test(path));
  expect(files).toHaveLength(2);
  writeModules(
    folder,
    files.map((module) => ({ ...module, path: module.path.replace("guide/", "") })),
  );
  return folder;
}

async function serveGuide(folder = guideFolder(), env: Readonly<Record<string, string>> = {}): Promise<{ url: string; server: NodeProcess }> {
  const server = startProcess(join(folder, "server.ts"), { cwd: folder, env: { PORT: "0", ...env } });
  const [, port] = /port: (\d+)/.exec(await server.line(/port: \d+/)) as RegExpExecArray;
  return { url: `http://localhost:${port}`, server };
}
