import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../src/core/errors.ts";
import { checkNode } from "../../src/runtime/create-errand.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { startProcess } from "../support/process.ts";
import { freshDatabase } from "../support/temp.ts";
import { appModule, environment, runCli } from "./command.ts";

const noErrand = fileURLToPath(new URL("./no-errand.ts", import.meta.url));
const throwing = fileURLToPath(new URL("./throws.ts", import.meta.url));
const defaultExport = fileURLToPath(new URL("./default-export.ts", import.meta.url));

test.each([["--help"], ["-h"], ["help"]])("%s shows the usage", async (arg) => {
  const { code, stdout, stderr } = await runCli([arg]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^Usage: errand <command>/);
  for (const word of ["worker <module>", "--concurrency", "--queues", "--grace", "migrate <app>", "list <app>", "watch <app>", "purge <module>", "--json"])
    expect(stdout).toContain(word);
});

describe("called wrongly: one clear line, the usage, and status 2", () => {
  const file = freshDatabase();
  test.each<[string[], string]>([
    [["mend"], 'There is no command "mend".'],
    [["toString"], 'There is no command "toString".'],
    [["worker"], "Name the module that exports your errand, such as ./errand.ts."],
    [["migrate"], "Name the module that exports your errand, such as ./errand.ts."],
    [["worker", "./nowhere.ts"], `There is no file ${join(process.cwd(), "nowhere.ts")}.`],
    [["worker", noErrand], `${noErrand} exports no errand: add \`export const errand = createErrand(…)\`.`],
    [["worker", appModule, "--concurrency", "0"], "--concurrency must be a whole number of 1 or more, but is 0."],
    [["worker", appModule, "--concurrency", "many"], "--concurrency must be a whole number of 1 or more, but is many."],
    [["worker", appModule, "--grace", "soon"], "--grace must be a number of ms or a text"],
    [["worker", appModule, "--speed", "3"], "Unknown option '--speed'"],
  ])("errand %j", async (args, message) => {
    const { code, stdout, stderr } = await runCli(args, environment(file));
    expect(code).toBe(2);
    expect(stdout).toBe("");
    const [line, empty, usage] = stderr.split("\n");
    expect(line).toContain(`errand: ${message}`);
    expect([empty, usage]).toEqual(["", "Usage: errand <command> [options]"]);
  });

  test("without a command", async () => {
    expect(await runCli([])).toMatchObject({ code: 2, stdout: expect.stringMatching(/^Usage:/) });
  });

  test("a worker where every process performs its own runs", async () => {
    const fresh = freshDatabase();
    const { code, stderr } = await runCli(["worker", appModule], environment(fresh, "none"));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^errand: The broker is "none": runs are performed by the process that starts them\. Set ERRAND_BROKER_URL=database/);
    expect(existsSync(fresh)).toBe(false);
  });
});

describe("what fails ends with status 1", () => {
  test.each(["worker", "migrate"])("%s on a file that is no database says so in one line", async (command) => {
    const file = freshDatabase();
    writeFileSync(file, "This is a letter, and no database at all.".repeat(200));
    const { code, stderr } = await runCli([command, appModule], environment(file));
    expect(code).toBe(1);
    expect(stderr).toBe(`errand: The file ${file} is not an SQLite database. Name another file, or move this one away.\n`);
  });

  test("an address that nobody knows", async () => {
    const { code, stderr } = await runCli(["migrate", appModule], { ...environment(freshDatabase()), ERRAND_DATABASE_URL: "mysql://user:secret@host/db" });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^errand: The database address "mysql:\/\/…@host\/db" is not known\.[^\n]*\n$/);
  });

  test("an app that throws shows where", async () => {
    const { code, stderr } = await runCli(["worker", throwing]);
    expect(code).toBe(1);
    expect(stderr).toContain("This app cannot start.");
    expect(stderr).toContain("throws.ts:1");
  });
});

test("migrate brings the schema up to date, also twice, and also of a default export", async () => {
  const file = freshDatabase();
  const said = { code: 0, signal: null, stdout: "The schema is up to date.\n", stderr: "" };
  expect(await runCli(["migrate", appModule], environment(file))).toEqual(said);
  expect(await runCli(["migrate", defaultExport], environment(file))).toEqual(said);
  const store = sqlite(file);
  expect(await store.get(["x"])).toEqual([]);
  await store.close();
});

describe("a Node that is too old", () => {
  test.each(["18.20.4", "20.20.2", "22.0.0", "23.11.1"])("%s is told in one clear line", (version) => {
    expect(() => checkNode(version)).toThrow(new ConfigurationError(`Errand needs Node 24 or newer, for the SQLite inside it; this is Node ${version}.`));
  });

  test.each(["24.0.0", "24.21.0", "26.1.0", "100.0.0"])("%s will do", (version) => {
    expect(() => checkNode(version)).not.toThrow();
  });

  const old = oldNode();
  const built = fileURLToPath(new URL("../../dist/cli/errand.js", import.meta.url));

  test.runIf(old !== undefined && existsSync(built))("the command line says so before it meets what it cannot load", async () => {
    const command = startProcess(built, { args: ["migrate", appModule], node: old?.path ?? "" });
    expect(await command.exited).toEqual({ code: 1, signal: null });
    expect(command.stdout).toBe("");
    expect(command.stderr).toBe(`errand needs Node 24 or newer, for the SQLite inside it; this is Node ${old?.version}.\n`);
  });
});

/** A Node older than 24 that this machine happens to have. */
function oldNode(): { path: string; version: string } | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, "node");
    if (folder.includes("node_modules") || !existsSync(path)) continue;
    const version = execFileSync(path, ["--version"], { encoding: "utf8" }).trim().slice(1);
    if (Number.parseInt(version, 10) < 24) return { path, version };
  }
  return undefined;
}
