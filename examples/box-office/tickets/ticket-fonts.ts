import { fileURLToPath } from "node:url";

// The standard fonts of PDF know Western European letters only; this one knows Latin, Greek, Cyrillic and Japanese.
export const regular = fontFile("m-plus-1p-regular.ttf");
export const bold = fontFile("m-plus-1p-bold.ttf");

function fontFile(name: string): string {
  return fileURLToPath(new URL(`fonts/${name}`, import.meta.url));
}

/** The part of a pdfkit document that tells what its current font can show; pdfkit has no public word for it. */
interface FontInUse {
  readonly _font: { readonly font: { hasGlyphForCodePoint(codePoint: number): boolean } };
}

/**
 * The text in letters that the document's current font has: an accent that it lacks is left out, and "□" stands for letters of other scripts,
 * so that the holder and the door can see that something is missing.
 */
export function printable(document: unknown, text: string): string {
  const { font } = (document as FontInUse)._font;
  const has = (letter: string) => font.hasGlyphForCodePoint(letter.codePointAt(0) as number);
  let printed = "";
  for (const letter of text.normalize("NFC")) {
    if (has(letter)) printed += letter;
    else if (!/[\p{M}\p{Cf}]/u.test(letter)) printed += [...letter.normalize("NFD")].find(has) ?? "□";
  }
  return printed;
}
