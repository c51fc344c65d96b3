import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { ConfigurationError, type Storage } from "../../src/index.ts";
import { type S3Options, s3 } from "../../src/storages/s3.ts";
import { openErrand } from "../runtime/fixture.ts";
import { startProcess } from "../support/process.ts";
import { startS3 } from "./s3-server.ts";

const server = startS3();
const MIB = 2 ** 20;

function open(options: S3Options = server.place()): Storage {
  const storage = s3(options);
  onTestFinished(() => storage.close());
  return storage;
}

async function bytesOf(chunks: AsyncIterable<Uint8Array> | null): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks ?? []) parts.push(chunk);
  return Buffer.concat(parts);
}

/** So many bytes, each of its own place, in chunks that fit no part. */
function* pattern(length: number): Generator<Uint8Array> {
  for (let start = 0; start < length; start += 777_777) {
    const turned = Buffer.from(Array.from({ length: 251 }, (_, index) => ((start + index) * 7919) % 251));
    yield Buffer.alloc(Math.min(777_777, length - start), turned);
  }
}

async function* stream(length: number): AsyncGenerator<Uint8Array> {
  yield* pattern(length);
}

test("a file of several parts is read as it was written, and any range of it", async () => {
  const storage = open();
  const length = 20 * MIB + 3;
  expect(await storage.write("big", stream(length))).toBe(length);
  const whole = Buffer.concat([...pattern(length)]);
  expect((await bytesOf(await storage.read("big"))).equals(whole)).toBe(true);
  for (const [start, end] of [
    [0, 0],
    [8 * MIB - 1, 8 * MIB],
    [length - 1, length + 100],
    [123_456, 17 * MIB],
  ] as const) {
    expect((await bytesOf(await storage.read("big", { start, end }))).equals(whole.subarray(start, end + 1)), `${start} to ${end}`).toBe(true);
  }
}, 60_000);

test("a file whose source fails, or whose user leaves, after some of its parts leaves nothing to be read", async () => {
  const storage = open();
  const failing = async function* () {
    yield* pattern(20 * MIB);
    throw new Error("the connection was lost");
  };
  await expect(storage.write("runs/1/a", failing())).rejects.toThrow("the connection was lost");
  const controller = new AbortController();
  const aborting = async function* () {
    yield* pattern(20 * MIB);
    controller.abort(new Error("the user left"));
    yield* pattern(20 * MIB);
  };
  await expect(storage.write("runs/1/a", aborting(), { signal: controller.signal })).rejects.toThrow("the user left");
  expect(await storage.read("runs/1/a")).toBeNull();
  expect(await storage.list("runs/1")).toEqual([]);
}, 60_000);

test("what was appended in pieces is one file: its ranges run across them, it is listed once and removed whole", async () => {
  const storage = open();
  const pieces = Array.from({ length: 25 }, (_, index) => `piece ${index}, `);
  for (const piece of pieces) await storage.append("runs/1/log", Buffer.from(piece));
  const whole = pieces.join("");
  expect((await bytesOf(await storage.read("runs/1/log"))).toString()).toBe(whole);
  for (const [start, end] of [
    [0, 0],
    [5, 30],
    [8, 9],
    [100, 10_000],
  ] as const) {
    expect((await bytesOf(await storage.read("runs/1/log", { start, end }))).toString()).toBe(whole.slice(start, end + 1));
  }
  await storage.append("runs/1/log-2", Buffer.from("beside it"));
  expect((await storage.list("runs/1")).sort()).toEqual(["log", "log-2"]);
  expect(await storage.list("runs")).toEqual(["1"]);
  expect(await storage.list("runs/1/log")).toEqual([]);
  await storage.remove("runs/1/log");
  expect(await storage.list("runs/1")).toEqual(["log-2"]);
  expect(await storage.read("runs/1/log")).toBeNull();
});

test("more than a thousand files are listed and removed", async () => {
  const storage = open();
  const count = 1050;
  const names = Array.from({ length: count }, (_, index) => `f${index}`);
  for (let start = 0; start < count; start += 50) {
    await Promise.all(names.slice(start, start + 50).map((name) => storage.append(`runs/${name}/a`, Buffer.from("x"))));
  }
  expect((await storage.list("runs")).length).toBe(count);
  await storage.remove("runs");
  expect(await storage.list("runs")).toEqual([]);
}, 60_000);

test("two prefixes of a bucket are two storages", async () => {
  const place = server.place();
  const [one, other] = [open({ ...place, prefix: `${place.prefix}/one` }), open({ ...place, prefix: `${place.prefix}/other` })];
  await one.append("a/b", Buffer.from("one"));
  await other.append("a/b", Buffer.from("other"));
  await one.remove("a");
  expect(await one.list("a")).toEqual([]);
  expect((await bytesOf(await other.read("a/b"))).toString()).toBe("other");
  expect(() => s3({ ...place, prefix: "../other" })).toThrow(RangeError);
});

test("a service that leaves ranges out of account is read right all the same", async () => {
  const service = createServer((request, response) => {
    request.resume();
    if (!request.url?.includes("list-type")) return response.end("0123456789");
    const contents = "<Contents><Key>place/a</Key><Size>10</Size></Contents>";
    return response.end(`<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`);
  });
  service.listen(0, "127.0.0.1");
  await once(service, "listening");
  onTestFinished(() => {
    service.closeAllConnections();
    service.close();
  });
  const storage = open({ ...server.place(), prefix: "place", endpoint: `http://127.0.0.1:${(service.address() as AddressInfo).port}` });
  expect((await bytesOf(await storage.read("a", { start: 3, end: 6 }))).toString()).toBe("3456");
  expect((await bytesOf(await storage.read("a", { start: 9, end: 99 }))).toString()).toBe("9");
  expect((await bytesOf(await storage.read("a"))).toString()).toBe("0123456789");
});

test("a bucket that is not there, a key that is not known, a server that is away: each an error, not an empty storage", async () => {
  const place = server.place();
  await expect(open({ ...place, bucket: "nothing" }).list("a")).rejects.toThrow(/bucket does not exist/);
  await expect(open({ ...place, credentials: { accessKeyId: "nobody", secretAccessKey: "x" } }).list("a")).rejects.toThrow(/Access Key Id/);
  const away = open({ ...place, endpoint: "http://127.0.0.1:1" });
  await expect(away.read("a")).rejects.toThrow(/ECONNREFUSED/);
  await expect(away.write("a", stream(3))).rejects.toThrow(/ECONNREFUSED/);
});

test("an errand keeps its files there, by its address; deleting a run deletes them, and a rerun copies uploads", async () => {
  const { bucket, prefix, endpoint } = server.place();
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) {
    const before = process.env[name];
    process.env[name] = "S3RVER";
    onTestFinished(() => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    });
  }
  const errand = openErrand({ storage: `s3://${bucket}/${prefix}/files/?endpoint=${encodeURIComponent(endpoint)}&region=eu-central-1` });
  const task = errand.task({
    name: "leaves",
    run: async (_input, { artifacts, open: openUpload }) => {
      await artifacts.append("log.txt", "one ");
      await artifacts.append("log.txt", "two");
      const upload = await openUpload({ upload: "01890a5d-ac96-774b-bcce-b302099a8057", name: "a", type: "a/b", size: 6 });
      await artifacts.file("copy", upload);
    },
  });
  const id = errand.newRunId();
  await errand.storage.write(`uploads/${id}/01890a5d-ac96-774b-bcce-b302099a8057`, stream(6));
  await task.delay(null, { id });
  const artifacts = await errand.artifacts.list([id]);
  expect(artifacts.map(({ name, size }) => [name, size])).toEqual([
    ["log.txt", 7],
    ["copy", 6],
  ]);
  expect((await bytesOf(await errand.storage.read(artifacts[0]?.key as string))).toString()).toBe("one two");
  const again = await errand.rerun(id);
  await errand.remove(id);
  expect((await again?.ended())?.state).toBe("succeeded");
  expect(await errand.storage.list("artifacts")).toEqual([again?.id]);
  expect(await errand.storage.list("uploads")).toEqual([again?.id]);
  await errand.purge({ olderThan: 0 });
  expect(await errand.storage.list("artifacts")).toEqual([]);
  expect(await errand.storage.list("uploads")).toEqual([]);
});

test.each(["s3:", "s3://", "s3://bucket?regoin=x", "s3://user:word@bucket"])("the address %s will not do, and its password is not told", async (storage) => {
  const errand = openErrand({ storage });
  const refused = await errand.start().catch((error: Error) => error);
  expect(refused).toBeInstanceOf(ConfigurationError);
  expect(String(refused)).toMatch(/must be like "s3:\/\/bucket/);
  expect(String(refused)).not.toContain("word");
});

test("without Amazon's packages the error says which to install", async () => {
  const app = startProcess(new URL("./without-sdk.ts", import.meta.url));
  expect(await app.line(/./)).toBe(
    "ERRAND_CONFIGURATION: This address needs packages that are not installed: npm install @aws-sdk/client-s3 @aws-sdk/lib-storage",
  );
  expect((await app.exited).code).toBe(0);
});
