import { createHmac, timingSafeEqual } from "node:crypto";
import type { Errand } from "../runtime/errand.ts";

/** Signs short values, so that what comes back from a browser can be told from what somebody made up. */
export class Signing {
  readonly #errand: Pick<Errand, "secrets">;
  #secrets: readonly string[] | undefined;

  constructor(errand: Pick<Errand, "secrets">) {
    this.#errand = errand;
  }

  /** `value`, a dot and its signature by the newest secret. What was signed for one purpose is no good for another. */
  async sign(purpose: string, value: string): Promise<string> {
    const [newest] = await this.#load();
    return `${value}.${signature(newest as string, purpose, value)}`;
  }

  /** The value, when any of the secrets signed it for this purpose; else null. */
  async verify(purpose: string, signed: string): Promise<string | null> {
    const dot = signed.lastIndexOf(".");
    if (dot < 1) return null;
    const value = signed.slice(0, dot);
    const given = Buffer.from(signed.slice(dot + 1));
    for (const secret of await this.#load()) {
      const right = Buffer.from(signature(secret, purpose, value));
      if (given.length === right.length && timingSafeEqual(given, right)) return value;
    }
    return null;
  }

  async #load(): Promise<readonly string[]> {
    this.#secrets ??= await this.#errand.secrets();
    return this.#secrets;
  }
}

function signature(secret: string, purpose: string, value: string): string {
  return createHmac("sha256", secret).update(`${purpose}\n${value}`).digest("base64url");
}
