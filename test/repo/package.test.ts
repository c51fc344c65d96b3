import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { checkBuilt } from "./built.ts";
import { filesUnder, read, repo } from "./files.ts";
import { importsOf } from "./imports.ts";

interface Manifest {
  readonly exports: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(read("package.json")) as Manifest;
const targets = [...Object.values(manifest.exports), ...Object.values(manifest.bin)];

beforeAll(checkBuilt);

test("everything that package.json exports has been built, with its types", () => {
  expect(targets.filter((target) => !existsSync(join(repo, target)))).toEqual([]);
  const typed = Object.values(manifest.exports).filter((target) => target.endsWith(".js"));
  expect(typed.filter((target) => !existsSync(join(repo, target.replace(/\.js$/, ".d.ts"))))).toEqual([]);
});

test("every adapter, broker, notifier, storage and store driver is exported", () => {
  const exported = new Set(Object.values(manifest.exports).map((target) => target.replace("./dist/", "src/").replace(/\.js$/, ".ts")));
  const adapters = filesUnder("src/adapters", [".ts"]).map((file) => `src/adapters/${file}`);
  const drivers = ["brokers", "notifiers", "storages", "stores"].map((folder) => driversIn(`src/${folder}`));
  // What only other files of its folder use.
  const inner = ["framework-listener", "parsed-body", "sent-request", "text-params"].map((name) => `src/adapters/${name}.ts`);
  expect([...adapters, ...drivers.flat()].filter((file) => !exported.has(file) && !inner.includes(file))).toEqual([]);
  expect(drivers.map((found) => found.length > 0)).toEqual([true, true, true, true]);
});

/** The files whose function makes a broker, a notifier, a storage or a store; the others of the folder are parts of theirs. */
function driversIn(folder: string): string[] {
  return filesUnder(folder, [".ts"])
    .map((file) => `${folder}/${file}`)
    .filter((file) => /^export function \w+\([^)]*\): (Broker|Notifier|Storage|Store)\b/m.test(read(file)));
}

test("every export can be imported by the package's own name", async () => {
  const modules = Object.keys(manifest.exports).filter((name) => !/\.(js|json)$/.test(name));
  for (const name of modules) {
    const specifier = name.replace(/^\./, "errand");
    const module = (await import(import.meta.resolve(specifier))) as object;
    expect(Object.keys(module), specifier).not.toEqual([]);
  }
});

test("what the package ships needs no development dependency, except for the types of an optional peer", () => {
  const shipped = filesUnder("dist", [".js"]).filter((file) => !file.startsWith("browser/"));
  const sources = shipped.flatMap((file) => importsOf(file, read(`dist/${file}`)).flatMap(({ source }) => source ?? []));
  const packages = sources.filter((source) => !/^(\.|node:)/.test(source));
  const used = new Set(packages.map((source) => source.split("/", source.startsWith("@") ? 2 : 1).join("/")));
  const declared = new Set([...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)]);
  expect([...used].filter((name) => !declared.has(name))).toEqual([]);
  expect([...used]).toContain("hono");
});

test("versions are exact, so that two machines install the same", () => {
  const versions = { ...manifest.dependencies, ...manifest.devDependencies };
  expect(Object.entries(versions).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});
