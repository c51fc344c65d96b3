import assert from "node:assert/strict";
import type { Storage } from "../../core/storage.ts";
import { until } from "../until.ts";
import { chunksOf, get, put } from "./bytes.ts";
import type { StorageTest } from "./storage-test.ts";

const MIB = 2 ** 20;

/** A source that gives one chunk and then the next when `go` is called. */
function heldSource(): { chunks: AsyncGenerator<Uint8Array>; go: () => void; asked: () => boolean; closed: () => boolean } {
  const gate = Promise.withResolvers<void>();
  let asked = false;
  let closed = false;
  const chunks = (async function* () {
    try {
      yield Buffer.from("first half, ");
      asked = true;
      await gate.promise;
      yield Buffer.from("second half");
    } finally {
      closed = true;
    }
  })();
  return { chunks, go: gate.resolve, asked: () => asked, closed: () => closed };
}

/** Nothing of the write can be seen: neither by key nor in a list. */
async function expectUntouched(storage: Storage, before: string | null): Promise<void> {
  assert.equal(await get(storage, "uploads/1/a"), before);
  assert.deepEqual(await storage.list("uploads/1"), before === null ? [] : ["a"]);
}

export function testStreams(it: StorageTest): void {
  for (const before of [null, "the old text"]) {
    const where = before === null ? "of a new file" : "over an older file";

    it(`a write ${where} is seen whole or not at all`, async (storage, other) => {
      if (before !== null) await put(storage, "uploads/1/a", before);
      const source = heldSource();
      const writing = storage.write("uploads/1/a", source.chunks);
      await until("the write asked for its second chunk", source.asked);
      await expectUntouched(other, before);
      source.go();
      assert.equal(await writing, "first half, second half".length);
      assert.equal(await get(other, "uploads/1/a"), "first half, second half");
      assert.deepEqual(await other.list("uploads/1"), ["a"]);
    });

    it(`a write ${where} whose source fails leaves nothing, and says why`, async (storage) => {
      if (before !== null) await put(storage, "uploads/1/a", before);
      const failing = async function* () {
        yield Buffer.from("first half");
        throw new Error("the connection was lost");
      };
      await assert.rejects(storage.write("uploads/1/a", failing()), /the connection was lost/);
      await expectUntouched(storage, before);
    });

    it(`a write ${where} that is aborted while its source stalls ends at once and leaves nothing`, async (storage) => {
      if (before !== null) await put(storage, "uploads/1/a", before);
      const source = heldSource();
      const controller = new AbortController();
      const writing = storage.write("uploads/1/a", source.chunks, { signal: controller.signal });
      await until("the write asked for its second chunk", source.asked);
      controller.abort(new Error("the user left"));
      await assert.rejects(writing, /the user left/);
      await expectUntouched(storage, before);
      source.go();
      await until("the source was closed", source.closed);
      await expectUntouched(storage, before);
    });

    it(`a write ${where} whose signal fired before leaves nothing`, async (storage) => {
      if (before !== null) await put(storage, "uploads/1/a", before);
      await assert.rejects(storage.write("uploads/1/a", chunksOf("new"), { signal: AbortSignal.abort(new Error("too late")) }), /too late/);
      await expectUntouched(storage, before);
    });
  }

  it("a signal that fires after the write changes nothing", async (storage) => {
    const controller = new AbortController();
    await storage.write("uploads/1/a", chunksOf("text"), { signal: controller.signal });
    controller.abort();
    await expectUntouched(storage, "text");
  });

  it("many writes at once are kept apart", async (storage, other) => {
    const keys = Array.from({ length: 30 }, (_, index) => `runs/${index % 5}/${index}`);
    await Promise.all(keys.map((key, index) => (index % 2 === 0 ? storage : other).write(key, chunksOf(key, " and ", "x".repeat(20_000)))));
    for (const key of keys) assert.equal(await get(storage, key), `${key} and ${"x".repeat(20_000)}`);
  });

  it("of writes to one key at once, one stands, whole", async (storage, other) => {
    const texts = Array.from({ length: 12 }, (_, index) => String.fromCharCode(97 + index).repeat(50_000 + index));
    const parts = (text: string) => chunksOf(text.slice(0, 20_000), text.slice(20_000, 40_000), text.slice(40_000));
    const lengths = await Promise.all(texts.map((text, index) => (index % 2 === 0 ? storage : other).write("a/b", parts(text))));
    assert.deepEqual(
      lengths,
      texts.map(({ length }) => length),
    );
    const kept = (await get(storage, "a/b")) as string;
    assert(texts.includes(kept), `what stands (${kept.length} characters) is none of the texts that were written`);
    assert.deepEqual(await storage.list("a"), ["b"]);
  });

  it("a reader may leave before the end, and read again", async (storage) => {
    await storage.write("a", chunksOf("x".repeat(MIB), "y".repeat(MIB)));
    for await (const chunk of (await storage.read("a")) ?? []) {
      assert(chunk.length > 0);
      break;
    }
    assert.equal((await get(storage, "a"))?.length, 2 * MIB);
  });

  it("a big file passes through little memory", async (storage) => {
    const count = 192;
    const atStart = process.memoryUsage().arrayBuffers;
    let most = 0;
    const look = () => {
      most = Math.max(most, process.memoryUsage().arrayBuffers - atStart);
    };
    const source = async function* () {
      for (let index = 0; index < count; index += 1) {
        look();
        yield Buffer.alloc(MIB, index);
      }
    };
    assert.equal(await storage.write("big", source()), count * MIB);
    look();
    let at = 0;
    for await (const chunk of (await storage.read("big")) ?? []) {
      for (const end of [0, chunk.length - 1]) assert.equal(chunk[end], Math.floor((at + end) / MIB) % 256);
      at += chunk.length;
      look();
    }
    assert.equal(at, count * MIB);
    assert(most < (count * MIB) / 2, `${Math.round(most / MIB)} MiB of a file of ${count} MiB were in memory at once`);
  });
}
