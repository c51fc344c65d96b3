import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { css } from "../src/web/pages/style.ts";

const root = join(import.meta.dirname, "..");
const folder = join(root, "dist/browser");
/** What each script may cost its visitors at most, bytes after gzip -9. */
const BUDGET = 5120;

await mkdir(folder, { recursive: true });
await bundleScript("asynctask.ts", "asynctask.js");
await bundleScript("task-list.ts", "errand-pages.js");
// asynctask.js asks for it beside itself, also where an app serves both from a folder of its own.
await writeFile(join(folder, "errand.css"), css);

/** Makes one file of a script of src/browser and all that it imports. @throws Error when it costs too much. */
async function bundleScript(entry: string, name: string): Promise<void> {
  const bundle = await rolldown({ input: join(root, "src/browser", entry), platform: "browser" });
  const { output: chunks } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  const [chunk, ...others] = chunks;
  if (others.length > 0) throw new Error(`${name} must be one file, but it came as ${chunks.map((part) => part.fileName).join(", ")}.`);
  const size = gzipSync(chunk.code, { level: 9 }).length;
  console.log(`${name}: ${chunk.code.length} bytes, ${size} gzipped (at most ${BUDGET})`);
  if (size > BUDGET) throw new Error(`${name} is ${size} bytes gzipped, ${size - BUDGET} more than its budget of ${BUDGET}: make it smaller.`);
  await writeFile(join(folder, name), chunk.code);
}
