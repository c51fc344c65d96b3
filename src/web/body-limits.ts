/** What a request may bring at most. */
export interface BodyLimits {
  /** Bytes of all files of a form together. */
  readonly maxUpload: number;
  /** Bytes of JSON, of a form without files, and of all fields that come beside files. */
  readonly maxBody: number;
  /** Fields and files of a form together. */
  readonly maxFields: number;
}

export const defaultLimits: BodyLimits = { maxUpload: 100 * 1_048_576, maxBody: 1_048_576, maxFields: 1000 };

/** A number of bytes for people: "100 MiB", "2 KiB", "10 B". */
export function sizeInWords(bytes: number): string {
  if (bytes >= 1_048_576) return `${round(bytes / 1_048_576)} MiB`;
  return bytes >= 1024 ? `${round(bytes / 1024)} KiB` : `${bytes} B`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
