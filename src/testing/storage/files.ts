import assert from "node:assert/strict";
import { chunksOf, get, put, textOf } from "./bytes.ts";
import type { StorageTest } from "./storage-test.ts";

export function testFiles(it: StorageTest): void {
  it("a file is read as it was written, piece by piece, through any handle", async (storage, other) => {
    assert.equal(await storage.write("artifacts/1/a", chunksOf("Grüße, ", "", "🧾", "!")), Buffer.byteLength("Grüße, 🧾!"));
    assert.equal(await get(other, "artifacts/1/a"), "Grüße, 🧾!");
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    await storage.write(
      "artifacts/1/b",
      (async function* () {
        yield bytes.subarray(0, 100);
        yield bytes.subarray(100);
      })(),
    );
    const read: number[] = [];
    for await (const chunk of (await other.read("artifacts/1/b")) ?? []) read.push(...chunk);
    assert.deepEqual(read, [...bytes]);
  });

  it("an empty file is a file", async (storage) => {
    assert.equal(await storage.write("empty", chunksOf()), 0);
    assert.equal(await get(storage, "empty"), "");
  });

  it("writing again replaces the whole file", async (storage) => {
    await put(storage, "a", "a long text");
    assert.equal(await put(storage, "a", "short"), 5);
    assert.equal(await get(storage, "a"), "short");
  });

  it("what is not there reads as null: no file, a part of a key, a key below a file", async (storage) => {
    assert.equal(await storage.read("a"), null);
    await put(storage, "folder/file", "text");
    for (const key of ["folder", "file", "folder/fil", "folder/file2", "folder/file/below", "other/file"]) assert.equal(await storage.read(key), null, key);
  });

  it("a range is read from start to end, both included, as far as the file goes", async (storage) => {
    await put(storage, "a", "0123456789");
    const range = async (start: number, end: number) => textOf(await storage.read("a", { start, end }));
    assert.equal(await range(0, 0), "0");
    assert.equal(await range(2, 4), "234");
    assert.equal(await range(9, 9), "9");
    assert.equal(await range(0, 9), "0123456789");
    assert.equal(await range(8, 1000), "89");
    assert.equal(await storage.read("b", { start: 0, end: 1 }), null);
  });

  it("append makes the file and adds to its end, after a write too", async (storage, other) => {
    assert.equal(await storage.append("log/a", Buffer.from("one,")), 4);
    assert.equal(await other.append("log/a", Buffer.from("zwölf")), 4 + Buffer.byteLength("zwölf"));
    assert.equal(await get(storage, "log/a"), "one,zwölf");
    assert.equal(await storage.append("log/a", new Uint8Array()), 4 + Buffer.byteLength("zwölf"));
    await put(storage, "log/a", "new");
    assert.equal(await storage.append("log/a", Buffer.from("er")), 5);
    assert.equal(await get(other, "log/a"), "newer");
  });

  it("appends at the same time follow one another, each whole", async (storage, other) => {
    const lines = Array.from({ length: 40 }, (_, index) => `${String(index).padStart(3, "0")}${"x".repeat(3000)}\n`);
    const lengths = await Promise.all(lines.map((line, index) => (index % 2 === 0 ? storage : other).append("a", Buffer.from(line))));
    const text = (await get(storage, "a")) as string;
    assert.deepEqual(
      text.split("\n").slice(0, -1).sort(),
      lines.map((line) => line.trim()),
    );
    assert.equal(Math.max(...lengths), text.length);
  });

  it("remove takes a file, or all below a prefix, and nothing beside it", async (storage, other) => {
    for (const key of ["runs/1/a", "runs/1/b/c", "runs/12/a", "runs/2", "run", "runs-1/a"]) await put(storage, key, key);
    await other.remove("runs/1");
    for (const key of ["runs/1/a", "runs/1/b/c"]) assert.equal(await storage.read(key), null, key);
    for (const key of ["runs/12/a", "runs/2", "run", "runs-1/a"]) assert.equal(await get(storage, key), key);
    await storage.remove("runs/2");
    assert.equal(await storage.read("runs/2"), null);
    assert.equal(await get(storage, "runs/12/a"), "runs/12/a");
    await put(storage, "runs/1/a", "again");
    assert.equal(await get(storage, "runs/1/a"), "again");
  });

  it("removing what is not there is no error", async (storage) => {
    await storage.remove("nothing/here");
    await put(storage, "a", "text");
    await storage.remove("a/b");
    await storage.remove("nothing");
    assert.equal(await get(storage, "a"), "text");
  });

  it("list names what is directly below", async (storage, other) => {
    for (const key of ["runs/1/a", "runs/1/b", "runs/2/c/d", "runs/e", "other/f"]) await put(storage, key, key);
    await storage.append("runs/1/log", Buffer.from("x"));
    assert.deepEqual((await other.list("runs")).sort(), ["1", "2", "e"]);
    assert.deepEqual((await other.list("runs/1")).sort(), ["a", "b", "log"]);
    assert.deepEqual(await other.list("runs/2"), ["c"]);
    assert.deepEqual(await other.list("run"), []);
    assert.deepEqual(await other.list("runs/e"), []);
    assert.deepEqual(await other.list("runs/e/below"), []);
    await storage.remove("runs/1/a");
    assert.deepEqual((await other.list("runs/1")).sort(), ["b", "log"]);
  });

  it("closing twice, or before first use, is no error", async (storage) => {
    await storage.close();
    await storage.close();
  });
}
