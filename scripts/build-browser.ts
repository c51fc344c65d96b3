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
/** What errand/client may add to an app's own bundle. */
const CLIENT_BUDGET = 4096;

/** What the scripts load when they need it, from beside themselves: one file for all of them, so that a page has it once. */
const onDemand: Plugin = {
  name: "on-demand",
  resolveId(source, importer) {
    if (importer && source.endsWith("/live/live.ts")) return { id: "./errand-live.js", external: true };
    if (importer && source.endsWith("/field-errors.ts")) return { id: "./errand-fields.js", external: true };
    if (importer && source.endsWith("/push/push.ts")) return { id: "./errand-push.js", external: true };
    return null;
  },
};

await mkdir(folder, { recursive: true });
await bundleScript("asynctask.ts", "asynctask.js");
await bundleScript("task-list.ts", "errand-pages.js");
await bundleScript("live/live.ts", "errand-live.js");
await bundleScript("push/push.ts", "errand-push.js");
await bundleScript("push/worker.ts", "errand-push-worker.js");
await bundleScript("field-errors.ts", "errand-fields.js");
await bundleScript("elements/elements.ts", "errand-elements.js", ELEMENTS_BUDGET);
// A page imports the exported ones for what they do: they export nothing, and TypeScript is told so.
for (const name of ["asynctask", "errand-elements"]) await writeFile(join(folder, `${name}.d.ts`), "export {};\n");
await sizeOfClient();
// asynctask.js asks for it beside itself, also where an app serves both from a folder of its own.
await writeFile(join(folder, "errand.css"), css);

/** Makes one file of a script of src/browser and all that it imports. @throws Error when it costs too much. */
async function bundleScript(entry: string, name: string, budget = BUDGET): Promise<void> {
  const code = await bundled(join(root, "src/browser", entry), name, budget);
  await writeFile(join(folder, name), code);
}

/** Nothing is written: apps bundle it themselves. @throws Error when it costs too much. */
async function sizeOfClient(): Promise<void> {
  await bundled(join(root, "src/client/index.ts"), "errand/client", CLIENT_BUDGET);
}

async function bundled(input: string, name: string, budget: number): Promise<string> {
  const bundle = await rolldown({ input, platform: "browser", plugins: [onDemand] });
  const { output: chunks } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  const [chunk, ...others] = chunks;
  if (others.length > 0) throw new Error(`${name} must be one file, but it came as ${chunks.map((part) => part.fileName).join(", ")}.`);
  const size = gzipSync(chunk.code, { level: 9 }).length;
  console.log(`${name}: ${chunk.code.length} bytes, ${size} gzipped (at most ${budget})`);
  if (size > budget) throw new Error(`${name} is ${size} bytes gzipped, ${size - budget} more than its budget of ${budget}: make it smaller.`);
  return chunk.code;
}
