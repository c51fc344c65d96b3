import { inflateSync } from "node:zlib";

export interface PdfPage {
  /** The lines as they are drawn, top to bottom. */
  readonly lines: readonly string[];
  /** Unpacks the page's one picture. */
  picture(): Picture;
}

/** Gray values, row by row. */
export interface Picture {
  readonly width: number;
  readonly pixels: Uint8Array;
}

interface PdfObject {
  readonly dict: string;
  stream(): Buffer;
}

/**
 * Reads a PDF as far as tickets need it, from its table of objects on: what a page draws, in the letters that its fonts' maps give.
 *
 * @throws Error where the file is not whole
 */
export function readPdf(bytes: Buffer): PdfPage[] {
  const objects = objectsOf(bytes);
  const get = (reference: string | undefined): PdfObject => {
    const found = objects.get(Number(reference));
    if (!found) throw new Error(`The PDF has no object ${reference}.`);
    return found;
  };
  const letters = new Map<string, string[]>();
  const lettersOf = (font: string): string[] => {
    const known =
      letters.get(font) ??
      lettersOfMap(
        get(/\/ToUnicode (\d+) 0 R/.exec(get(font).dict)?.[1])
          .stream()
          .toString("latin1"),
      );
    letters.set(font, known);
    return known;
  };
  const pageOf = ({ dict }: PdfObject): PdfPage => {
    const resources = get(/\/Resources (\d+) 0 R/.exec(dict)?.[1]).dict;
    const content = get(/\/Contents (\d+) 0 R/.exec(dict)?.[1])
      .stream()
      .toString("latin1");
    const lines = [...content.matchAll(/\/(F\d+) [\d.]+ Tf\s+\[(.*?)\] TJ/g)].map(([, font, shown]) => {
      const known = lettersOf(new RegExp(`/${font} (\\d+) 0 R`).exec(resources)?.[1] as string);
      return [...(shown as string).matchAll(/<(\w+)>/g)]
        .flatMap(([, codes]) => (codes as string).match(/.{4}/g) ?? [])
        .map((code) => known[Number.parseInt(code, 16)])
        .join("");
    });
    const picture = get(/\/I\d+ (\d+) 0 R/.exec(resources)?.[1]);
    return { lines, picture: () => pictureOf(picture) };
  };
  const root = get(/\/Root (\d+) 0 R/.exec(trailerOf(bytes))?.[1]);
  const tree = get(/\/Pages (\d+) 0 R/.exec(root.dict)?.[1]).dict;
  const kids = [...(/\/Kids \[(.*?)\]/s.exec(tree)?.[1] ?? "").matchAll(/(\d+) 0 R/g)].map(([, id]) => get(id));
  if (kids.length !== Number(/\/Count (\d+)/.exec(tree)?.[1])) throw new Error("The PDF counts its pages wrongly.");
  return kids.map(pageOf);
}

function trailerOf(bytes: Buffer): string {
  return bytes.toString("latin1", bytes.lastIndexOf("trailer"));
}

/** Every object that the table at the end points at. */
function objectsOf(bytes: Buffer): Map<number, PdfObject> {
  const trailer = trailerOf(bytes);
  if (!trailer.trimEnd().endsWith("%%EOF")) throw new Error("The PDF has no end.");
  const table = bytes.toString("latin1", Number(/startxref\s+(\d+)/.exec(trailer)?.[1]), bytes.lastIndexOf("trailer"));
  const offsets = [...table.matchAll(/^(\d{10}) \d{5} n/gm)].map(([, offset]) => Number(offset));
  return new Map(offsets.map((offset) => objectAt(bytes, offset)));
}

function objectAt(bytes: Buffer, offset: number): [number, PdfObject] {
  const text = bytes.toString("latin1", offset, bytes.indexOf("endobj", offset));
  const id = Number(/^(\d+) 0 obj/.exec(text)?.[1]);
  const dict = text.split("stream\n", 1)[0] as string;
  const length = Number(/\/Length (\d+)/.exec(dict)?.[1] ?? 0);
  const raw = bytes.subarray(offset + dict.length + "stream\n".length, offset + dict.length + "stream\n".length + length);
  return [id, { dict, stream: () => (/\/FlateDecode/.test(dict) ? inflateSync(raw) : raw) }];
}

/** The letters of a font by code: pdfkit numbers them from 0, in ranges of lists. */
function lettersOfMap(map: string): string[] {
  return [...map.matchAll(/<(\w{4})> <\w{4}> \[(.*?)\]/gs)].reduce<string[]>((letters, [, first, list]) => {
    const from = Number.parseInt(first as string, 16);
    for (const [index, [, hex]] of [...(list as string).matchAll(/<([\w ]+)>/g)].entries()) {
      letters[from + index] = Buffer.from((hex as string).replaceAll(" ", ""), "hex")
        .swap16()
        .toString("utf16le");
    }
    return letters;
  }, []);
}

/** A gray picture, its rows undone of PNG's filters. */
function pictureOf({ dict, stream: unpack }: PdfObject): Picture {
  const stream = unpack();
  const width = Number(/\/Width (\d+)/.exec(dict)?.[1]);
  const height = Number(/\/Height (\d+)/.exec(dict)?.[1]);
  if (stream.length !== height * (width + 1)) throw new Error("The picture is not gray, 8 bits a pixel.");
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const filter = stream[y * (width + 1)] as number;
    for (let x = 0; x < width; x++) {
      const [left, up, corner] = [
        x > 0 ? pixels[y * width + x - 1] : 0,
        y > 0 ? pixels[(y - 1) * width + x] : 0,
        x > 0 && y > 0 ? pixels[(y - 1) * width + x - 1] : 0,
      ] as [number, number, number];
      pixels[y * width + x] = (stream[y * (width + 1) + 1 + x] as number) + [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]!;
    }
  }
  return { width, pixels };
}

function paeth(left: number, up: number, corner: number): number {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
