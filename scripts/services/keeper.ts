import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeeperAnswer, KeeperCommand, KeeperOrder } from "./private-server.ts";

// A process of its own around one private server. It does what the process that forked it says, and when that one is gone, however it went,
// the server is stopped and its folder removed.

/** How long a server may take to stop in good order, ms; after that it is killed. */
const STOP_MS = 10_000;
/** After a kill, children of the dead server may hold its memory for a moment: how often, and at what intervals in ms, it is started anew. */
const TRIES = 20;
const AGAIN_MS = 250;
/** Characters of a server's output that are kept, to say why it did not start. */
const TAIL = 2000;

const order = JSON.parse(process.argv[2] as string) as KeeperOrder;
const { user } = order;
const folder = mkdtempSync(join(realpathSync(tmpdir()), `errand-${order.name}-`));
if (user) chownSync(folder, user.uid, user.gid);
// Messages in English, since one of them is waited for.
const how = { cwd: folder, env: { ...process.env, LC_ALL: "C", HOME: folder }, ...(user && { uid: user.uid, gid: user.gid }) };

let server: ChildProcess | undefined;
let output = "";

/** Starts the server and resolves when it says that it is ready. */
async function up(): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    if (await start()) return;
    if (!order.again.some((words) => output.includes(words)) || attempt === TRIES) throw new Error(`${order.command} did not start: ${output.trim()}`);
    await new Promise((rested) => setTimeout(rested, AGAIN_MS));
  }
}

/** Whether it became ready; otherwise it has ended. */
async function start(): Promise<boolean> {
  output = "";
  const child = spawn(order.command, order.args, { ...how, stdio: ["ignore", "pipe", "pipe"] });
  server = child;
  const ready = Promise.withResolvers<true>();
  const hear = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-TAIL);
    if (output.includes(order.ready)) ready.resolve(true);
  };
  child.stdout?.on("data", hear);
  child.stderr?.on("data", hear);
  const gone = new Promise<false>((ended) => {
    child.once("error", (error) => {
      output += error.message;
      ended(false);
    });
    child.once("close", () => ended(false));
  });
  void gone.then(() => {
    if (server === child) server = undefined;
  });
  return Promise.race([ready.promise, gone]);
}

async function down(signal: NodeJS.Signals): Promise<void> {
  const child = server;
  if (!child) return;
  const exited = once(child, "close");
  child.kill(signal);
  const kill = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await exited;
  clearTimeout(kill);
}

async function obey(command: KeeperCommand): Promise<void> {
  await down(command === "kill" ? "SIGKILL" : order.stop);
  if (command === "restart") await up();
}

function prepare(): void {
  for (const [command, ...args] of order.prepare) {
    const { status, error, stdout, stderr } = spawnSync(command as string, args, { ...how, encoding: "utf8" });
    if (status !== 0) throw new Error(`${command} failed: ${error?.message ?? `${stdout}${stderr}`.trim().slice(-TAIL)}`);
  }
}

let ending: Promise<void> | undefined;
function end(): Promise<void> {
  ending ??= down(order.stop).finally(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    process.exit();
  });
  return ending;
}

/** One at a time. */
let obeying: Promise<void> = Promise.resolve();
function answering(work: () => Promise<void> | void): void {
  obeying = obeying.then(work).then(
    () => void answer({ folder, pid: server?.pid ?? null }),
    (error: Error) => answer({ failed: error.message }),
  );
}

function answer(message: KeeperAnswer): void {
  if (process.connected) process.send?.(message);
}

process.once("disconnect", () => void end());
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => void end());
process.on("message", (command: KeeperCommand) => answering(() => obey(command)));
answering(async () => {
  prepare();
  await up();
});
