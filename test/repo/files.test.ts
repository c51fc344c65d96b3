import { expect, test } from "vitest";
import { filesUnder, ownFiles, read } from "./files.ts";

const LONGEST_FILE = 400;
const code = /\.(ts|tsx|js|mjs)$/;

/** Names that say nothing about what is inside. */
const emptyNames = ["manager", "helper", "helpers", "util", "utils", "common", "base", "service", "data", "info", "misc"];

// Each is put together here, so that this file does not hold what it looks for.
const forbidden: readonly { readonly what: RegExp; readonly why: string; readonly in?: RegExp }[] = [
  { what: new RegExp(`\\b(TO${"DO"}|FIX${"ME"}|XX${"X"})\\b`), why: "finish it, or file an issue" },
  { what: new RegExp(`@ts-${"ignore"}|@ts-${"nocheck"}`), why: "mend the type" },
  { what: new RegExp(`\\b(test|it|describe|suite)\\.(ski${"p"}|onl${"y"}|tod${"o"})\\b`), why: "every test runs" },
  { what: new RegExp(`cance${"ll"}(ed|ing|able)`, "i"), why: "spelled with one l" },
  { what: new RegExp(`(^|[\\s"'\`(=])/(wor${"k"}|roo${"t"}|hom${"e"})/`), why: "a path of one machine" },
  { what: new RegExp(`registry\\.${"npmjs"}|"resolve${"d"}": "http`), why: "a registry's address belongs to the machine, not to the project" },
];

test(`no code file is longer than ${LONGEST_FILE} lines`, () => {
  const long = ownFiles()
    .filter((path) => code.test(path))
    .map((path) => ({ path, lines: read(path).split("\n").length - 1 }))
    .filter(({ lines }) => lines > LONGEST_FILE);
  expect(long).toEqual([]);
});

test("names say what is inside", () => {
  const words = (path: string) => path.toLowerCase().split(/[/._-]/);
  expect(ownFiles().filter((path) => words(path).some((word) => emptyNames.includes(word)))).toEqual([]);
  expect(emptyNames.every((name) => words(`src/web/form-${name}.ts`).includes(name))).toBe(true);
});

test("exported names say what they are", () => {
  const found = filesUnder("src", [".ts", ".tsx"]).flatMap((file) => emptyExports(read(`src/${file}`)).map((name) => `${file}: ${name}`));
  expect(found).toEqual([]);
  expect(emptyExports("export class RunManager {}\nexport const formUtils = 1;\nexport function database() {}")).toEqual(["RunManager", "formUtils"]);
});

function emptyExports(text: string): string[] {
  const names = [...text.matchAll(/^export (?:abstract |async )*(?:class|const|function|interface|type) (\w+)/gm)].map((match) => match[1] as string);
  return names.filter((name) => name.split(/(?=[A-Z])|_/).some((word) => emptyNames.includes(word.toLowerCase())));
}

test("files and folders are named in kebab-case", () => {
  // Next's router finds parameters by folders such as [id] and [[...path]].
  const routed = /(?<=^examples\/next\/app\/.*)\[+(\.{3})?[a-z]+\]+/g;
  const paths = ownFiles().flatMap((path) => (/^(src|test|bench|scripts|examples)\//.test(path) ? path.replace(routed, "x") : []));
  expect(paths.filter((path) => !/^[a-z0-9./-]+$/.test(path.replace(/\/README\.md$/, "")))).toEqual([]);
});

test("nothing forbidden is written anywhere", () => {
  const found = ownFiles().flatMap((path) => faultsIn(read(path)).map((fault) => `${path}:${fault}`));
  expect(found).toEqual([]);
});

function faultsIn(text: string): string[] {
  return text
    .split("\n")
    .flatMap((line, index) => forbidden.filter(({ what }) => what.test(line)).map(({ what, why }) => `${index + 1}: ${what.exec(line)?.[0].trim()} (${why})`));
}

test.each([
  ["// TO" + "DO later"],
  ["// @ts-" + "ignore"],
  ["test.ski" + 'p("x", () => {});'],
  ["cance" + "lled"],
  ["see /ro" + "ot/x"],
  ["https://registry.np" + "mjs.org"],
])("%j is found", (line) => {
  expect(faultsIn(line)).toHaveLength(1);
});
