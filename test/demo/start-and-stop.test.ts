import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { tempDir } from "../support/temp.ts";
import { portOf, spawnDemo, startDemo, startWorker } from "./demo.ts";
import { Visitor } from "./visitor.ts";

// Each test waits for one or two processes to start, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

test("it prints one line, its address, and goes away cleanly on SIGTERM with its own temporary folder", async () => {
  const folder = tempDir();
  const process = spawnDemo({ TMPDIR: folder });
  const line = await process.line(/./);
  expect(line).toMatch(/^The box office is open: http:\/\/localhost:\d+$/);
  const visitor = new Visitor({ url: line.slice(line.indexOf("http")) });
  expect((await visitor.get("/")).status).toBe(200);
  expect(readdirSync(folder)).toHaveLength(1);
  expect(await process.kill("SIGTERM")).toEqual({ code: 0, signal: null });
  expect(process.stdout).toBe(`${line}\n`);
  expect(process.stderr).toBe("");
  expect(readdirSync(folder)).toEqual([]);
});

test("a second signal while it goes away changes nothing", async () => {
  const folder = tempDir();
  const process = spawnDemo({ TMPDIR: folder });
  const line = await process.line(/./);
  await new Visitor({ url: line.slice(line.indexOf("http")) }).start("/sleep", { seconds: "600", steps: "1" });
  process.signal("SIGINT");
  process.signal("SIGTERM");
  expect(await process.kill("SIGINT")).toEqual({ code: 0, signal: null });
  expect(readdirSync(folder)).toEqual([]);
});

test("SIGINT in the middle of a run: it goes away, keeps DEMO_DATA, and the run ends after the next start", async () => {
  const env = { DEMO_LEASE: "2s" };
  const first = await startDemo({ env });
  const alice = await Visitor.signedIn(first, "alice");
  await alice.run("/orders/ABC12/cancel");
  const started = await alice.start("/sleep", { seconds: "4", steps: "8" });
  expect(await first.process.kill("SIGINT")).toEqual({ code: 0, signal: null });
  expect(existsSync(join(first.data, "errand.sqlite"))).toBe(true);

  // Cookies stay good, since the secrets lie in DEMO_DATA too.
  const second = await startDemo({ data: first.data, port: portOf(first), env });
  expect(second.url).toBe(first.url);
  expect(await (await alice.get("/orders/ABC12")).text()).toContain(">Canceled<");
  expect(await alice.finish(started)).toMatchObject({ success: true, message: "Slept for 4 s, in 8 steps." });
});

test("a port that is taken is said in one line", async () => {
  const other = createServer().listen(0);
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const folder = tempDir();
  const process = spawnDemo({ PORT: String(port), TMPDIR: folder });
  expect(await process.exited).toEqual({ code: 1, signal: null });
  expect(process.stderr).toBe(`Port ${port} is taken: set PORT to another one, or to 0 for any that is free.\n`);
  expect(readdirSync(folder)).toEqual([]);
  other.close();
  await once(other, "close");
});

test.each([
  ["PORT=http", { PORT: "http" }, 'PORT must be a number from 0 to 65535, but is "http".'],
  ["PORT=99999", { PORT: "99999" }, 'PORT must be a number from 0 to 65535, but is "99999".'],
  ["a web process without workers, and no folder to share", { ERRAND_BROKER_URL: "database", ERRAND_WORKER: "off" }, /^Set DEMO_DATA to a folder: /],
  ["a broker that nobody knows", { ERRAND_BROKER_URL: "carrier-pigeon" }, /carrier-pigeon/],
])("%s is refused in one line", async (_, env, line) => {
  const process = spawnDemo(env);
  expect(await process.exited).toEqual({ code: 1, signal: null });
  expect(process.stderr.trimEnd().split("\n")).toHaveLength(1);
  if (typeof line === "string") expect(process.stderr).toBe(`${line}\n`);
  else expect(process.stderr).toMatch(line);
});

test("a worker process performs what the web process only starts", async () => {
  const demo = await startDemo({ env: { ERRAND_BROKER_URL: "database", ERRAND_WORKER: "off" } });
  const visitor = new Visitor(demo);
  const started = await visitor.start("/sleep", { seconds: "0", steps: "5" });
  expect(started).toMatchObject({ ready: false, started: false });
  const worker = await startWorker({ data: demo.data });
  expect(await visitor.finish(started)).toMatchObject({ success: true, message: "Slept for 0 s, in 5 steps." });
  expect(await worker.kill("SIGTERM")).toEqual({ code: 0, signal: null });
});
