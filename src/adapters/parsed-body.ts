/** What a body parser made of a body, as a body of that media type again. */
export function encodeBody(parsed: unknown, contentType: string): string | Uint8Array<ArrayBuffer> {
  if (typeof parsed === "string") return parsed;
  if (parsed instanceof Uint8Array) return Uint8Array.from(parsed);
  if (!/^application\/x-www-form-urlencoded/i.test(contentType)) return JSON.stringify(parsed);
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parsed as object)) append(form, name, value);
  return form.toString();
}

/** A list becomes a repeated name, an object names such as "a[b]": what the parser had read them from. */
function append(form: URLSearchParams, name: string, value: unknown): void {
  if (Array.isArray(value)) {
    for (const part of value) append(form, name, part);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, part] of Object.entries(value)) append(form, `${name}[${key}]`, part);
  } else {
    form.append(name, value === undefined || value === null ? "" : String(value));
  }
}
