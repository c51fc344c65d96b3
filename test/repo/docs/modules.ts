import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { repo } from "../files.ts";
import type { Block } from "./markdown.ts";

/** A file made of the code of a page. */
export interface Module {
  /** Relative to the folder of all modules: "guide/errand.ts". */
  readonly path: string;
  readonly text: string;
  readonly runs: boolean;
  /** What its run must print, line by line: "…" stands for anything. */
  readonly output: readonly string[];
  readonly blocks: readonly Block[];
  /** Where each of its lines stands: "docs/guide.md:12". */
  readonly origins: readonly string[];
}

const languages = new Set(["ts", "tsx", "js", "json"]);
const marks = new Set(["file", "run", "unchecked", "of"]);

/**
 * The code blocks of pages as modules. A block is a module by itself, `block-12.ts` of its page's folder, unless it says `file=errand.ts`:
 * blocks of one file make it up, one behind the other, and all of a page may import it.
 *
 * @throws Error for a block that says what nobody understands, or that is unchecked without a reason
 */
export function modulesOf(blocks: readonly Block[]): Module[] {
  const files = new Map<string, Block[]>();
  for (const block of blocks) {
    const unknown = Object.keys(block.marks).find((mark) => !marks.has(mark));
    if (unknown !== undefined) throw new Error(`${place(block)}: the fence says "${unknown}", which means nothing. Known: ${[...marks].join(", ")}.`);
    if (!languages.has(block.language)) continue;
    const reason = block.marks.unchecked;
    if (reason !== undefined && reason.split(" ").length < 3) throw new Error(`${place(block)}: say why it is unchecked: unchecked="…".`);
    if (reason !== undefined || (block.language === "json" && block.marks.of === undefined)) continue;
    const path = `${folderOf(block.page)}/${block.marks.file ?? `block-${block.line}.${ending(block)}`}`;
    files.set(path, [...(files.get(path) ?? []), block]);
  }
  return [...files].map(([path, parts]) => moduleOf(path, parts));
}

function moduleOf(path: string, blocks: readonly Block[]): Module {
  const lines: string[] = [];
  const origins: string[] = [];
  const add = (text: string, page: string, first: number) => {
    for (const [index, line] of text.trimEnd().split("\n").entries()) {
      lines.push(line);
      origins.push(`${page}:${first + index}`);
    }
  };
  for (const block of blocks) {
    for (const { code, line } of block.given) add(code, block.page, line);
    add(codeOf(block), block.page, block.line);
  }
  if (!/^(import|export) /m.test(lines.join("\n"))) lines.push("export {};");
  const output = blocks.flatMap(({ code }) => [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, text]) => (text as string).trim()));
  return { path, text: `${lines.join("\n")}\n`, runs: blocks.some(({ marks }) => "run" in marks), output, blocks, origins };
}

function codeOf({ language, marks, code }: Block): string {
  return language === "json" ? `const sample: import("errand:repo/src/core/wire.ts").${marks.of} = ${code.trim()};` : code;
}

/** The folder of a page's files: "guide" for docs/guide.md. */
export function folderOf(page: string): string {
  return page
    .replace(/^docs\//, "")
    .replace(/\.md$/, "")
    .replaceAll("/", "-");
}

function ending({ language }: Block): string {
  return language === "tsx" ? "tsx" : "ts";
}

export function place({ page, line }: Block): string {
  return `${page}:${line}`;
}

/** Writes the modules below `folder`, where they find all packages that the repo has, and Errand itself as it was built. */
export function writeModules(folder: string, modules: readonly Module[]): void {
  mkdirSync(join(folder, "node_modules"));
  for (const name of readdirSync(join(repo, "node_modules"))) symlinkSync(join(repo, "node_modules", name), join(folder, "node_modules", name));
  symlinkSync(repo, join(folder, "node_modules/errand"));
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  for (const { path, text } of modules) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
