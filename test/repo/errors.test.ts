import { expect, test } from "vitest";
import * as errand from "../../src/index.ts";
import { filesUnder, read } from "./files.ts";

const declared = filesUnder("src", [".ts", ".tsx"]).flatMap((file) =>
  [...read(`src/${file}`).matchAll(/\bcode(?:: string)? = "(ERRAND_\w+)"/g)].map((match) => ({ code: match[1] as string, file })),
);
const documented = [...read("docs/errors.md").matchAll(/^\| `(\w+)` \| `(ERRAND_\w+)` \|/gm)].map((match) => ({
  name: match[1] as string,
  code: match[2] as string,
}));

test("no two errors share a code", () => {
  expect(declared.length).toBeGreaterThan(8);
  const codes = declared.map(({ code }) => code);
  expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
});

test("docs/errors.md lists exactly the codes that exist", () => {
  expect(documented.map(({ code }) => code).sort()).toEqual(declared.map(({ code }) => code).sort());
});

test("every documented error is exported, with its class name", () => {
  expect(documented.map(({ name }) => name).filter((name) => !(name in errand))).toEqual([]);
});

test("every exported error is documented", () => {
  const errors = Object.entries(errand).filter(([, value]) => typeof value === "function" && value.prototype instanceof errand.ErrandError);
  expect(errors.map(([name]) => name).filter((name) => !documented.some((entry) => entry.name === name))).toEqual([]);
});
