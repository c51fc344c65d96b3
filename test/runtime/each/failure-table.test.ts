import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import type { Failure } from "../../../src/index.ts";
import { failureTable } from "../../../src/runtime/each/failure-table.ts";

async function written(failures: readonly Partial<Failure>[], more: string | null = null): Promise<string> {
  const all = failures.map((failure, index) => ({
    number: index + 1,
    loop: "items",
    index,
    label: `#${index}`,
    message: "It broke.",
    columns: null,
    ...failure,
  }));
  const table = failureTable({
    failures: async function* () {
      yield* all;
    },
    render: (message) => (typeof message === "string" ? message : message.key),
    more,
  });
  let content = "";
  for await (const part of table) content += part;
  return content;
}

test("columns of all failures are gathered, in the order in which they came", async () => {
  const content = await written([{ columns: { b: 1, a: "x" } }, {}, { columns: { c: true, a: null } }]);
  expect(content).toBe("\ufeffitem,problem,b,a,c\r\n#0,It broke.,1,x,\r\n#1,It broke.,,,\r\n#2,It broke.,,,true\r\n");
});

test("loops are told apart where there are several", async () => {
  const content = await written([{ loop: "rows" }, { loop: "mails", message: { key: "k" } }], "And more.");
  expect(content).toBe("\ufeffloop,item,problem\r\nrows,#0,It broke.\r\nmails,#1,k\r\n,,And more.\r\n");
});

test("any text comes back as it was, and none is a formula", async () => {
  const texts = ['a "quoted", text', "two\r\nlines", " spaced ", "semi;colon", "", "ü", "-12.5", "+49", "12"];
  const rows = parse(await written(texts.map((label) => ({ label, columns: { text: label } }))), { bom: true }) as string[][];
  expect(rows.slice(1).map((row) => [row[0], row[2]])).toEqual(texts.map((text) => [text, text]));
  const formulas = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", " =1", "\r=1", "=1\n+2"];
  const cells = parse(await written(formulas.map((label) => ({ label, message: label, columns: { text: label } }))), { bom: true }) as string[][];
  expect(cells.slice(1)).toEqual(formulas.map((text) => [`'${text}`, `'${text}`, `'${text}`]));
  expect(await written([{ columns: { "=1": -5 } }])).toBe("\ufeffitem,problem,'=1\r\n#0,It broke.,-5\r\n");
});
