import { randomUUID } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { InvalidArtifactError, NotFound, type Upload } from "../../src/index.ts";
import { fileSystem } from "../../src/storages/file-system.ts";
import { freshDatabase, tempDir } from "../support/temp.ts";
import { gate, openErrand } from "./fixture.ts";

/** An errand with the folder of its files. */
function withFiles() {
  const folder = join(tempDir(), "files");
  return { folder, errand: openErrand({ storage: fileSystem(folder) }) };
}

const content = async (errand: ReturnType<typeof openErrand>, key: string | null): Promise<string> =>
  text((await errand.storage.read(key ?? "")) as NodeJS.ReadableStream);

test("a run leaves files, URLs and texts, oldest first", async () => {
  const { errand } = withFiles();
  const task = errand.task({
    name: "t",
    run: async (_, { artifacts }) => {
      await artifacts.text("All 3 rows were good.");
      await artifacts.url("https://example.org/a b", "Report");
      await artifacts.file("course.html", "<p>é</p>");
      await artifacts.file("bytes", new Uint8Array([1, 2, 3]), { type: "image/png" });
      await artifacts.file("stream.csv", Readable.from([Buffer.from("a,"), Buffer.from("b")]));
      return (await artifacts.text("Last", "")).id;
    },
  });
  const run = await task.delay(null);
  const list = await errand.artifacts.list([run.id]);
  expect(list.map(({ name, kind, text, url, type, size }) => ({ name, kind, text, url, type, size }))).toEqual([
    { name: "Output", kind: "text", text: "All 3 rows were good.", url: null, type: null, size: null },
    { name: "Report", kind: "url", text: null, url: "https://example.org/a%20b", type: null, size: null },
    { name: "course.html", kind: "file", text: null, url: null, type: expect.stringMatching(/^text\/html/), size: 9 },
    { name: "bytes", kind: "file", text: null, url: null, type: "image/png", size: 3 },
    { name: "stream.csv", kind: "file", text: null, url: null, type: expect.stringMatching(/^text\/csv/), size: 3 },
    expect.objectContaining({ kind: "text", text: "Last" }),
  ]);
  expect(await content(errand, list[2]?.key ?? null)).toBe("<p>é</p>");
  expect(await content(errand, list[4]?.key ?? null)).toBe("a,b");
  for (const artifact of list) {
    expect(artifact).toMatchObject({ runId: run.id, attempt: 1 });
    expect(await errand.artifacts.get(artifact.id)).toEqual(artifact);
  }
  expect(await errand.artifacts.get(errand.newRunId())).toBeNull();
  expect(await errand.artifacts.list([])).toEqual([]);
});

test("what is appended comes in the order of the calls, awaited or not, each name its own file", async () => {
  const { errand } = withFiles();
  const task = errand.task({
    name: "t",
    run: async (_, { artifacts }) => {
      const appended = Array.from({ length: 50 }, (_each, row) => artifacts.append("rows.txt", `${row};`));
      await artifacts.append("other.txt", new Uint8Array([65]));
      await Promise.all(appended);
    },
  });
  const run = await task.delay(null);
  const list = await errand.artifacts.list([run.id]);
  expect(list.map(({ name }) => name).sort()).toEqual(["other.txt", "rows.txt"]);
  const rows = list.find(({ name }) => name === "rows.txt");
  const expected = Array.from({ length: 50 }, (_, row) => `${row};`).join("");
  expect(await content(errand, rows?.key ?? null)).toBe(expected);
  expect(rows?.size).toBe(expected.length);
});

test("a name is untrusted text: it is kept, and opens nothing", async () => {
  const { errand, folder } = withFiles();
  const names = ["../../escape.txt", "/etc/passwd", "a\0b", "<script>", "x".repeat(300)];
  const task = errand.task({
    name: "t",
    run: async (_, { artifacts }) => {
      for (const name of names) await artifacts.file(name, "x");
    },
  });
  const run = await task.delay(null);
  expect(run.run.state).toBe("succeeded");
  const list = await errand.artifacts.list([run.id]);
  expect(list.map(({ name }) => name.length)).toEqual(names.map((name) => Math.min(255, name.replace("\0", "").length)));
  expect(readdirSync(folder)).toEqual(["artifacts"]);
  expect(readdirSync(join(folder, "artifacts", run.id)).sort()).toEqual(list.map(({ id }) => id).sort());
});

test("a URL that a page must not make a link of is refused, and the user is told", async () => {
  const { errand } = withFiles();
  const run = await errand.task({ name: "t", run: (_, { artifacts }) => artifacts.url("javascript:alert(1)").then(() => null) }).delay(null);
  expect(run.run.error).toMatchObject({
    code: "user",
    type: "InvalidArtifactError",
    message: new InvalidArtifactError(run.run.error?.message as string).message,
  });
  expect((await errand.artifacts.list([run.id])).filter(({ kind }) => kind !== "text")).toEqual([]);
});

test("a file whose source fails leaves neither a row nor a part of it", async () => {
  const { errand, folder } = withFiles();
  async function* broken() {
    yield Buffer.from("half");
    throw new Error("The source broke.");
  }
  const run = await errand.task({ name: "t", run: (_, { artifacts }) => artifacts.file("x.txt", broken()).then(() => null) }).delay(null);
  expect(run.run.state).toBe("failed");
  expect((await errand.artifacts.list([run.id])).filter(({ kind }) => kind !== "text")).toEqual([]);
  expect(readdirSync(join(folder, "artifacts", run.id))).toEqual([]);
});

test("a canceled run's file is given up in the middle", async () => {
  const { errand, folder } = withFiles();
  const begun = gate();
  async function* endless() {
    for (;;) {
      yield Buffer.alloc(1000);
      begun.open();
      await new Promise((turn) => setImmediate(turn));
    }
  }
  const run = await errand.task({ name: "t", run: (_, { artifacts }) => artifacts.file("x.bin", endless()).then(() => null) }).start(null);
  await begun.opened;
  await run.cancel();
  expect(await run.ended()).toMatchObject({ state: "canceled" });
  expect(readdirSync(join(folder, "artifacts", run.id))).toEqual([]);
});

test("files lie beside the database unless the app says otherwise", async () => {
  const file = freshDatabase();
  const errand = openErrand({ database: `file:${file}` });
  await errand.task({ name: "t", run: (_, { artifacts }) => artifacts.file("a.txt", "x").then(() => null) }).delay(null);
  expect(existsSync(`${file}-files`)).toBe(true);
});

test("an upload opens for its own run only, whatever reference somebody makes up", async () => {
  const { errand } = withFiles();
  const id = errand.newRunId();
  const upload: Upload = { upload: randomUUID(), name: "a.csv", type: "text/csv", size: 4 };
  await errand.storage.write(`uploads/${id}/${upload.upload}`, Readable.from([Buffer.from("a,b\n")]));
  const task = errand.task({
    name: "t",
    run: async (reference, { open }) => {
      try {
        return await text((await open(reference as unknown as Upload)) as NodeJS.ReadableStream);
      } catch (error) {
        return error instanceof NotFound ? error.message : "something else";
      }
    },
  });
  expect(await (await task.delay({ ...upload }, { id })).result()).toBe("a,b\n");
  const gone = "The uploaded file is not there any more.";
  for (const reference of [{ ...upload }, { ...upload, upload: `../${id}/${upload.upload}` }, { ...upload, upload: "" }, { ...upload, upload: 3 }, null, {}]) {
    expect(await (await task.delay(reference)).result()).toBe(gone);
  }
});
