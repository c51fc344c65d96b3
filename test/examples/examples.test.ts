import { expect, test } from "vitest";
import { filesUnder, read } from "../repo/files.ts";
import { buildNextApp, startNextApp } from "../support/next-app.ts";
import { startProcess } from "../support/process.ts";
import { freshDatabase } from "../support/temp.ts";
import { exportWithoutScripts } from "./journey.ts";

/** Most lines of code that an app may cost, for each framework. */
const MOST = 60;
const servers = ["node-http", "express", "fastify", "hono", "koa"];

test.each(servers)("examples/%s: an export from the form to the file", async (name) => {
  const script = new URL(`../../examples/${name}/server.ts`, import.meta.url);
  const server = startProcess(script, { env: { PORT: "0", DATABASE_URL: `file:${freshDatabase()}` } });
  const [, port] = /port: (\d+)/.exec(await server.line(/port: \d+/)) as RegExpExecArray;
  await exportWithoutScripts(`http://localhost:${port}`);
  await server.kill();
});

test("examples/next, built: an export from the form to the file", { timeout: 240_000 }, async () => {
  const folder = await buildNextApp();
  const { url, server } = await startNextApp(folder, { DATABASE_URL: `file:${freshDatabase()}` });
  await exportWithoutScripts(url);
  await server.kill();
});

test.each([...servers, "next"])(`examples/%s takes at most ${MOST} lines of code`, (name) => {
  const shared = name === "next" ? [] : filesUnder("examples/export", [".ts"]).map((file) => `examples/export/${file}`);
  const own = filesUnder(`examples/${name}`, [".ts", ".tsx"]).map((file) => `examples/${name}/${file}`);
  const lines = [...shared, ...own].flatMap((file) => read(file).split("\n"));
  expect(lines.filter((line) => !/^\s*($|\/\/|\/\*\*)/.test(line)).length).toBeLessThanOrEqual(MOST);
});
