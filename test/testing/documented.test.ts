import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { checkBuilt } from "../repo/built.ts";
import { pageOf } from "../repo/docs/markdown.ts";
import { modulesOf, writeModules } from "../repo/docs/modules.ts";
import { tempDir } from "../support/temp.ts";

beforeAll(checkBuilt);

test("the tests of docs/testing.md pass as they stand there", async () => {
  const folder = tempDir();
  const modules = modulesOf(pageOf("docs/testing.md").blocks);
  writeModules(folder, modules);
  const tests = modules.filter(({ path }) => path.endsWith(".test.ts")).map(({ path }) => path);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, ["--test", "--test-reporter=tap", ...tests], { cwd: folder, env });
  expect(stdout).toMatch(/^# fail 0$/m);
  expect(stdout).toMatch(/^# pass 7$/m);
});
