import { UserError } from "errand";
import { type CsvRow, type Problem, readCsv } from "./csv-rows.ts";

export interface Attendee {
  /** The line of the file that they come from: the header is in line 1. */
  readonly row: number;
  readonly name: string;
  readonly email: string;
  readonly seat: string;
}

/** A row that no ticket can be made of, and why. */
export interface BrokenRow extends Problem {
  /** What stands in it, as far as it could be told apart. */
  readonly fields: Readonly<Partial<Record<Column, string>>>;
}

const columns = ["name", "email", "seat"] as const;
export type Column = (typeof columns)[number];

export const MAX_ATTENDEES = 5000;
const longest: Record<Column, number> = { name: 200, email: 254, seat: 60 };

/**
 * Reads a list of attendees, from top to bottom, with the rows that cannot be used.
 *
 * @throws UserError when that is no list: no text, no such columns, no rows, too many rows
 */
export async function readAttendees(chunks: Parameters<typeof readCsv>[0], signal?: AbortSignal): Promise<(Attendee | BrokenRow)[]> {
  const list: (Attendee | BrokenRow)[] = [];
  const seats = new Map<string, number>();
  let header: Header | undefined;
  let rows = 0;

  await readCsv(chunks, {
    signal,
    onProblem: (problem) => list.push({ ...problem, fields: {} }),
    onRow(row) {
      if (!header) {
        header = readHeader(row.fields);
        return;
      }
      rows += 1;
      if (rows > MAX_ATTENDEES) throw new UserError(`The list has more than ${MAX_ATTENDEES.toLocaleString("en")} attendees. Split it into several files.`);
      const attendee = attendeeOf(row, header);
      const faults = typeof attendee === "string" ? attendee : seatTaken(attendee, seats);
      list.push(faults ? { row: row.line, message: faults, fields: fieldsOf(row, header) } : (attendee as Attendee));
    },
  });

  if (!header) throw new UserError("The file is empty. Send a CSV file with the columns name, email and seat.");
  if (list.length === 0) throw new UserError("The list has its columns, but nobody in it.");
  return list.sort((one, other) => one.row - other.row);
}

type Header = Readonly<Record<Column, number>> & { readonly width: number };

function readHeader(fields: readonly string[]): Header {
  const names = fields.map((field) => field.trim().toLowerCase());
  const missing = columns.filter((column) => !names.includes(column));
  if (missing.length > 0) {
    const which = missing.length === 1 ? `no column ${missing[0]}` : `no columns ${listed(missing)}`;
    throw new UserError(`The file has ${which}. The first line names the columns; found there: ${found(fields)}. Needed are ${listed(columns)}.`);
  }
  const twice = columns.find((column) => names.indexOf(column) !== names.lastIndexOf(column));
  if (twice) throw new UserError(`The file has the column ${twice} more than once.`);
  return { name: names.indexOf("name"), email: names.indexOf("email"), seat: names.indexOf("seat"), width: fields.length };
}

/** The attendee of a row, or what is wrong with it. */
function attendeeOf({ line, fields }: CsvRow, header: Header): Attendee | string {
  if (fields.length !== header.width) return `It has ${fields.length} ${fields.length === 1 ? "field" : "fields"}, but the first line names ${header.width}.`;
  const values = columns.map((column) => [column, tidy(fields[header[column]] as string)] as const);
  const faults = values.flatMap(([column, value]) => fault(column, value) ?? []);
  return faults.length > 0 ? faults.join(" ") : ({ row: line, ...Object.fromEntries(values) } as unknown as Attendee);
}

/** What stands in the columns of a row, as it is. */
function fieldsOf({ fields }: CsvRow, header: Header): BrokenRow["fields"] {
  return Object.fromEntries(columns.map((column) => [column, fields[header[column]] ?? ""]));
}

function fault(column: Column, value: string): string | undefined {
  if (value === "") return `The ${inEnglish[column]} is missing.`;
  if (value.length > longest[column]) return `The ${inEnglish[column]} is longer than ${longest[column]} characters.`;
  if (/\p{Cc}/u.test(value)) return `The ${inEnglish[column]} holds a control character.`;
  // What csv-parse makes of a field whose quotation marks close before its end.
  if (value.startsWith('"') && value.split('"').length % 2 === 0) return `The quotation marks of the ${inEnglish[column]} do not pair: double those inside it.`;
  if (column === "email" && !/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(value)) return `"${shortened(value)}" is no e-mail address.`;
  return undefined;
}

const inEnglish: Record<Column, string> = { name: "name", email: "e-mail address", seat: "seat" };

/** Notes the seat as taken; says so when it was before. */
function seatTaken({ row, seat }: Attendee, seats: Map<string, number>): string | undefined {
  const key = seat.toLowerCase();
  const before = seats.get(key);
  if (before !== undefined) return `Seat ${seat} is taken by row ${before} already.`;
  seats.set(key, row);
  return undefined;
}

function tidy(value: string): string {
  return value.normalize("NFC").replace(/\s+/g, " ").trim();
}

function found(fields: readonly string[]): string {
  const names = fields.slice(0, 10).map((field) => `"${shortened(tidy(field).replace(/\p{Cc}/gu, "�"))}"`);
  return fields.length > 10 ? `${names.join(", ")} and ${fields.length - 10} more` : names.join(", ");
}

function listed(words: readonly string[]): string {
  return new Intl.ListFormat("en").format(words);
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39).toWellFormed()}…` : text;
}
