import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toNode } from "../../../src/adapters/node.ts";
import type { ArtifactBody, RunBody } from "../../../src/core/wire.ts";
import type { Task } from "../../../src/index.ts";
import { openSite, type TestSite } from "../fixture.ts";

// The same over a socket: what a browser or a script sends, and what no Request object could hold.

const MIB = 1_048_576;

let site: TestSite;
let server: Server;
let origin: string;
let make: Task<unknown, unknown>;

beforeAll(async () => {
  site = await openSite();
  make = site.errand.task({
    name: "make",
    run: async (_input, { artifacts }) => void (await artifacts.file("large.bin", Buffer.alloc(24 * MIB, "0123456789abcdef"))),
  }) as Task<unknown, unknown>;
  server = createServer(toNode(site.web.handler));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  await site.close();
});

const headers = { "x-user": "alice" };
const made = async () => (await make.delay(undefined, { owner: "alice" })).id;

async function linkOf(runId: string): Promise<string> {
  const [artifact] = (await (await fetch(`${origin}/errand/artifacts/?run=${runId}`, { headers })).json()) as [ArtifactBody];
  return artifact.file;
}

/** As it stands, with no client that tidies it up first. */
function raw(method: string, path: string, more: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port: (server.address() as AddressInfo).port, method, path, headers: { ...headers, ...more }, agent: false });
    sent.on("error", reject).on("response", (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += String(chunk))).on("end", () => resolve({ status: response.statusCode as number, text }));
    });
    sent.end();
  });
}

test("read, list, download in part, delete", async () => {
  const id = await made();
  const run = (await (await fetch(`${origin}/errand/tasks/${id}/`, { headers })).json()) as RunBody;
  expect(run.url).toBe(`${origin}/errand/tasks/${id}/`);
  const list = await fetch(`${origin}/errand/tasks/?limit=1`, { headers });
  expect([((await list.json()) as RunBody[])[0]?.id, list.headers.get("link")]).toEqual([id, `<${origin}/errand/tasks/?limit=1>; rel="first"`]);
  const link = await linkOf(id);
  const part = await fetch(link, { headers: { range: `bytes=${12 * MIB}-${12 * MIB + 15}` } });
  expect([part.status, await part.text()]).toEqual([206, "0123456789abcdef"]);
  const head = await fetch(link, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length")]).toEqual([200, String(24 * MIB)]);
  expect((await (await fetch(link)).arrayBuffer()).byteLength).toBe(24 * MIB);
  const gone = await fetch(run.url, { method: "DELETE", headers });
  expect([gone.status, await gone.text()]).toEqual([204, ""]);
  expect((await fetch(link)).status).toBe(404);
});

test("a download that its client gives up closes the file", async () => {
  const link = await linkOf(await made());
  const giveUp = new AbortController();
  const response = await fetch(link, { signal: giveUp.signal });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  expect((await reader.read()).done).toBe(false);
  giveUp.abort();
  await expect(reader.closed).rejects.toThrow();
  // test/support/leaks.ts finds a file that is still open when this file of tests is over.
  expect((await fetch(`${origin}/errand/tasks/`, { headers })).status).toBe(200);
});

test("methods and paths that no Request can hold are refused, and the server lives on", async () => {
  const id = await made();
  for (const [method, path] of [
    ["TRACE", `/errand/tasks/${id}/`],
    ["PROPFIND", `/errand/tasks/${id}/`],
    ["QUERY", "/errand/tasks/"],
    ["GET", "/errand/artifacts/../../../../etc/passwd"],
    ["GET", "/errand/artifacts/..%2f..%2f..%2fetc/passwd/download"],
    ["GET", "/errand/tasks/%"],
    ["GET", "//evil.example/errand/tasks/"],
    ["GET", `/errand/tasks/${"%25".repeat(1000)}`],
    ["DELETE", `/errand/tasks//${id}`],
  ] as const) {
    const { status, text } = await raw(method, path);
    expect([method, path.slice(0, 60), status >= 400 && status < 500, text.includes("root:")]).toEqual([method, path.slice(0, 60), true, false]);
  }
  expect((await raw("GET", `/errand/tasks/${id}/`, { cookie: "\u00ff=\u00fe; errand_visitor=%", accept: "*/*" })).status).toBe(200);
  expect((await site.errand.get(id))?.state).toBe("succeeded");
  expect(site.logged).toEqual([]);
});
