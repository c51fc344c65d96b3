import { parse } from "csv-parse/sync";
import { beforeAll, expect, test } from "vitest";
import { patiently } from "../support/patiently.ts";
import { type Demo, startDemo } from "./demo.ts";
import { type PdfPage, readPdf } from "./read-pdf.ts";
import { fileForm, saidOn, Visitor } from "./visitor.ts";

let demo: Demo;

beforeAll(async () => {
  demo = await startDemo();
});

/** What the visitor is told who sends this file. */
async function send(content: string | Uint8Array<ArrayBuffer>, name?: string) {
  const visitor = new Visitor(demo);
  const ended = await visitor.run("/tickets", fileForm(content, name));
  return { visitor, ended };
}

/** The result page of this file, and the tickets. */
async function made(content: string | Uint8Array<ArrayBuffer>, name?: string): Promise<{ page: string; tickets: PdfPage[]; problems: string }> {
  const { visitor, ended } = await send(content, name);
  expect(ended).toMatchObject({ success: true });
  const page = await (await visitor.get(ended.redirect as string)).text();
  const [pdf, list] = [...page.matchAll(/href="(\/errand\/artifacts\/[^"]+)"/g)].map(([, path]) => path as string);
  const tickets = readPdf(Buffer.from(await (await visitor.get(pdf as string)).arrayBuffer()));
  return { page, tickets, problems: list ? await (await visitor.get(list)).text() : "" };
}

test.each([
  ["without the columns", "who,mail\nA,a@example.org\n", /column/],
  ["without one of the columns", "name,email\nA,a@example.org\n", /seat/],
  ["with nothing in it", "", "The file is empty. Send a CSV file with the columns name, email and seat."],
  ["with blank lines only", "\n\r\n \n", "The file is empty. Send a CSV file with the columns name, email and seat."],
  ["with nobody in it", "name,email,seat\n", "The list has its columns, but nobody in it."],
  [
    "with no row that can be used",
    "name,email,seat\n,a@example.org,A1\nB,nowhere,A2\n",
    /^No row of the list can be used\. Row 2: The name is missing\. Row 3: "nowhere" is no e-mail address\.$/,
  ],
  [
    "in UTF-16",
    Uint8Array.from(Buffer.from("\ufeffname,email,seat\nZoë,z@example.org,A1\n", "utf16le")),
    /^The file is written in UTF-16\. Save the list as CSV \(UTF-8\)/,
  ],
  [
    "in Latin-1",
    Uint8Array.from(Buffer.from("name,email,seat\nZoë,z@example.org,A1\n", "latin1")),
    /^The file is no text in UTF-8\. Save the list as CSV \(UTF-8\)/,
  ],
  ["that is a spreadsheet", Uint8Array.from([0x50, 0x4b, 3, 4, 20, 0, 6, 0]), /spreadsheet/],
  ["that is no text", Uint8Array.from(Buffer.from("name,email,seat\n\0\0\0,b,c\n")), /no text file/],
  [
    "with too many people",
    `name,email,seat\n${Array.from({ length: 5001 }, (_, index) => `A,a@example.org,S${index}`).join("\n")}\n`,
    /more than 5,000 attendees/,
  ],
])("a list %s fails with a sentence that its sender understands", async (_, content, sentence) => {
  const { visitor, ended } = await send(content);
  expect(ended).toMatchObject({ ready: true, success: false, redirect: "/" });
  if (typeof sentence === "string") expect(ended.message).toBe(sentence);
  else expect(ended.message).toMatch(sentence);
  expect(saidOn(await (await visitor.get("/")).text()).messages).toEqual([ended.message]);
  expect(saidOn(await (await visitor.get(`/tickets/${ended.async_id}`)).text()).heading).toBe("No tickets were made");
});

test("broken rows are reported by their number, and the others are made", async () => {
  const { page, tickets, problems } = await made(
    [
      "name,email,seat",
      "Ann Muster,ann@example.org,A1",
      "Bo Muster,bo@example",
      "",
      ",cy@example.org,A3",
      "Di Muster,di@example.org,A1",
      '"Ed, of ""Muster""",ed@example.org,A5',
    ].join("\r\n"),
  );
  expect(tickets.map(({ lines }) => lines[1])).toEqual(["Ann Muster", 'Ed, of "Muster"']);
  expect(tickets[1]?.lines).toContain("Ticket 2 / 2 · row 7 of the list");
  expect(saidOn(page)).toEqual({ heading: "2 tickets made", messages: ["The tickets are ready, but some rows were left out: see below."] });
  expect(page).toContain("3 rows left out");
  const said = ["Row 3: It has 2 fields, but the first line names 3.", "Row 5: The name is missing.", "Row 6: Seat A1 is taken by row 2 already."];
  for (const sentence of said) expect(page).toContain(`<li>${sentence}</li>`);
  const rows = parse(problems, { bom: true }) as string[][];
  expect(rows[0]).toEqual(["item", "problem", "name", "email", "seat"]);
  expect(rows.slice(1).map(([row, problem]) => `${row}: ${problem}`)).toEqual(said);
  expect(rows.slice(1).map((row) => row.slice(2))).toEqual([
    ["Bo Muster", "bo@example", ""],
    ["", "cy@example.org", "A3"],
    ["Di Muster", "di@example.org", "A1"],
  ]);
});

test("the file of failed rows is a list again, once they are mended", async () => {
  const { problems } = await made("name,email,seat\nAnn,ann@example.org,A1\nBo,bo@nowhere,A2\n");
  const { page, tickets } = await made(problems.replaceAll("bo@nowhere", "bo@example.org"));
  expect(page).not.toContain("left out");
  expect(tickets.map(({ lines }) => lines[1])).toEqual(["Bo"]);
});

test("only the failed rows are tried again: here they fail as before, each by its number", async () => {
  const visitor = new Visitor(demo);
  const { redirect, async_id } = await visitor.run("/tickets", fileForm("name,email,seat\nAnn,ann@example.org,A1\n,bo@example.org,A2\nCy,cy@example.org,A1\n"));
  const page = await (await visitor.get(redirect as string)).text();
  expect(page).toContain(`<form method="post" action="/errand/runs/${async_id}/rerun">`);
  const answer = await visitor.post(`/errand/runs/${async_id}/rerun`, { only: "failed" }, { origin: demo.url });
  expect(answer.status).toBe(303);
  const again = /\/runs\/([0-9a-f-]+)/.exec(answer.headers.get("location") ?? "")?.[1] as string;
  expect(again).not.toBe(async_id);
  // While it is under way, this leads to the page that waits.
  await expect.poll(async () => (await visitor.get(`/tickets/${again}`)).status, patiently).toBe(200);
  const result = await (await visitor.get(`/tickets/${again}`)).text();
  expect(saidOn(result).heading).toBe("No tickets were made");
  expect(result).toContain("Row 3: The name is missing. Row 4: Seat A1 is taken by row 2 already.");
});

test("a list may be separated by semicolons, begin with a byte order mark, and have its columns in any order and number", async () => {
  const { tickets } = await made("\ufeffSeat;Note;E-Mail;email;NAME\nA1;x;y;ann@example.org;Ann\n");
  expect(tickets[0]?.lines).toEqual(expect.arrayContaining(["Ann", "A1", "ann@example.org"]));
});

test("names of all scripts come out as they are; what the font lacks is marked", async () => {
  const names = ["Łukasz Żółć", "Ελένη Παράδειγμα", "Їжак Приклад", "見本 花子", "Nguyễn Văn A", "😀 Smile"];
  const { tickets } = await made(`name,email,seat\n${names.map((name, index) => `${name},p${index}@example.org,S${index}`).join("\n")}\n`);
  expect(tickets.map(({ lines }) => lines[1])).toEqual([...names.slice(0, 5), "□ Smile"]);
});

test("a very long name ends in an ellipsis on its own ticket; a longer one is a broken row", async () => {
  const { page, tickets } = await made(
    `name,email,seat\n${"Longname ".repeat(22)},a@example.org,A1\n${"W".repeat(200)},b@example.org,A2\n${"x".repeat(201)},c@example.org,A3\nAnn,${"d".repeat(64)}@${"e".repeat(180)}.org,${"S".repeat(60)}\n`,
  );
  expect(tickets).toHaveLength(3);
  expect(tickets[0]?.lines.join("")).toMatch(/Longname.*…/);
  expect(tickets[1]?.lines.join("")).toMatch(/WWW.*…/);
  expect(page).toContain("Row 4: The name is longer than 200 characters.");
});

test("names and file names are text, never markup", async () => {
  const { page, tickets } = await made(
    "name,email,seat\n<b>Ann</b>,ann@example.org,A1\nBo,<script>alert(1)</script>,A2\n",
    '<img src=x onerror=alert(1)>".csv',
  );
  expect(tickets[0]?.lines).toContain("<b>Ann</b>");
  expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(page).toContain("&lt;img src=x");
  expect(page).not.toMatch(/<script>|<img/);
});

test("two files, or a file as a text, are refused before anything is started", async () => {
  const visitor = new Visitor(demo);
  const two = fileForm("name,email,seat\n");
  two.append("file", new File(["x"], "two.csv"));
  const answer = await visitor.post("/tickets?ajax=1", two);
  expect(answer.status).toBe(422);
  expect(await answer.text()).toContain("Send one list at a time.");
  const text = await visitor.post("/tickets?ajax=1", { file: "list.csv" });
  expect(text.status).toBe(422);
  expect(await text.text()).toContain("multipart/form-data");
});
