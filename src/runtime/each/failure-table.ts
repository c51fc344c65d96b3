import type { Failure } from "../../core/each.ts";
import type { Message } from "../../core/messages.ts";

export interface FailureTableOptions {
  /** All failures, from the first; asked for twice. */
  readonly failures: () => AsyncIterable<Failure>;
  readonly render: (message: Message) => string;
  /** Said in a last row, when there are more than those. */
  readonly more: Message | null;
}

/** Failed items as CSV (RFC 4180, UTF-8 with a mark for spreadsheets): a row each, with the columns that the task gave them. */
export async function* failureTable({ failures, render, more }: FailureTableOptions): AsyncGenerator<string> {
  const loops = new Set<string>();
  const columns = new Set<string>();
  for await (const failure of failures()) {
    loops.add(failure.loop);
    for (const column of Object.keys(failure.columns ?? {})) columns.add(column);
  }
  const isNamed = loops.size > 1;
  yield `\ufeff${row([...(isNamed ? ["loop"] : []), "item", "problem", ...columns])}`;
  for await (const failure of failures()) {
    const cells = [...columns].map((column) => (failure.columns && Object.hasOwn(failure.columns, column) ? failure.columns[column] : null));
    yield row([...(isNamed ? [failure.loop] : []), failure.label, render(failure.message), ...cells]);
  }
  if (more) yield row([...(isNamed ? [""] : []), "", render(more)]);
}

function row(cells: readonly (string | number | boolean | null | undefined)[]): string {
  return `${cells.map(cell).join(",")}\r\n`;
}

function cell(value: string | number | boolean | null | undefined): string {
  const text = typeof value === "string" ? harmless(value) : String(value ?? "");
  return /[",;\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A spreadsheet would take a text that begins so for a formula, and run it. */
function harmless(text: string): string {
  return /^\s*[=+\-@\t\r]/.test(text) && !/^[+-]?\d+([.,]\d+)?$/.test(text) ? `'${text}` : text;
}
