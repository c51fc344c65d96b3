import { TextDecoder } from "node:util";
import { UserError } from "errand";

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** How other kinds of files begin, and what to tell somebody who sent one. */
const magics: readonly (readonly [bytes: readonly number[], words: string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], "This is a spreadsheet or a zip archive, not a CSV file. Save the list as CSV (UTF-8) and send that."],
  [[0xd0, 0xcf, 0x11, 0xe0], "This is an old spreadsheet, not a CSV file. Save the list as CSV (UTF-8) and send that."],
  [[0x25, 0x50, 0x44, 0x46], "This is a PDF, not a CSV file."],
  [[0xff, 0xfe], notUtf8("The file is written in UTF-16.")],
  [[0xfe, 0xff], notUtf8("The file is written in UTF-16.")],
];

/**
 * The text of a CSV file, piece by piece, without a byte order mark and with "\n" at the end of every line.
 *
 * @throws UserError for what is no text in UTF-8, saying what it is instead
 */
export async function* csvText(chunks: Chunks): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let first = true;
  let held = "";
  for await (const chunk of chunks) {
    if (first && chunk.length > 0) {
      refuseMagic(chunk);
      first = false;
    }
    const text = held + decode(decoder, chunk);
    // The "\n" of a "\r\n" may come with the next piece.
    held = text.endsWith("\r") ? "\r" : "";
    const whole = held ? text.slice(0, -1) : text;
    if (whole !== "") yield unixLines(whole);
  }
  const rest = held + decode(decoder);
  if (rest !== "") yield unixLines(rest);
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  let text: string;
  try {
    text = chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
  } catch {
    throw new UserError(notUtf8("The file is no text in UTF-8."));
  }
  if (text.includes("\0")) throw new UserError("This is no text file. Send a CSV file with the columns name, email and seat.");
  return text;
}

function refuseMagic(chunk: Uint8Array): void {
  const found = magics.find(([bytes]) => bytes.every((byte, index) => chunk[index] === byte));
  if (found) throw new UserError(found[1]);
}

function notUtf8(what: string): string {
  return `${what} Save the list as CSV (UTF-8) and send that, so that names keep their letters.`;
}

function unixLines(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}
