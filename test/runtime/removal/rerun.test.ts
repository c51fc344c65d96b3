import { expect, test } from "vitest";
import { z } from "zod";
import { ConfigurationError, InvalidInputError, RunNotEndedError, type Storage, type Upload } from "../../../src/index.ts";
import { fileSystem } from "../../../src/storages/file-system.ts";
import { freshDatabase, tempDir } from "../../support/temp.ts";
import { aborted, gate, openErrand } from "../fixture.ts";

const bytes = async function* (text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
};

/** A task that returns the text of its upload. */
const reads = {
  name: "reads",
  input: z.object({ file: z.custom<Upload>() }),
  run: async ({ file }: { file: Upload }, { open }: { open: (upload: Upload) => Promise<AsyncIterable<Uint8Array>> }) => {
    const parts: Uint8Array[] = [];
    for await (const part of await open(file)) parts.push(part);
    return Buffer.concat(parts).toString();
  },
};

const upload: Upload = { upload: "01890a5d-ac96-774b-bcce-b302099a8057", name: "a.csv", type: "text/csv", size: 4 };

test("a rerun is a new run of the same input, for the same owner, with where it came from; a rerun's rerun too", async () => {
  const errand = openErrand();
  const task = errand.task({ name: "double", input: z.object({ number: z.number() }), run: ({ number }) => number * 2 });
  const first = await task.delay({ number: 21 }, { owner: "u1", queue: "slow", priority: 7, name: "Doubling 21" });
  const second = await errand.rerun(first.id);
  expect(second?.run).toMatchObject({ rerunOf: first.id, owner: "u1", queue: "slow", priority: 7, name: "Doubling 21", task: "double" });
  expect(await second?.result()).toBe(42);
  const third = await errand.rerun(second?.id as string);
  expect(third?.run.rerunOf).toBe(second?.id);
  expect(await third?.result()).toBe(42);
  expect(new Set([first.id, second?.id, third?.id]).size).toBe(3);
  expect((await errand.get(first.id))?.state).toBe("succeeded");
});

test("it is for somebody else, or nobody, when that is said", async () => {
  const errand = openErrand();
  const run = await errand.task({ name: "idle", run: () => null }).delay(null, { owner: "u1" });
  expect((await errand.rerun(run.id, { owner: "admin" }))?.run.owner).toBe("admin");
  expect((await errand.rerun(run.id, { owner: null }))?.run.owner).toBeNull();
  expect((await errand.rerun(run.id, { owner: undefined } as { owner?: string }))?.run.owner).toBe("u1");
});

test("a task that names its runs names the rerun anew", async () => {
  const errand = openErrand();
  let count = 0;
  const task = errand.task({
    name: "named",
    generateName: () => `Number ${(count += 1)}`,
    run: (_input, { status }) => status.setName("Renamed on its way").then(() => null),
  });
  const run = await task.delay(null);
  expect(run.run.name).toBe("Renamed on its way");
  expect((await errand.rerun(run.id))?.run.name).toBe("Number 2");
});

test("uploaded files are copied: the rerun reads them when the first run is deleted, and deletes only its own", async () => {
  const errand = openErrand();
  const task = errand.task(reads);
  const id = errand.newRunId();
  await errand.storage.write(`uploads/${id}/${upload.upload}`, bytes("text"));
  await task.delay({ file: upload }, { id });
  const again = await errand.rerun(id);
  expect(await again?.result()).toBe("text");
  await errand.remove(id);
  expect(await errand.storage.list("uploads")).toEqual([again?.id]);
  const third = await errand.rerun(again?.id as string);
  expect(await third?.result()).toBe("text");
});

test("a copy that fails leaves no run and no files", async () => {
  const files = fileSystem(tempDir());
  let broken = false;
  const storage: Storage = {
    ...files,
    write: async (key, chunks, options) => {
      if (!broken) return files.write(key, chunks, options);
      await files.write(key, chunks, options);
      throw new Error("The disk is full.");
    },
  };
  const errand = openErrand({ storage });
  const task = errand.task(reads);
  const id = errand.newRunId();
  await errand.storage.write(`uploads/${id}/${upload.upload}`, bytes("text"));
  await task.delay({ file: upload }, { id });
  broken = true;
  await expect(errand.rerun(id)).rejects.toThrow("The disk is full.");
  expect((await errand.list({}, { limit: 9 })).map((run) => run.id)).toEqual([id]);
  expect(await errand.storage.list("uploads")).toEqual([id]);
});

test("a run that is deleted while its files are copied is not rerun, and leaves no copies", async () => {
  const files = fileSystem(tempDir());
  const [copying, deleted] = [gate(), gate()];
  let slow = false;
  const storage: Storage = {
    ...files,
    read: async (key, range) => {
      if (slow) {
        copying.open();
        await deleted.opened;
      }
      return files.read(key, range);
    },
  };
  const errand = openErrand({ storage });
  const task = errand.task(reads);
  const id = errand.newRunId();
  await errand.storage.write(`uploads/${id}/${upload.upload}`, bytes("text"));
  await task.delay({ file: upload }, { id });
  slow = true;
  const rerun = errand.rerun(id);
  await copying.opened;
  await errand.remove(id);
  deleted.open();
  expect(await rerun).toBeNull();
  expect(await errand.list({}, { limit: 9 })).toEqual([]);
  expect(await errand.storage.list("uploads")).toEqual([]);
});

test("only an ended run that is there, of a task that is known, whose input still fits, is rerun", async () => {
  const database = `file:${freshDatabase()}`;
  const errand = openErrand({ database });
  const begun = gate();
  const endless = errand.task({
    name: "endless",
    run: async (_input, { signal }) => {
      begun.open();
      throw await aborted(signal);
    },
  });
  const running = await endless.start(null);
  await begun.opened;
  await expect(errand.rerun(running.id)).rejects.toThrow(RunNotEndedError);
  expect(await errand.rerun(errand.newRunId())).toBeNull();
  const run = await errand.task({ name: "changing", run: () => null }).delay("a text");
  const elsewhere = openErrand({ database });
  await expect(elsewhere.rerun(run.id)).rejects.toThrow(ConfigurationError);
  const changed = openErrand({ database });
  changed.task({ name: "changing", input: z.object({ number: z.number() }), run: () => null });
  await expect(changed.rerun(run.id)).rejects.toThrow(InvalidInputError);
  await errand.remove(run.id);
  expect(await errand.rerun(run.id)).toBeNull();
});
