import { expect, test } from "vitest";
import { read } from "../repo/files.ts";
import { closureOf, sizeOf, versionOf } from "./dependencies.ts";

const { dependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(read("package.json")) as Readonly<
  Record<"dependencies" | "peerDependencies", Readonly<Record<string, string>>>
> & { readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>> };

/** The rows of the table of docs/package.md: package, version, megabytes, what it brings along. */
const rows = [...read("docs/package.md").matchAll(/^\| `([^`]+)` \| ([\d.]+) \| ([\d.]+) \| (.+?) \| .{20,} \|$/gm)].map((row) => row.slice(1, 5) as Row);
type Row = [name: string, version: string, size: string, below: string];

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(2);
}

test("docs/package.md says of each dependency which one it is, what it weighs and what it brings along", () => {
  const expected = Object.keys(dependencies).map((name): Row => {
    const below = closureOf([name]);
    return [name, versionOf(name), megabytes(sizeOf(name)), below.map((each) => `\`${each}\``).join(", ") || "nothing"];
  });
  expect(rows).toEqual(expected);
});

test("docs/package.md says what all of them weigh together", () => {
  const all = closureOf(["errand"]);
  const sum = megabytes(all.reduce((sum, name) => sum + sizeOf(name), 0));
  expect(read("docs/package.md")).toContain(`${all.length} packages, ${sum} MB`);
});

test("docs/package.md says of each peer what it is for, and each is optional", () => {
  const table = read("docs/package.md").split("## What you install when you use it")[1]?.split("\n\n")[1] ?? "";
  const named = [...table.matchAll(/^\| .+ \| (`.+) \|$/gm)].flatMap(([, cell]) => [...(cell as string).matchAll(/`([^`]+)`/g)].map(([, name]) => name));
  expect([...new Set(named)].sort()).toEqual(Object.keys(peerDependencies).sort());
  expect(Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional)).toEqual([]);
});

test("no dependency brings along what has to be built or downloaded", () => {
  const manifests = closureOf(["errand"]).map((name) => JSON.parse(read(`node_modules/${name}/package.json`)) as { scripts?: Record<string, string> });
  expect(manifests.flatMap(({ scripts = {} }) => Object.keys(scripts).filter((name) => /^(pre|post)?install$/.test(name)))).toEqual([]);
});
