import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import QRCode from "qrcode";
import { beforeAll, expect, test } from "vitest";
import { readTicketCode, ticketCode } from "../../examples/box-office/tickets/ticket-code.ts";
import { type Demo, startDemo } from "./demo.ts";
import { type PdfPage, readPdf } from "./read-pdf.ts";
import { saidOn, Visitor } from "./visitor.ts";

const rows = readFileSync(new URL("../../examples/box-office/attendees.csv", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .slice(1)
  .map(fieldsOf);

let demo: Demo;

beforeAll(async () => {
  demo = await startDemo();
});

test("the bundled list becomes a PDF with a page and a QR code for each of its 500 attendees", { timeout: 120_000 }, async () => {
  const alice = await Visitor.signedIn(demo, "alice");
  const started = await alice.start("/tickets");
  const texts = new Set<string>();
  const percentages: number[] = [];
  const ended = await alice.finish(started, ({ text, percentage }) => {
    if (text) texts.add(text);
    if (percentage !== undefined) percentages.push(percentage);
  });

  expect(ended).toMatchObject({ success: true, redirect: `/tickets/${started.async_id}`, message: "All 500 tickets are ready." });
  // The process that makes the tickets answered all the while, and said whose turn it was.
  expect(texts.size).toBeGreaterThan(2);
  for (const text of texts) expect(text).toMatch(/^(Ticket \d+ of 500: |Reading the list|In Progress)/);
  expect(percentages).toEqual(percentages.toSorted((one, other) => one - other));

  const page = await (await alice.get(ended.redirect as string)).text();
  expect(saidOn(page)).toEqual({ heading: "500 tickets made", messages: ["All 500 tickets are ready."] });
  expect(saidOn(await (await alice.get(ended.redirect as string)).text()).messages).toEqual([]);

  const link = /href="(\/errand\/artifacts\/[^"]+)"/.exec(page)?.[1] as string;
  const download = await alice.get(link);
  expect(download.headers.get("content-type")).toBe("application/pdf");
  expect(download.headers.get("content-disposition")).toBe('attachment; filename="tickets.pdf"');
  const pages = readPdf(Buffer.from(await download.arrayBuffer()));
  expect(pages).toHaveLength(500);
  for (const [index, ticket] of pages.entries()) {
    const [name, email, seat] = rows[index] as [string, string, string];
    expect(ticket.lines).toContain(seat);
    expect(ticket.lines).toContain(email);
    expect(ticket.lines).toContain(`Ticket ${index + 1} / 500 · row ${index + 2} of the list`);
    // A name of more than a line's width goes on in the next.
    expect(ticket.lines.join("").replaceAll(/[\s-]/g, "")).toContain(name.replaceAll(/[\s-]/g, ""));
  }

  const secret = secretOf(demo);
  for (const index of [0, 250, 499]) {
    const claim = { runId: started.async_id, row: index + 2, seat: rows[index]?.[2] as string };
    expectPicture(pages[index] as PdfPage, ticketCode(secret, claim));
    expect(readTicketCode(secret, ticketCode(secret, claim))).toEqual(claim);
  }
  expect(readTicketCode(`${secret}x`, ticketCode(secret, { runId: "r", row: 2, seat: "A" }))).toBeNull();
});

test("nobody else sees the result page or the PDF", { timeout: 60_000 }, async () => {
  const form = new FormData();
  form.set("file", new File(["name,email,seat\nEin Muster,ein@example.org,A1\n"], "one.csv"));
  const visitor = new Visitor(demo);
  const { redirect } = await visitor.run("/tickets", form);
  const page = await visitor.get(redirect as string);
  expect(page.status).toBe(200);
  const pdf = /href="(\/errand\/artifacts\/[^"]+)"/.exec(await page.text())?.[1] as string;
  expect((await visitor.get(pdf)).status).toBe(200);

  for (const other of [await Visitor.signedIn(demo, "bob"), await Visitor.signedIn(demo, "alice")]) {
    expect((await other.get(redirect as string)).status).toBe(404);
    expect((await other.get(pdf)).status).toBe(404);
    expect((await other.get(`/tickets?async_id=${redirect?.split("/").at(-1)}`)).status).toBe(404);
  }
  const stranger = new Visitor(demo);
  expect((await stranger.get(redirect as string)).status).toBe(404);
  expect([403, 404]).toContain((await stranger.get(pdf)).status);

  const admin = await Visitor.signedIn(demo, "admin");
  expect((await admin.get(redirect as string)).status).toBe(200);
  expect((await admin.get(pdf)).status).toBe(200);
});

test("a result page that is none is not found", async () => {
  const alice = await Visitor.signedIn(demo, "alice");
  const { async_id } = await alice.run("/sleep", { seconds: "0", steps: "1" });
  for (const path of ["/tickets/1", "/tickets/%00", "/tickets/00000000-0000-7000-8000-000000000000", `/tickets/${async_id}`]) {
    expect((await alice.get(path)).status, path).toBe(404);
  }
});

test("the result page of a run under way leads to the page that waits, of a canceled one says so", async () => {
  const alice = await Visitor.signedIn(demo, "alice");
  const { async_id, cancel_url, check_url } = await alice.start("/tickets");
  const early = await alice.get(`/tickets/${async_id}`);
  expect(early.headers.get("location")).toBe(`/tickets?async_id=${async_id}`);
  const waiting = await (await alice.get(early.headers.get("location") as string)).text();
  expect(waiting).toMatch(/of 500/);
  expect((await alice.post(cancel_url as string)).status).toBe(200);
  const ended = await alice.finish({ async_id, check_url, ready: false } as Parameters<Visitor["finish"]>[0]);
  expect(ended).toMatchObject({ success: false, redirect: "/", message: "The task was canceled." });
  expect(saidOn(await (await alice.get(`/tickets/${async_id}`)).text()).heading).toBe("No tickets were made");
});

/** The fields of a row, unquoted. */
function fieldsOf(row: string): string[] {
  return [...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "");
}

function secretOf({ data }: Demo): string {
  const database = new DatabaseSync(join(data, "box-office.sqlite"), { readOnly: true });
  const { value } = database.prepare("SELECT value FROM secrets WHERE name = 'tickets'").get() as { value: string };
  database.close();
  return value;
}

/** The page's picture is the QR code of this text, square by square. */
function expectPicture({ picture }: PdfPage, text: string): void {
  const { width, pixels } = picture();
  const { modules } = QRCode.create(text, { errorCorrectionLevel: "M" });
  const side = width / (modules.size + 2);
  for (let row = 0; row < modules.size; row++) {
    for (let column = 0; column < modules.size; column++) {
      const isDark = (pixels[Math.floor((row + 1.5) * side) * width + Math.floor((column + 1.5) * side)] as number) < 128;
      if (isDark !== Boolean(modules.get(row, column))) throw new Error(`The QR code differs at ${row}, ${column}.`);
    }
  }
}
