import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const page = readFileSync(new URL("../../docs/transactions.md", import.meta.url), "utf8");
const checked = plain(readFileSync(new URL("./examples.ts", import.meta.url), "utf8"));

/** Without what is a matter of form. */
function plain(code: string): string {
  return code.replaceAll('"', "'").replace(/[;\s]+/g, " ");
}

test("every example of docs/transactions.md is checked against the real libraries", () => {
  const examples = [...page.matchAll(/```ts\n([^`]*(?:`[^`]+`[^`]*)*?)```/g)].map((match) => plain(match[1] as string).trim());
  expect(examples.length).toBe(7);
  expect(examples.filter((example) => !checked.includes(example))).toEqual([]);
});
