import { cpSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type NodeProcess, startProcess } from "./process.ts";
import { tempDir } from "./temp.ts";

const repo = fileURLToPath(new URL("../../", import.meta.url));
const next = join(repo, "node_modules/next/dist/bin/next");
/** A build and a server as anybody's: not those of a test, and telling nobody. */
const env = { NODE_ENV: undefined, VITEST: undefined, NODE_OPTIONS: undefined, NEXT_TELEMETRY_DISABLED: "1" };

/** What the app and Errand find in node_modules. */
const packages = [
  ["next", "react", "react-dom", "typescript", "@types/node", "@types/react", "@types/react-dom"],
  ["@fastify/busboy", "@hono/node-server", "@standard-schema/spec", "hono", "kysely", "uuid", "zod"],
].flat();

/**
 * Builds a Next app in a folder of its own: examples/next, with `files` laid over it and `settings` in its next.config, and with Errand
 * installed as from npm, which needs dist/.
 */
export async function buildNextApp(files: Readonly<Record<string, string>> = {}, settings: object = {}): Promise<string> {
  const folder = tempDir();
  cpSync(join(repo, "examples/next"), folder, { recursive: true });
  // Packages are linked from outside of the folder, which Next must be told.
  renameSync(join(folder, "next.config.ts"), join(folder, "app.config.ts"));
  const changed = JSON.stringify({ ...settings, turbopack: { root: "/" } });
  const config = `import config from "./app.config.ts";\nexport default { ...config, ...${changed} };\n`;
  const all = { "next.config.ts": config, "package.json": '{ "private": true, "type": "module" }', ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  for (const name of packages) {
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(repo, "node_modules", name), link);
  }
  const errand = join(folder, "node_modules/errand");
  for (const part of ["dist", "package.json"]) cpSync(join(repo, part), join(errand, part), { recursive: true });
  const build = startProcess(next, { args: ["build"], cwd: folder, env });
  const { code } = await build.exited;
  if (code !== 0) throw new Error(`next build ended with ${code}.\n${build.stdout}${build.stderr}`);
  return folder;
}

/** Serves a built app on a free port. */
export async function startNextApp(
  folder: string,
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly url: string; readonly server: NodeProcess }> {
  const server = startProcess(next, { args: ["start", "-p", "0", "-H", "127.0.0.1"], cwd: folder, env: { ...env, ...more } });
  const line = await server.line(/Local:\s+http/);
  return { url: (/http\S+/.exec(line) as RegExpExecArray)[0], server };
}
