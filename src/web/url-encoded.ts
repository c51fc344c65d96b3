import type { BodyLimits } from "./body-limits.ts";
import type { FormBody } from "./form-body.ts";
import { Refusal } from "./refusal.ts";

/** Reads an application/x-www-form-urlencoded text, strictly: what no browser could have sent is refused with 400. */
export function parseUrlEncoded(text: string, body: FormBody, limits: BodyLimits): void {
  if (text === "") return;
  const pairs = text.split("&");
  if (pairs.length > limits.maxFields) throw tooManyFields(limits);
  for (const pair of pairs) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = equals < 0 ? pair : pair.slice(0, equals);
    body.addField(decode(name), equals < 0 ? "" : decode(pair.slice(equals + 1)));
  }
}

export function tooManyFields(limits: BodyLimits): Refusal {
  return new Refusal(413, { key: "web.too_many_fields", params: { limit: limits.maxFields } });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new Refusal(400, { key: "web.malformed_form", params: { why: `"${text.slice(0, 50)}"` } });
  }
}
