import { createDecipheriv, createECDH, createPublicKey, type ECDH, hkdfSync, randomBytes, verify } from "node:crypto";
import type { BrowserSubscription } from "../../src/index.ts";
import type { Call } from "./receiver.ts";

/** A browser that has subscribed: it knows its private key, and reads what is pushed as RFC 8188 and RFC 8291 say. */
export class PushBrowser {
  readonly subscription: BrowserSubscription;
  readonly #keys: ECDH = createECDH("prime256v1");
  readonly #secret = randomBytes(16);

  constructor(endpoint: string) {
    const p256dh = this.#keys.generateKeys().toString("base64url");
    this.subscription = { endpoint, keys: { p256dh, auth: this.#secret.toString("base64url") } };
  }

  read({ bytes }: Pick<Call, "bytes">): unknown {
    const salt = bytes.subarray(0, 16);
    const size = bytes.readUInt32BE(16);
    const sender = bytes.subarray(21, 21 + (bytes[20] as number));
    const sealed = bytes.subarray(21 + sender.length);
    if (sealed.length > size) throw new Error("More than one record.");
    const shared = this.#keys.computeSecret(sender);
    const about = Buffer.concat([Buffer.from("WebPush: info\0"), this.#keys.getPublicKey(), sender]);
    const material = hkdf(shared, this.#secret, about, 32);
    const key = hkdf(material, salt, Buffer.from("Content-Encoding: aes128gcm\0"), 16);
    const nonce = hkdf(material, salt, Buffer.from("Content-Encoding: nonce\0"), 12);
    const open = createDecipheriv("aes-128-gcm", key, nonce).setAuthTag(sealed.subarray(-16));
    const text = Buffer.concat([open.update(sealed.subarray(0, -16)), open.final()]);
    const end = text.lastIndexOf(2); // Behind it is padding.
    return JSON.parse(text.subarray(0, end).toString());
  }
}

function hkdf(key: Buffer, salt: Buffer, info: Buffer, length: number): Buffer {
  return Buffer.from(hkdfSync("sha256", key, salt, info, length));
}

/** What a push service looks at: who sends (RFC 8292). @throws Error unless the signature is by `publicKey` */
export function vapidClaims({ headers }: Pick<Call, "headers">, publicKey: string): { aud: string; sub: string; exp: number } {
  const { t, k } = /^vapid t=(?<t>[\w.-]+), ?k=(?<k>[\w-]+)$/.exec(String(headers.authorization))?.groups ?? {};
  if (k !== publicKey) throw new Error("Another key signs.");
  const [head, claims, signature] = String(t).split(".") as [string, string, string];
  const point = Buffer.from(publicKey, "base64url");
  const jwk = { kty: "EC", crv: "P-256", x: point.subarray(1, 33).toString("base64url"), y: point.subarray(33).toString("base64url") };
  const by = { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" } as const;
  if (!verify("sha256", Buffer.from(`${head}.${claims}`), by, Buffer.from(signature, "base64url"))) throw new Error("The signature is not right.");
  return JSON.parse(Buffer.from(claims, "base64url").toString());
}
