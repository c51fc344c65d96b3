import { createHmac, timingSafeEqual } from "node:crypto";
import type { Call } from "./receiver.ts";

/** Whether a call is signed as the Standard Webhooks specification has it: any of the signatures, by this secret, over id, timestamp and body. */
export function verifies({ headers, body }: Pick<Call, "headers" | "body">, key: Buffer): boolean {
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const expected = createHmac("sha256", key).update(signed).digest();
  return String(headers["webhook-signature"])
    .split(" ")
    .some((entry) => {
      const [version, signature = ""] = entry.split(",");
      const given = Buffer.from(signature, "base64");
      return version === "v1" && given.length === expected.length && timingSafeEqual(given, expected);
    });
}
