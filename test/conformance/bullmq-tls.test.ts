import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { v7 } from "uuid";
import { afterEach, expect, test } from "vitest";
import { type BullmqOptions, bullmq } from "../../src/brokers/bullmq.ts";
import type { Broker, Delivery } from "../../src/core/broker.ts";
import { until } from "../../src/testing/until.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";
import { tempDir } from "../support/temp.ts";

interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const closing: (() => Promise<unknown>)[] = [];

function open(options: BullmqOptions): Required<Broker> {
  const broker = bullmq({ timeout: 1000, ...options });
  closing.push(() => broker.close());
  return broker as Required<Broker>;
}

/** Files of a certificate for 127.0.0.1 and localhost that only it vouches for. */
function certificate(): Certificate {
  const folder = tempDir();
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost"];
  const names = "subjectAltName=IP:127.0.0.1,DNS:localhost";
  execFileSync("openssl", [...request, "-addext", names, "-keyout", key, "-out", cert], { stdio: "ignore" });
  return { key, cert };
}

/** A Redis that speaks only TLS, and its port. */
async function tlsRedis({ key, cert }: Certificate): Promise<number> {
  const unused = await started();
  await unused.kill();
  await started(["--tls-port", String(unused.port), "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert, "--tls-auth-clients", "no"]);
  return unused.port;
}

async function started(settings?: readonly string[]): Promise<RedisServer> {
  const server = await startRedis(settings);
  closing.push(() => server.kill());
  return server;
}

function delivery(): Delivery {
  return { runId: v7(), queue: "default", attempt: 1, priority: 0, runAt: Date.now() };
}

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

test("rediss:// is TLS, and a certificate that nobody vouches for is refused", async () => {
  const files = certificate();
  const url = `rediss://127.0.0.1:${await tlsRedis(files)}`;
  await expect(open({ url }).dispatch([delivery()])).rejects.toThrow(/self-signed/);
  const broker = open({ url, tls: { ca: readFileSync(files.cert) } });
  const handed: string[] = [];
  await broker.consume(async ({ runId }) => void handed.push(runId), { queues: [], concurrency: 5 });
  const given = delivery();
  await broker.dispatch([given]);
  await until("it was handed out", () => handed.includes(given.runId));
});

// Its socket tells two errors, and Vitest fails a run for one that nobody hears.
test("a broker that is closed amid the handshake with a server that it would refuse ends in peace", async () => {
  const port = await tlsRedis(certificate());
  const { promise: met, resolve: meet } = Promise.withResolvers<void>();
  const between = createServer({ allowHalfOpen: true }, (near) => {
    meet();
    const far = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    const answer: Buffer[] = [];
    far.on("data", (chunk) => answer.push(chunk)).on("end", () => near.end(Buffer.concat(answer)));
    // Redis hears that the other side has ended as early as its greeting, so all that it says comes at one go.
    near.pipe(far).on("error", () => near.destroy());
    near.on("error", () => far.destroy());
  });
  between.listen(0, "127.0.0.1");
  await once(between, "listening");
  closing.push(() => new Promise((resolve) => between.close(resolve)));
  const broker = open({ url: `rediss://127.0.0.1:${(between.address() as AddressInfo).port}` });
  const refused = expect(broker.dispatch([delivery()])).rejects.toThrow("the broker was closed");
  await met;
  await broker.close();
  await refused;
});

test.each([
  ["localhost", "localhost"],
  ["127.0.0.1", false],
])("the server is told which host is meant, since one address may serve many: %s", async (host, name) => {
  const { key, cert } = certificate();
  const named = new Set<string | false | null>();
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) => {
    named.add(socket.servername);
    socket.destroy();
  });
  server.listen(0);
  await once(server, "listening");
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  const broker = open({ url: `rediss://${host}:${port}`, tls: { ca: readFileSync(cert) } });
  await expect(broker.dispatch([delivery()])).rejects.toThrow("cannot be reached");
  // The broker goes on trying.
  await until("the server was told", () => named.size > 0);
  expect([...named]).toEqual([name]);
});
