import { createReadStream, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import type { Artifacts, Errand, TaskContext } from "../../../src/index.ts";
import { fileSystem } from "../../../src/storages/file-system.ts";
import { tempDir } from "../../support/temp.ts";
import { gate, keptLog, openErrand } from "../fixture.ts";

const MIB = 2 ** 20;

/** What a task leaves with `leave`, as text by name. */
async function left(errand: Errand, leave: (artifacts: Artifacts, context: TaskContext) => Promise<unknown>): Promise<[string, string][]> {
  const task = errand.task({ name: "leaves", run: (_input, context) => leave(context.artifacts, context).then(() => null) });
  const run = await task.delay(null);
  expect(run.run).toMatchObject({ state: "succeeded" });
  const artifacts = await errand.artifacts.list([run.id]);
  return Promise.all(artifacts.map(async ({ name, key, size }) => [name, await textOf(errand, key as string, size as number)]));
}

async function textOf(errand: Errand, key: string, size: number): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of (await errand.storage.read(key)) ?? []) parts.push(part);
  const bytes = Buffer.concat(parts);
  expect(bytes.length).toBe(size);
  return bytes.toString();
}

test("content may be a text, bytes, a stream of either, or the path of a file; names are not unique", async () => {
  const path = join(tempDir(), "a file.txt");
  writeFileSync(path, "from a path");
  const found = await left(openErrand(), async (artifacts) => {
    await artifacts.file("text", "Grüße");
    await artifacts.file("bytes", Buffer.from("bytes"));
    await artifacts.file("readable", Readable.from([Buffer.from("read"), Buffer.from("able")]));
    await artifacts.file("texts", Readable.from(["te", "xts ü"]));
    await artifacts.file("encoded", createReadStream(path, { encoding: "utf8" }));
    await artifacts.file("part of a file", createReadStream(path, { start: 5 }));
    await artifacts.file("web", new Blob(["we", "b"]).stream());
    await artifacts.file("path", { path });
    await artifacts.file("url", { path: pathToFileURL(path) });
    await artifacts.file("text", "another of that name");
    await artifacts.file("empty", "");
  });
  expect(found).toEqual([
    ["text", "Grüße"],
    ["bytes", "bytes"],
    ["readable", "readable"],
    ["texts", "texts ü"],
    ["encoded", "from a path"],
    ["part of a file", "a path"],
    ["web", "web"],
    ["path", "from a path"],
    ["url", "from a path"],
    ["text", "another of that name"],
    ["empty", ""],
  ]);
});

test("a path that is no file is an error that names it, in the log and not for the user, and nothing is left", async () => {
  const folder = tempDir();
  mkdirSync(join(folder, "a-folder"));
  for (const [path, why] of [
    [join(folder, "missing.pdf"), /ENOENT/],
    [join(folder, "a-folder"), /it is no file/],
  ] as const) {
    const log = keptLog();
    const errand = openErrand({ log });
    const run = await errand.task({ name: "leaves", run: (_input, { artifacts }) => artifacts.file("a.pdf", { path }).then(() => null) }).delay(null);
    expect(run.run).toMatchObject({ state: "failed", error: { code: "internal", message: { key: "run.unexpected" } } });
    expect((await errand.artifacts.list([run.id])).map(({ name }) => name)).toEqual(["Error"]);
    const [line] = log.said(/failed/);
    expect(String(line?.fields.error)).toContain(path);
    expect(String(line?.fields.error)).toMatch(why);
    expect(await errand.storage.list(`artifacts/${run.id}`)).toEqual([]);
  }
});

test("what is neither text nor bytes is refused", async () => {
  const log = keptLog();
  const errand = openErrand({ log });
  const wrong = [7, null, Readable.from([{ a: 1 }])] as unknown as string[];
  const task = errand.task({ name: "leaves", run: async (at, { artifacts }) => void (await artifacts.file("a", wrong[Number(at)] as string)) });
  for (const at of wrong.keys()) expect((await task.delay(at)).run.state).toBe("failed");
  expect(log.said(/failed/).map(({ fields }) => (fields.error as Error).name)).toEqual(["TypeError", "TypeError", "TypeError"]);
});

test("a stream of more than 100 MB passes through little memory", async () => {
  const count = 160;
  const errand = openErrand();
  let most = 0;
  const atStart = process.memoryUsage().arrayBuffers;
  const chunks = async function* () {
    for (let index = 0; index < count; index++) {
      most = Math.max(most, process.memoryUsage().arrayBuffers - atStart);
      yield Buffer.alloc(MIB, index);
    }
  };
  const run = await errand.task({ name: "big", run: (_input, { artifacts }) => artifacts.file("big.bin", chunks()).then(() => null) }).delay(null);
  expect(await errand.artifacts.list([run.id])).toMatchObject([{ name: "big.bin", size: count * MIB, type: "application/octet-stream" }]);
  expect(most).toBeLessThan((count * MIB) / 2);
});

test("appends that overlap come whole and in the order of their calls, each name its own file, each attempt its own", async () => {
  const errand = openErrand();
  const lines = Array.from({ length: 60 }, (_, index) => `${index} ${"x".repeat(2000)}\n`);
  const task = errand.task({
    name: "appends",
    retries: { times: 1, delay: 0 },
    run: async (_input, { artifacts, attempt }) => {
      await Promise.all(lines.flatMap((line) => [artifacts.append("a.txt", line), artifacts.append("b.txt", Buffer.from(line))]));
      if (attempt === 1) throw new Error("again");
    },
  });
  const run = await task.delay(null);
  const artifacts = await errand.artifacts.list([run.id]);
  expect(artifacts.map(({ name, attempt }) => `${name} ${attempt}`).sort()).toEqual(["a.txt 1", "a.txt 2", "b.txt 1", "b.txt 2"]);
  for (const { key, size } of artifacts) expect(await textOf(errand, key as string, size as number)).toBe(lines.join(""));
});

test("after an append that failed, later ones fail too: the file's end is not known", async () => {
  const files = fileSystem(tempDir());
  let calls = 0;
  const errand = openErrand({
    storage: {
      ...files,
      append: async (key, chunk) => {
        calls += 1;
        if (calls === 2) throw new Error("The disk is full.");
        return files.append(key, chunk);
      },
    },
  });
  const errors = gate<unknown[]>();
  const task = errand.task({
    name: "appends",
    run: async (_input, { artifacts }) => {
      const settled = await Promise.allSettled(["one", "two", "three"].map((piece) => artifacts.append("a.txt", piece)));
      errors.open(settled.map((result) => (result.status === "rejected" ? String(result.reason) : result.value.size)));
    },
  });
  const run = await task.delay(null);
  expect(await errors.opened).toEqual([3, "Error: The disk is full.", "Error: The disk is full."]);
  expect(await errand.artifacts.list([run.id])).toMatchObject([{ name: "a.txt", size: 3 }]);
  expect(calls).toBe(2);
});

test.each(["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//example.com", "/path", "", "ftp://example.com"])(
  "the URL %j is refused",
  async (url) => {
    const errand = openErrand();
    const run = await errand.task({ name: "links", run: (_input, { artifacts }) => artifacts.url(url).then(() => null) }).delay(null);
    expect(run.run).toMatchObject({ state: "failed", error: { code: "user", type: "InvalidArtifactError" } });
  },
);

test("http and https URLs are kept as they are written in full; a name has no NUL and no end", async () => {
  const errand = openErrand();
  const task = errand.task({
    name: "links",
    run: async (_input, { artifacts }) => {
      await artifacts.url("https://example.com/ü?a=1");
      await artifacts.url("HTTP://example.com", `a\0b${"c".repeat(400)}`);
    },
  });
  const run = await task.delay(null);
  expect(await errand.artifacts.list([run.id])).toMatchObject([
    { name: "Output", kind: "url", url: "https://example.com/%C3%BC?a=1" },
    { name: `ab${"c".repeat(253)}`, kind: "url", url: "http://example.com/" },
  ]);
});
