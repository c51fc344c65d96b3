import { createReadStream } from "node:fs";
import { type Errand, type Failure, type Task, type TaskContext, type Upload, UserError } from "errand";
import { z } from "zod";
import { type Attendee, type BrokenRow, readAttendees } from "../tickets/attendees.ts";
import { ticketCode } from "../tickets/ticket-code.ts";
import { TicketPdf } from "../tickets/ticket-pdf.ts";

const EVENT = "The Winter Concert";
const MAX_MIB = 10;
/** Broken rows that an error names. */
const MAX_NAMED = 3;

const input = z.object({
  /** null for the list that comes with the demo. */
  file: z.object({ upload: z.string(), name: z.string(), type: z.string(), size: z.number() }).nullable(),
});

export interface MakeTicketsInput {
  readonly file: Upload | null;
}

export interface MadeTickets {
  readonly tickets: number;
  /** Rows that were left out. */
  readonly left: number;
  /** The first of them, in words. The file of failed items beside the tickets has them all. */
  readonly problems: string[];
}

/**
 * Makes one PDF of tickets, "tickets.pdf", from a list of attendees. Rows that cannot be used fail one by one: their list, "failed-items.csv",
 * has the columns of the first one, so it can be mended and sent again.
 */
export function makeTicketsTask(errand: Errand, secret: string): Task<MakeTicketsInput, MadeTickets> {
  return errand.task({
    name: "make_tickets",
    input,
    generateName: ({ file }) => `Tickets for ${EVENT}${file ? ` (${file.name.slice(0, 100)})` : ""}`,
    retries: 2,
    async run({ file }, context) {
      const { status, artifacts, each, runId } = context;
      await status.setState("Reading the list of attendees");
      const list = await readList(file, context);
      const total = list.filter((row) => !isBroken(row)).length;
      const pdf = new TicketPdf({ event: EVENT, code: ({ row, seat }) => ticketCode(secret, { runId, row, seat }) });
      let tickets = 0;
      let stored: Promise<unknown> | undefined;
      // One file is made of all rows, so an attempt cannot go on with that of another.
      const rows = { cursor: false, label: ({ row }: Row) => `Row ${row}`, columns: (row: Row) => ("fields" in row ? row.fields : {}) } as const;
      try {
        const { failed, failures } = await each(list, rows, async (row) => {
          if (isBroken(row)) throw new UserError(row.message);
          tickets += 1;
          await status.setState(`Ticket ${tickets} of ${total}: ${row.name}`);
          stored ??= artifacts.file("tickets.pdf", pdf.bytes, { type: "application/pdf" });
          await Promise.race([pdf.add(row, `${tickets} / ${total}`), stored]);
        });
        const problems = failures.map(inWords);
        if (tickets === 0) throw new UserError(`No row of the list can be used. ${problems.slice(0, MAX_NAMED).join(" ")}${failed > MAX_NAMED ? " …" : ""}`);
        pdf.end();
        await stored;
        return { tickets, left: failed, problems };
      } finally {
        pdf.destroy();
      }
    },
  });
}

/** The bundled list, 500 rows. */
export function bundledList() {
  return createReadStream(new URL("../attendees.csv", import.meta.url));
}

type Row = Attendee | BrokenRow;

function isBroken(row: Row): row is BrokenRow {
  return "message" in row;
}

/** "Row 17: …", for a person who counts the header as row 1. */
function inWords({ label, message }: Failure): string {
  return `${label}: ${message}`;
}

async function readList(file: Upload | null, { open, signal }: TaskContext): Promise<Row[]> {
  if (!file) return readAttendees(bundledList(), signal);
  if (file.size > MAX_MIB * 1_048_576) throw new UserError(`The file is larger than ${MAX_MIB} MiB. Split the list into several files.`);
  return readAttendees(await open(file), signal);
}
