import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startProcess } from "../../support/process.ts";
import { tempDir } from "../../support/temp.ts";
import { read, repo } from "../files.ts";
import { type Module, writeModules } from "./modules.ts";
import { isExcused } from "./words.ts";

const compilerOptions = {
  target: "es2024",
  lib: ["es2024", "esnext.disposable", "dom", "dom.iterable"],
  module: "nodenext",
  types: ["node"],
  strict: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  isolatedModules: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  jsx: "react-jsx",
  jsxImportSource: "hono/jsx",
  noEmit: true,
};

/** What TypeScript has against the modules, each with the place on its page. One run checks all, against the sources of Errand. */
export async function typeErrors(modules: readonly Module[]): Promise<string[]> {
  const folder = tempDir();
  writeModules(folder, modules);
  const options = { ...compilerOptions, paths: { ...publicPaths(), "errand:repo/*": [join(repo, "*")] } };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: modules.map(({ path }) => path) }));
  const tsc = join(repo, "node_modules/typescript/bin/tsc");
  const run = startProcess(tsc, { args: ["-p", ".", "--pretty", "false"], cwd: folder });
  await run.exited;
  if (run.stderr !== "") throw new Error(run.stderr);
  return messagesOf(run.stdout).flatMap((message) => located(message, modules));
}

/** Where `errand/…` lies in the sources: what package.json exports. */
function publicPaths(): Record<string, string[]> {
  const { exports } = JSON.parse(read("package.json")) as { exports: Record<string, string | Record<string, string>> };
  const paths: Record<string, string[]> = {};
  for (const [subpath, target] of Object.entries(exports)) {
    const built = typeof target === "string" ? target : (target.default ?? target.import ?? "");
    const source = built.replace(/^\.\/dist\/(.*)\.js$/, "src/$1");
    const file = [".ts", ".tsx"].map((end) => join(repo, source + end)).find(existsSync);
    if (file !== undefined) paths[subpath.replace(/^\./, "errand")] = [file];
  }
  return paths;
}

/** One each, with the lines that are indented below it. */
function messagesOf(output: string): string[] {
  return output.split(/\n(?=\S)/).filter((message) => message.trim() !== "");
}

/** Errors in the sources themselves are not the pages' fault; the type check of the repo finds them. */
function located(message: string, modules: readonly Module[]): string[] {
  const [, path, line, rest] = /^(\S+)\((\d+),\d+\): ([\s\S]*)$/.exec(message.trimEnd()) ?? [];
  if (path === undefined) return [message];
  if (isExcused(path, message)) return [];
  const found = modules.find((module) => module.path === path);
  return found ? [`${found.origins[Number(line) - 1] ?? found.path}: ${rest}`] : path.startsWith("..") ? [] : [message];
}
