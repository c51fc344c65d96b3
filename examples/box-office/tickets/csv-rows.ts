import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type InfoRecord, parse } from "csv-parse";
import { csvText } from "./csv-text.ts";

/** A row as it stands in the file. */
export interface CsvRow {
  /** The line that it begins in, as an editor counts: the header is in line 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** A row that cannot be used, and why. */
export interface Problem {
  readonly row: number;
  readonly message: string;
}

interface Reading {
  /** Gets one row after the other, the header included, blank ones left out. What it throws ends the reading. */
  onRow(row: CsvRow): void;
  /** Is told where a quotation mark is never closed: what follows it is left out. */
  onProblem(problem: Problem): void;
  readonly signal?: AbortSignal;
}

interface ParsedRecord {
  readonly record: readonly string[];
  readonly info: InfoRecord;
}

/** Somebody's whole file in one line must not be searched for a separator. */
const MAX_HEADER = 10_000;

/**
 * Reads a CSV file row by row. The separator is "," or ";" or a tab, whichever the first line has most of.
 *
 * @throws UserError for what is no text in UTF-8
 */
export async function readCsv(chunks: Parameters<typeof csvText>[0], { onRow, onProblem, signal }: Reading): Promise<void> {
  const text = csvText(chunks);
  let head = "";
  while (!head.includes("\n", firstLineStart(head)) && head.length < MAX_HEADER) {
    const { value, done } = await text.next();
    if (done) break;
    head += value;
  }
  await pipeline(
    Readable.from(joined(head, text)),
    newParser(separatorOf(head), onProblem),
    async (records: AsyncIterable<ParsedRecord>) => {
      for await (const { record: fields, info } of records) {
        if (fields.every((field) => field.trim() === "")) continue;
        const breaks = fields.reduce((sum, field) => sum + field.split("\n").length - 1, 0);
        onRow({ line: info.lines - breaks, fields });
      }
    },
    { signal },
  );
}

function newParser(delimiter: string, onProblem: Reading["onProblem"]) {
  let seen = 0;
  return parse({
    delimiter,
    record_delimiter: "\n",
    skip_empty_lines: true,
    relax_column_count: true,
    relax_quotes: true,
    ltrim: true,
    skip_records_with_error: true,
    info: true,
    on_record(fields: string[], { lines }: InfoRecord) {
      seen = lines;
      return fields;
    },
    on_skip(): undefined {
      // With relax_quotes, a quotation mark that is never closed is all that can be wrong with the form of a row.
      onProblem({ row: seen + 1, message: "A quotation mark opens here or below and is never closed, so nothing from here on could be read." });
    },
  });
}

async function* joined(head: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  if (head !== "") yield head;
  yield* rest;
}

function firstLineStart(text: string): number {
  return text.search(/[^\n]|$/);
}

function separatorOf(head: string): string {
  const line = head.slice(firstLineStart(head), MAX_HEADER).split("\n", 1)[0] as string;
  const count = (separator: string) => line.split(separator).length;
  return [",", ";", "\t"].reduce((best, candidate) => (count(candidate) > count(best) ? candidate : best));
}
