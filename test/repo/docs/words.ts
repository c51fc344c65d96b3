import { read } from "../files.ts";
import type { Page } from "./markdown.ts";
import type { Module } from "./modules.ts";

/** What these words stand for in every sentence. */
const given = [
  'import { createErrand } from "errand";',
  'import { errandWeb } from "errand/web";',
  'declare const errand: import("errand").Errand;',
  'declare const web: import("errand/web").ErrandWeb;',
  'declare const status: import("errand").Status;',
  'declare const artifacts: import("errand").Artifacts;',
  // Without this it would be the browser's.
  "declare const name: string;",
];
/** `errand.ts` and the like are files, `errand.errand_runs` is a table. */
const others = /^\w+\.((ts|js|sqlite|css|md)\b|errand_)/;
const FOLDER = "words/";
/** The codes of a name that is not declared: in a sentence `id` is any. */
const undeclared = /error TS(2304|2552|18004):/;

/**
 * For each page a module that touches every `errand.…`, `web.…` and `errand/…` of its sentences, and makes the calls among them, so that
 * TypeScript says which of them is not there, or takes no such option.
 */
export function wordProbes(pages: readonly Page[]): Module[] {
  return pages.flatMap((page) => {
    const lines = [...new Set(page.inline.flatMap(probesIn))];
    const text = [...given, ...lines, "export {};"].join("\n");
    const path = `${FOLDER}${page.path.replaceAll(/\W/g, "-").toLowerCase()}.ts`;
    return lines.length === 0 ? [] : [{ path, text, runs: false, output: [], blocks: [], origins: text.split("\n").map(() => page.path) }];
  });
}

/** Whether this is only about a name that a sentence need not declare. */
export function isExcused(path: string, message: string): boolean {
  return path.startsWith(FOLDER) && undeclared.test(message);
}

function probesIn(code: string): string[] {
  if (others.test(code)) return [];
  if (/^(errand\.|web\.|status\.|artifacts\.|createErrand\(|errandWeb\()/.test(code)) return isWholeCall(code) ? [`void (() => ${code});`] : memberIn(code);
  const subpath = /^errand(\/[\w./-]+)$/.exec(code)?.[1];
  if (subpath === undefined) return [];
  const { exports } = JSON.parse(read("package.json")) as { exports: Record<string, unknown> };
  return Object.hasOwn(exports, `.${subpath}`) ? [] : [`import "errand${subpath}";`];
}

function isWholeCall(code: string): boolean {
  const isBalanced = ["()", "{}", "[]"].every(([open, close]) => code.split(open as string).length === code.split(close as string).length);
  return code.endsWith(")") && isBalanced && !code.includes("…");
}

function memberIn(code: string): string[] {
  const member = /^\w+\.\w+(?:\.\w+)?/.exec(code);
  return member ? [`void ${member[0]};`] : [];
}
