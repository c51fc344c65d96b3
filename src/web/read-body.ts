import type { Json } from "../core/json.ts";
import type { Storage } from "../core/storage.ts";
import { type BodyLimits, sizeInWords } from "./body-limits.ts";
import type { FormBody } from "./form-body.ts";
import { readMultipart } from "./multipart.ts";
import { Refusal } from "./refusal.ts";
import { parseUrlEncoded } from "./url-encoded.ts";

/** Deepest nesting of a JSON body. No form comes near it, and whatever walks the input later must not exhaust its stack. */
const DEEPEST = 100;

/**
 * Reads a POST's body into `body`: a form, with or without files, or a JSON object. Files go straight to the storage, below `prefix`.
 *
 * @throws Refusal 400 for what cannot be read, 413 for what is too large, 415 for other media types. Files stored before that stay: the
 * caller removes `prefix`.
 */
export async function readBody(request: Request, body: FormBody, options: { limits: BodyLimits; storage: Storage; prefix: string }): Promise<void> {
  const type = request.headers.get("content-type") ?? "";
  const essence = (type.split(";")[0] as string).trim().toLowerCase();
  const encoding = request.headers.get("content-encoding")?.toLowerCase() ?? "identity";
  if (encoding !== "identity") throw new Refusal(415, { key: "web.media_type", params: { type: `Content-Encoding ${encoding.slice(0, 100)}` } });
  if (essence === "multipart/form-data") return readMultipart(request, type, body, options);
  const text = await readText(request, options.limits.maxBody);
  if (essence === "application/x-www-form-urlencoded") return parseUrlEncoded(text, body, options.limits);
  if (essence === "application/json" || /^application\/[\w.-]+\+json$/.test(essence)) return parseJson(text, body);
  if (text !== "") throw new Refusal(415, { key: "web.media_type", params: { type: essence.slice(0, 100) || "a body without Content-Type" } });
}

/** The body as text. @throws Refusal 413 as soon as it is longer than `limit` bytes, 400 when it is not UTF-8. */
async function readText(request: Request, limit: number): Promise<string> {
  const tooLarge = () => new Refusal(413, { key: "web.body_too_large", params: { limit: sizeInWords(limit) } });
  if (Number(request.headers.get("content-length")) > limit) throw tooLarge();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  const decode = (chunk?: Uint8Array) => {
    try {
      return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
    } catch {
      throw new Refusal(400, { key: "web.malformed_form", params: { why: "not UTF-8" } });
    }
  };
  const reader = request.body?.getReader();
  try {
    for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) {
      bytes += piece.value.byteLength;
      if (bytes > limit) throw tooLarge();
      text += decode(piece.value);
    }
  } finally {
    reader?.releaseLock();
  }
  return text + decode();
}

function parseJson(text: string, body: FormBody): void {
  let parsed: Json;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Refusal(400, { key: "web.malformed_json" });
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw new Refusal(400, { key: "web.json_object" });
  if (isDeeperThan(parsed, DEEPEST)) throw new Refusal(400, { key: "web.json_depth", params: { limit: DEEPEST } });
  for (const [name, value] of Object.entries(parsed)) body.fields[name] = value;
}

/** Level by level, so that its own stack is not what gives in. */
function isDeeperThan(value: Json, limit: number): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap((part) => (typeof part === "object" && part !== null ? Object.values(part) : []));
  }
  return false;
}
