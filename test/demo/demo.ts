import { type NodeProcess, startProcess } from "../support/process.ts";
import { tempDir } from "../support/temp.ts";

export interface Demo {
  /** Such as "http://localhost:41234". */
  readonly url: string;
  /** Its DEMO_DATA. */
  readonly data: string;
  readonly process: NodeProcess;
}

export interface DemoOptions {
  /** A fresh folder by default. */
  readonly data?: string;
  /** Any that is free by default. */
  readonly port?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const server = new URL("../../examples/box-office/server.ts", import.meta.url);
const cli = new URL("../../dist/cli/errand.js", import.meta.url);
const errand = new URL("../../examples/box-office/errand.ts", import.meta.url);

/** What this process may have in its environment must not change the demo's. */
const clean = {
  ERRAND_DATABASE_URL: undefined,
  ERRAND_BROKER_URL: undefined,
  ERRAND_STORAGE_URL: undefined,
  ERRAND_WORKER: undefined,
  ERRAND_SECRET: undefined,
  DEMO_DATA: undefined,
  DEMO_LEASE: undefined,
};

/** The demo's server as a process, before it has said anything. */
export function spawnDemo(env: DemoOptions["env"] = {}): NodeProcess {
  return startProcess(server, { env: { ...clean, PORT: "0", ...env } });
}

/** The demo, listening. It is killed at the end of the test file if it is still there. */
export async function startDemo({ data = tempDir(), port = "0", env }: DemoOptions = {}): Promise<Demo> {
  const process = spawnDemo({ DEMO_DATA: data, PORT: port, ...env });
  const line = await process.line(/^The box office is open: /);
  return { url: line.slice(line.indexOf("http")), data, process };
}

/** `errand worker examples/box-office/errand.ts`, ready to take runs. */
export async function startWorker({
  data,
  env,
  args = [],
}: {
  readonly data: string;
  readonly env?: DemoOptions["env"];
  readonly args?: readonly string[];
}): Promise<NodeProcess> {
  const process = startProcess(cli, { args: ["worker", errand.pathname, ...args], env: { ...clean, ERRAND_BROKER_URL: "database", DEMO_DATA: data, ...env } });
  await process.line(/takes runs/);
  return process;
}

export function portOf({ url }: Demo): string {
  return new URL(url).port;
}
