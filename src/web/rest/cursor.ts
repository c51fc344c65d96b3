import { isRunId } from "../run-id.ts";

/** Where a page ended, as 22 characters that mean nothing to a client. They open nothing: a page begins behind them, and is checked like any other. */
export function toCursor(id: string): string {
  return Buffer.from(id.replaceAll("-", ""), "hex").toString("base64url");
}

/** The id, or null for what `toCursor` never gave. */
export function fromCursor(cursor: string): string | null {
  const hex = Buffer.from(cursor, "base64url").toString("hex");
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return isRunId(id) && toCursor(id) === cursor ? id : null;
}
