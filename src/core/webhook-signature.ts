import { ConfigurationError } from "./errors.ts";

/** Shortest secret, bytes. */
const SHORTEST = 16;

/** The key of a secret: its text, or what is behind "whsec_" as base64. `what` names whose it is. @throws ConfigurationError unless it has 16 bytes or more */
export function webhookKey(what: string, secret: string): Uint8Array<ArrayBuffer> {
  const key = secret.startsWith("whsec_") ? fromBase64(secret.slice("whsec_".length)) : new TextEncoder().encode(secret);
  if (key.length < SHORTEST) throw new ConfigurationError(`The secret of ${what} must have ${SHORTEST} bytes or more.`);
  return key;
}

/**
 * The headers of a JSON body as the Standard Webhooks specification says: webhook-id, webhook-timestamp (seconds) and webhook-signature, which is
 * "v1," and the base64 HMAC-SHA256 of "id.timestamp.body". `at`: when it is sent, ms since 1970.
 */
export async function signedHeaders(key: Uint8Array<ArrayBuffer>, id: string, at: number, body: string): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1000));
  const signing = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", signing, new TextEncoder().encode(`${id}.${timestamp}.${body}`)));
  return {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${btoa(String.fromCharCode(...signature))}`,
  };
}

/** Empty for what is no base64. */
function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
