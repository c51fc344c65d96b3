import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { Browser, openSite } from "./fixture.ts";

const site = await openSite({ maxBody: 1_048_576 });
const echo = site.errand.task({ name: "echo", run: (input) => input });
const action = site.web.asyncAction({ task: echo, successUrl: "/done", errorUrl: "/failed" });
const alice = new Browser(action, "alice");
afterAll(() => site.close());

function post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Response> {
  return alice.send("/echo", { body, headers: { "content-type": "application/json", accept: "application/json", ...headers } });
}

const depth = 400_000;

test.for([
  ["arrays within arrays", `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`],
  ["objects within objects", `${'{"a":'.repeat(depth / 3)}1${"}".repeat(depth / 3)}`],
  ["arrays that never close", `{"a":${"[".repeat(depth)}`],
] as const)("JSON of %s is refused in words, and nothing is stored", async ([, text]) => {
  const answer = await post(text);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(((await answer.json()) as { detail?: string; message?: string }).detail ?? "").not.toContain("Support code");
  expect(await site.errand.list({}, { limit: 1 })).toEqual([]);
  expect(site.logged).toEqual([]);
});

test("a compressed body is not unpacked, however small it came", async () => {
  const packed = new Uint8Array(gzipSync(JSON.stringify({ a: "0".repeat(50_000_000) })));
  expect(packed.length).toBeLessThan(100_000);
  const answer = await post(packed, { "content-encoding": "gzip" });
  expect([answer.status, await site.errand.list({}, { limit: 1 })]).toEqual([415, []]);
});
