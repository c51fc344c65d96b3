import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { freePort } from "../../scripts/services/on-free-port.ts";
import { startRedis } from "../../scripts/services/redis.ts";
import { usage } from "../../src/cli/usage.ts";
import { until } from "../../src/testing/until.ts";
import { exportWithoutScripts } from "../examples/journey.ts";
import { createDatabase } from "../support/postgres.ts";
import { startProcess } from "../support/process.ts";
import { tempDir } from "../support/temp.ts";
import { type ComposeService, composeFile, serviceOf } from "./compose-file.ts";
import { variablesRead } from "./environment.ts";
import { repo } from "./files.ts";

const file = composeFile();
const apps = ["migrate", "web", "worker"] as const;
/** What services that are no processes of ours are called in addresses. */
const PLACES = /@postgres:5432|\bredis:6379|\/files\b/;

describe("compose.yaml", () => {
  test.each(apps)("%s runs what there is, with options that there are", (name) => {
    const [program, script = "", ...args] = serviceOf(file, name).command ?? [];
    expect(program).toBe("node");
    const source = script.replace(/^dist\/(.*)\.js$/, "src/$1.ts");
    expect(existsSync(join(repo, source)), source).toBe(true);
    if (!script.startsWith("dist/cli/")) return;
    expect(usage).toMatch(new RegExp(`^  errand ${args[0]} `, "m"));
    expect(existsSync(join(repo, args[1] ?? "")), args[1]).toBe(true);
    for (const option of args.filter((arg) => arg.startsWith("--"))) expect(usage).toContain(`    ${option} `);
  });

  test.each(apps)("%s is given variables that are read", (name) => {
    const names = Object.keys(serviceOf(file, name).environment ?? {});
    expect(names.length).toBeGreaterThan(2);
    expect(names.filter((variable) => variable !== "PORT" && !variablesRead().includes(variable))).toEqual([]);
  });

  test("who waits for another waits for something that it can say", () => {
    for (const [name, { depends_on: needs = {} }] of Object.entries(file.services)) {
      for (const [other, { condition }] of Object.entries(needs)) {
        const { healthcheck, command } = serviceOf(file, other);
        if (condition === "service_healthy") expect(healthcheck, `${name} waits for ${other}`).toBeDefined();
        else expect([condition, command?.[2]], `${name} waits for ${other}`).toEqual(["service_completed_successfully", "migrate"]);
      }
    }
    for (const name of ["web", "worker"]) expect(Object.keys(serviceOf(file, name).depends_on ?? {})).toEqual(["migrate", "redis"]);
  });

  test("volumes that are mounted are named, and there are two workers", () => {
    const mounted = Object.values(file.services).flatMap(({ volumes = [] }) => volumes.map((volume) => volume.split(":")[0]));
    expect([...new Set(mounted)].sort()).toEqual(Object.keys(file.volumes).sort());
    expect(serviceOf(file, "worker").deploy?.replicas).toBe(2);
  });

  test("a process is given longer to stop than it takes", () => {
    for (const name of ["web", "worker"]) expect(seconds(serviceOf(file, name).stop_grace_period)).toBeGreaterThan(15);
  });

  test("what it describes runs: the schema, a web process and two workers, healthy, with an export from the form to the file", async () => {
    const installation = await Installation.make();
    expect(await installation.start("migrate").exited).toEqual({ code: 0, signal: null });
    const [port, first, second] = [await freePort(), await freePort(), await freePort()];
    const web = installation.start("web", port);
    const workers = [installation.start("worker", first), installation.start("worker", second)];
    await until("all are healthy", async () => {
      const healthy = [
        await installation.isHealthy("web", port),
        await installation.isHealthy("worker", first),
        await installation.isHealthy("worker", second),
      ];
      return healthy.every(Boolean);
    });
    await exportWithoutScripts(`http://localhost:${port}`);
    const ended = [web, ...workers].map((child) => child.kill("SIGTERM"));
    expect(await Promise.all(ended)).toEqual(Array.from({ length: 3 }, () => ({ code: 0, signal: null })));
    expect(await installation.isHealthy("web", port)).toBe(false);
  });
});

/** The services of compose.yaml as processes of this machine, each with the service's own command, variables and health check. */
class Installation {
  readonly #values: Readonly<Record<string, string>>;

  private constructor(values: Readonly<Record<string, string>>) {
    this.#values = values;
  }

  static async make(): Promise<Installation> {
    const database = await createDatabase();
    onTestFinished(() => database.drop());
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    return new Installation({ ERRAND_DATABASE_URL: database.url, ERRAND_BROKER_URL: redis.url, ERRAND_STORAGE_URL: `file:${tempDir()}` });
  }

  /** @param port in the place of the one that the service serves on */
  start(name: string, port?: number) {
    const { command = [], environment = {} } = serviceOf(file, name);
    const [, script = "", ...args] = command.map((word) => this.#here(word, name, port));
    const env = Object.entries(environment).map(([variable, value]) => [variable, this.#values[variable] ?? this.#here(value, name, port)]);
    for (const [variable, value] of Object.entries(environment)) expect(PLACES.test(value), variable).toBe(variable in this.#values);
    return startProcess(join(repo, script), { args, cwd: repo, env: { ...Object.fromEntries(env), DATABASE_URL: undefined, REDIS_URL: undefined } });
  }

  /** What Docker would ask. */
  async isHealthy(name: string, port: number): Promise<boolean> {
    const [kind, program, ...args] = (serviceOf(file, name).healthcheck?.test ?? []).map((word) => this.#here(word, name, port));
    expect([kind, program]).toEqual(["CMD", "node"]);
    const [code] = await once(spawn(process.execPath, args, { stdio: "ignore" }), "close");
    return code === 0;
  }

  #here(word: string, name: string, port?: number): string {
    return port === undefined ? word : word.replaceAll(portOf(serviceOf(file, name)), String(port));
  }
}

/** The port that a service serves on, by its command or its variables. */
function portOf({ command = [], environment = {} }: ComposeService): string {
  const option = command.indexOf("--health-port");
  return option < 0 ? (environment.PORT ?? "none") : (command[option + 1] ?? "none");
}

function seconds(text = ""): number {
  return Number(/^(\d+)s$/.exec(text)?.[1]);
}
