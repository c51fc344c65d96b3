// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters, and those that turn the direction of text round, are what this takes out.
const DECEPTIVE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A Content-Disposition header that saves a file under this name (RFC 6266), made safe: no path, no control characters, no hidden file. */
export function attachment(name: string): string {
  const plain =
    name
      .toWellFormed()
      .replace(DECEPTIVE, "")
      .replace(/[/\\:*?"<>|]/g, "_")
      .trim()
      .replace(/^\.+/, "")
      .slice(0, 200)
      .toWellFormed() || "download";
  const ascii =
    plain
      .normalize("NFKD")
      .replace(/[^\x20-\x7e]/g, "")
      .replace(/[%;]/g, "_")
      .trim() || "download";
  const encoded = encodeURIComponent(plain).replace(/['()*!]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${ascii}"${ascii === plain ? "" : `; filename*=UTF-8''${encoded}`}`;
}
