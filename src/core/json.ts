import { InvalidJsonError } from "./errors.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Longest input or result, in bytes of UTF-8: 1 MiB. */
export const MAX_JSON_BYTES = 1_048_576;

/** Deepest nesting of arrays and objects: what is read again must not exhaust the stack. */
export const MAX_DEPTH = 500;

/**
 * The value as JSON text, refusing whatever would come back different: Date, Map, class instances, functions, undefined in an array,
 * NaN, bigint, cycles. Undefined as a whole is `null`; undefined properties are left out, as JSON does.
 *
 * @param what names the value in the error, for instance "The input of task export_course".
 * @throws InvalidJsonError with the path of the offending part, or saying that the text is over 1 MiB.
 */
export function toJson(what: string, value: unknown, tooLong: string): string {
  if (value === undefined || value === null) return "null";
  check(what, value, "", []);
  const text = JSON.stringify(value);
  // A UTF-8 text has at most 3 bytes for a UTF-16 unit, so only texts past a third of the limit need counting.
  if (text.length > MAX_JSON_BYTES / 3) {
    const bytes = new TextEncoder().encode(text).length;
    if (bytes > MAX_JSON_BYTES) throw new InvalidJsonError(`${what} is ${bytes} bytes of JSON; at most ${MAX_JSON_BYTES} (1 MiB) are kept. ${tooLong}`, "");
  }
  return text;
}

function check(what: string, value: unknown, path: string, above: object[]): void {
  switch (typeof value) {
    case "string":
    case "boolean":
      return;
    case "number":
      if (!Number.isFinite(value)) refuse(what, path, String(value));
      return;
    case "object":
      break;
    default:
      refuse(what, path, typeof value === "undefined" ? "undefined" : `a ${typeof value}`);
  }
  if (value === null) return;
  const object = value as object;
  if (above.includes(object)) refuse(what, path, "a cycle");
  if (above.length === MAX_DEPTH) refuse(what, path, `more than ${MAX_DEPTH} levels`);
  above.push(object);
  if (Array.isArray(object)) {
    for (let index = 0; index < object.length; index++) check(what, object[index], `${path}[${index}]`, above);
  } else {
    const prototype = Object.getPrototypeOf(object) as object | null;
    if (prototype !== Object.prototype && prototype !== null) refuse(what, path, `a ${prototype.constructor?.name || "class instance"}`);
    if (typeof (object as { toJSON?: unknown }).toJSON === "function") refuse(what, path, "an object with toJSON");
    for (const key of Object.keys(object)) {
      const part = (object as Record<string, unknown>)[key];
      if (part !== undefined) check(what, part, path === "" ? key : `${path}.${key}`, above);
    }
  }
  above.pop();
}

function refuse(what: string, path: string, found: string): never {
  const where = path === "" ? "" : ` at "${path}"`;
  throw new InvalidJsonError(
    `${what} is no JSON: found ${found}${where}. Pass its id instead, or a value of strings, numbers, booleans, null, arrays and plain objects.`,
    path,
  );
}
