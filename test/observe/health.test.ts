import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { database } from "../../src/brokers/database.ts";
import type { Broker } from "../../src/index.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { until } from "../../src/testing/until.ts";
import { errandWeb, type WebOptions } from "../../src/web/index.ts";
import { gate, keptLog, openErrand } from "../runtime/fixture.ts";
import { freshDatabase, tempDir } from "../support/temp.ts";
import { served } from "./served.ts";

async function site(options: Parameters<typeof openErrand>[0] = {}, web: WebOptions = {}) {
  const errand = openErrand(options);
  const origin = await served(errandWeb(errand, web).handler);
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(origin + path, init);
    return { status: response.status, headers: response.headers, body: await response.text() };
  };
  return { errand, ask, ready: async () => ask("/errand/readyz").then(({ status, body }) => ({ ...(JSON.parse(body) as object), status })) };
}

test("both answer, to anybody, and are kept by nobody", async () => {
  const { ask } = await site({}, { identify: () => null });
  const [alive, ready] = [await ask("/errand/healthz"), await ask("/errand/readyz")];
  expect([alive.status, alive.body]).toEqual([200, '{"status":"alive"}']);
  expect([ready.status, ready.body]).toEqual([200, '{"status":"ready","closing":false,"store":"ok","broker":"ok"}']);
  for (const { headers } of [alive, ready]) {
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("set-cookie")).toBeNull();
  }
  expect((await ask("/errand/readyz", { method: "HEAD" })).status).toBe(200);
  expect((await ask("/errand/readyz", { method: "POST", headers: { "sec-fetch-site": "same-origin" } })).status).toBe(405);
});

test("an app that does not want them has none", async () => {
  const { ask } = await site({}, { health: false });
  expect([(await ask("/errand/healthz")).status, (await ask("/errand/readyz")).status]).toEqual([404, 404]);
});

test("a database that cannot be opened: alive, but not ready until it can; the reason is in the log, not in the answer", async () => {
  const folder = join(tempDir(), "not-mounted-yet");
  const log = keptLog();
  const { ask, ready } = await site({ database: `file:${join(folder, "errand.sqlite")}`, log });
  for (let times = 0; times < 3; times++) expect(await ready()).toEqual({ status: 503, closing: false, store: "failed", broker: "unasked" });
  expect((await ask("/errand/healthz")).status).toBe(200);
  expect(log.said(/The store cannot be reached/)).toHaveLength(1);
  expect(log.said(/This process is not ready/)).toHaveLength(1);
  expect(JSON.stringify(await ask("/errand/readyz"))).not.toContain("not-mounted-yet");
  mkdirSync(folder);
  expect(await ready()).toMatchObject({ status: 200, store: "ok" });
  expect(log.said(/ready again/)).toHaveLength(1);
});

test("while it is closing it is not ready, so that nobody sends it more", async () => {
  const { errand, ready } = await site();
  const [begun, end] = [gate(), gate()];
  const task = errand.task({
    name: "slow",
    run: async () => {
      begun.open();
      await end.opened;
      return null;
    },
  });
  await task.start(null);
  await begun.opened;
  expect(await ready()).toMatchObject({ status: 200 });
  const closing = { status: 503, closing: true, store: "unasked", broker: "unasked" };
  const closed = errand.close({ grace: "1m" });
  expect(await ready()).toEqual(closing);
  end.open();
  await closed;
  expect(await ready()).toEqual(closing);
});

/** A broker over the database that is reached at a port of its own. */
async function portBroker(file: string) {
  const store = sqlite(file);
  let server: Server | undefined;
  let port = 0;
  const up = async () => {
    server = createServer((socket) => socket.end()).listen(port, "127.0.0.1");
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
  };
  const down = async () => {
    server?.close();
    if (server) await once(server, "close");
    server = undefined;
  };
  await up();
  onTestFinished(down);
  const inner = database({ store });
  const broker: Broker = {
    name: "port",
    features: inner.features,
    dispatch: (deliveries) => inner.dispatch(deliveries),
    ping: async () => {
      const socket = connect(port, "127.0.0.1");
      try {
        await once(socket, "connect");
      } finally {
        socket.destroy();
      }
    },
    close: () => inner.close(),
  };
  return { broker, store, up, down };
}

test("a broker that is away makes a process unready, and one that is back makes it ready", async () => {
  const { broker, store, up, down } = await portBroker(freshDatabase());
  const { ready } = await site({ database: store, broker, worker: false });
  expect(await ready()).toEqual({ status: 200, closing: false, store: "ok", broker: "ok" });
  await down();
  expect(await ready()).toEqual({ status: 503, closing: false, store: "ok", broker: "failed" });
  await up();
  expect(await ready()).toMatchObject({ status: 200, broker: "ok" });
});

test("a broker that does not answer is not waited for, and not asked again meanwhile", async () => {
  const { broker, store } = await portBroker(freshDatabase());
  const answer = gate();
  let asked = 0;
  const ping = () => {
    asked += 1;
    return answer.opened;
  };
  const errand = openErrand({ database: store, broker: { ...broker, ping }, worker: false });
  const silent = { ready: false, closing: false, store: "ok", broker: "silent" };
  expect(await errand.readiness({ within: 20 })).toEqual(silent);
  expect(await Promise.all([errand.readiness({ within: 20 }), errand.readiness({ within: 20 })])).toEqual([silent, silent]);
  expect(asked).toBe(1);
  answer.open();
  await until("it is ready", async () => (await errand.readiness()).ready);
});
