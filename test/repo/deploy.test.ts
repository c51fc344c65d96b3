import { describe, expect, test } from "vitest";
import { createErrand } from "../../src/index.ts";
import { errandWeb } from "../../src/web/index.ts";
import { freshDatabase } from "../support/temp.ts";
import { variablesRead } from "./environment.ts";
import { read } from "./files.ts";

const deploy = read("docs/deploy.md");

describe("docs/deploy.md", () => {
  test("lists exactly the variables that are read", () => {
    const listed = [...deploy.matchAll(/^\| `(ERRAND_\w+)` \|/gm)].map(([, name]) => name);
    expect(listed.sort()).toEqual(variablesRead());
    const named = [...deploy.matchAll(/\bERRAND_\w+/g)].map(([name]) => name);
    expect(named.filter((name) => !listed.includes(name))).toEqual([]);
  });

  test("gives supervisors longer than a worker's grace and the 5 s behind it", () => {
    const units = [...deploy.matchAll(/^```ini\n# \/etc\/systemd[^`]*```$/gm)].map(([unit]) => unit);
    expect(units).toHaveLength(2);
    for (const unit of units) {
      expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(15);
      for (const section of ["Unit", "Service", "Install"]) expect(unit).toContain(`\n[${section}]\n`);
    }
  });

  test("reckons with the connections that the sources open", () => {
    const most = (pattern: RegExp, file: string) => Number(pattern.exec(read(file))?.[1]);
    const told = (what: string) => Number(new RegExp(`^\\| ${what}[^|]*\\| (\\d+)`, "m").exec(deploy)?.[1]);
    expect(told("the store's pool")).toBe(most(/\bmax = (\d+)/, "src/stores/postgres.ts"));
    expect(told("the heartbeat's thread")).toBe(most(/options: \{ url, schema, max: (\d+)/, "src/stores/postgres.ts"));
    expect(told("graphile-worker: dispatching")).toBe(most(/DISPATCHING = (\d+)/, "src/brokers/graphile/connections.ts"));
    expect(told("graphile-worker: a worker")).toBe(most(/CONSUMING = (\d+)/, "src/brokers/graphile/connections.ts"));
  });

  test("tells pgbouncer's users all that the store's own connections are told", () => {
    const [, options = ""] = /options: "([^"]+)"/.exec(read("src/stores/postgres/pool.ts")) as RegExpExecArray;
    const settings = [...options.matchAll(/-c (\w+)=/g)].map(([, name]) => name);
    const altered = [...deploy.matchAll(/^ALTER ROLE shop SET (\w+) =/gm)].map(([, name]) => name);
    expect(altered).toEqual(settings);
  });

  test("names health addresses that answer", async () => {
    const errand = createErrand({ database: `file:${freshDatabase()}` });
    try {
      await errand.start();
      const { handler } = errandWeb(errand);
      const addresses = [...new Set([...deploy.matchAll(/`(\/errand\/\w+z)`/g)].map(([, path]) => path as string))];
      expect(addresses).toHaveLength(2);
      for (const path of addresses) expect((await handler(new Request(`http://shop.example${path}`))).status, path).toBe(200);
    } finally {
      await errand.close();
    }
  });

  test("its nginx example takes every stream's address, and no other", () => {
    const pattern = new RegExp(/^location ~ (\S+) \{$/m.exec(deploy)?.[1] as string);
    expect(["/errand/events/", "/errand/tasks/01a1fdea-6071-777b-bd22-b7c73fb57c78/events/"].filter((path) => !pattern.test(path))).toEqual([]);
    expect(["/errand/tasks/", "/events/", "/errand/eventsx/", "/"].filter((path) => pattern.test(path))).toEqual([]);
  });
});
