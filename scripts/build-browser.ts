import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Plugin, rolldown } from "rolldown";
import { css } from "../src/web/pages/style.ts";

const root = join(import.meta.dirname, "..");
const folder = join(root, "dist/browser");
/** What a script may cost its visitors at most, bytes after gzip -9; the elements are for apps that ask for them. */
const BUDGET = 5120;
const ELEMENTS_BUDGET = 8192;

/** What the scripts load when they need it, from beside themselves: one file for all of them, so that a page has it once. */
const onDemand: Plugin = {
  name: "on-demand",
  resolveId(source, importer) {
    if (importer && source.endsWith("/live/live.ts")) return { id: "./errand-live.js", external: true };
    if (importer && source.endsWith("/field-errors.ts")) return { id: "./errand-fields.js", external: true };
    return null;
  },
};

await mkdir(folder, { recursive: true });
await bundleScript("asynctask.ts", "asynctask.js");
await bundleScript("task-list.ts", "errand-pages.js");
await bundleScript("live/live.ts", "errand-live.js");
await bundleScript("field-errors.ts", "errand-fields.js");
await bundleScript("elements/elements.ts", "errand-elements.js", ELEMENTS_BUDGET);
// asynctask.js asks for it beside itself, also where an app serves both from a folder of its own.
await writeFile(join(folder, "errand.css"), css);

/** Makes one file of a script of src/browser and all that it imports. @throws Error when it costs too much. */
async function bundleScript(entry: string, name: string, budget = BUDGET): Promise<void> {
  const bundle = await rolldown({ input: join(root, "src/browser", entry), platform: "browser", plugins: [onDemand] });
  const { output: chunks } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  const [chunk, ...others] = chunks;
  if (others.length > 0) throw new Error(`${name} must be one file, but it came as ${chunks.map((part) => part.fileName).join(", ")}.`);
  const size = gzipSync(chunk.code, { level: 9 }).length;
  console.log(`${name}: ${chunk.code.length} bytes, ${size} gzipped (at most ${budget})`);
  if (size > budget) throw new Error(`${name} is ${size} bytes gzipped, ${size - budget} more than its budget of ${budget}: make it smaller.`);
  await writeFile(join(folder, name), chunk.code);
}
