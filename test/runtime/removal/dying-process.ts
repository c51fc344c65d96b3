// An errand that is to be killed at the moment that it prints: `node dying-process.ts <database file> remove|purge|write`.
import { createErrand, type Storage } from "../../../src/index.ts";
import { fileSystem } from "../../../src/storages/file-system.ts";

const [file, mode] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);
const files = fileSystem(`${file}-files`);

/** Never answers from the moment on that is asked for. */
const storage: Storage = {
  ...files,
  async remove(prefix) {
    if (mode === "write") return files.remove(prefix);
    say("removing");
    return new Promise(() => {});
  },
  async write(key, chunks, options) {
    const size = await files.write(key, chunks, options);
    if (mode !== "write") return size;
    say("written");
    return new Promise(() => {});
  },
};

const errand = createErrand({ database: `file:${file}`, storage, lease: "500ms", keep: false });
const leaves = errand.task({ name: "leaves", run: (_input, { artifacts }) => artifacts.file("a.txt", "text").then(() => null) });
const run = await leaves.start(null);
say(`run ${run.id}`);
// An errand by itself keeps no process alive.
setInterval(() => {}, 2 ** 31 - 1);
await run.ended();
if (mode === "remove") await errand.remove(run.id);
if (mode === "purge") await errand.purge({ olderThan: 0 });
