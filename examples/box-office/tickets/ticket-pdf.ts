import { once } from "node:events";
import { PassThrough } from "node:stream";
import PDFDocument from "pdfkit";
import QRCode from "qrcode";
import type { Attendee } from "./attendees.ts";
import { bold, printable, regular } from "./ticket-fonts.ts";

export interface TicketPdfOptions {
  readonly event: string;
  /** What the QR code of an attendee's ticket says. */
  code(attendee: Attendee): string;
}

const MARGIN = 28;
const QR_POINTS = 170;
/** 200 dots an inch, as ticket printers have. */
const QR_PIXELS = Math.round((QR_POINTS / 72) * 200);
const INK = "#1d2733";
const QUIET = "#5a6675";
const ACCENT = "#1d5fa8";

/** One PDF, A6, a page for each attendee, made piece by piece: nothing but the current ticket is in memory. */
export class TicketPdf {
  /** The file. Whoever reads it sets the pace. */
  readonly bytes = new PassThrough();
  readonly #options: TicketPdfOptions;
  readonly #document: PDFKit.PDFDocument;

  constructor(options: TicketPdfOptions) {
    this.#options = options;
    this.#document = new PDFDocument({
      autoFirstPage: false,
      size: "A6",
      margin: MARGIN,
      font: regular,
      lang: "en",
      displayTitle: true,
      info: { Title: `Tickets: ${options.event}`, Author: "Box office", Creator: "Box office", Producer: "Box office" },
    });
  }

  /** Adds a page. `number` is what it says of its place, such as "3 / 500". */
  async add(attendee: Attendee, number: string): Promise<void> {
    const picture = await qrPicture(this.#options.code(attendee));
    this.#document.addPage();
    drawTicket(this.#document, { attendee, picture, event: this.#options.event, number });
    for (let chunk = this.#ready(); chunk !== null; chunk = this.#ready()) {
      if (!this.bytes.write(chunk)) await once(this.bytes, "drain");
    }
  }

  end(): void {
    this.#document.end();
    this.#document.pipe(this.bytes);
  }

  /** No more of it is needed. */
  destroy(): void {
    this.#document.destroy();
    this.bytes.destroy();
  }

  /** What the document has ready by now. */
  #ready(): Uint8Array | null {
    return this.#document.read() as Uint8Array | null;
  }
}

interface TicketFace {
  readonly attendee: Attendee;
  readonly picture: Buffer;
  readonly event: string;
  readonly number: string;
}

function drawTicket(document: PDFKit.PDFDocument, { attendee, picture, event, number }: TicketFace): void {
  const { width, height } = document.page;
  const inner = width - 2 * MARGIN;
  // Lines that are too long end in "…"; nothing may begin a second page.
  const line = (text: string, y: number, size: number, lines: number, color = INK) => {
    document.fontSize(size).fillColor(color);
    document.text(printable(document, text), MARGIN, y, { width: inner, height: lines * document.currentLineHeight(true), ellipsis: true });
  };
  document.rect(0, 0, width, 8).fill(ACCENT);
  document.font(bold);
  line(event, 26, 11, 1, ACCENT);
  line(attendee.name, 41, 20, 2);
  document.font(regular);
  line("Seat", 104, 9, 1, QUIET);
  document.font(bold);
  line(attendee.seat, 116, 15, 1);
  document.font(regular);
  document.image(picture, (width - QR_POINTS) / 2, 146, { width: QR_POINTS });
  line(attendee.email, height - 92, 9, 1, QUIET);
  line(`Ticket ${number} · row ${attendee.row} of the list`, height - 78, 9, 1, QUIET);
  line("One person a ticket. The code is good once.", height - 54, 9, 1);
}

/** A QR code as a PNG in shades of gray, which a PDF takes over as it is. Filter 2 compares with the row above: most rows are alike. */
function qrPicture(text: string): Promise<Buffer> {
  // Handed on to pngjs, whose options the types of qrcode do not know.
  const rendererOpts: object = { colorType: 0, filterType: 2 };
  return QRCode.toBuffer(text, { type: "png", errorCorrectionLevel: "M", margin: 1, width: QR_PIXELS, rendererOpts });
}
