import type { Signing } from "./signing.ts";

const PURPOSE = "download";

/** How a link is found when it is opened; "absent" when the address bears no signature at all. */
export type LinkState = "good" | "expired" | "forged" | "absent";

/** Addresses that open one artifact for a few minutes, whoever has them. They are handed out after a look at who asks. */
export class DownloadLinks {
  readonly #signing: Signing;
  readonly #lifetime: number;

  /** @param lifetime how long a link opens, ms. */
  constructor(signing: Signing, lifetime: number) {
    this.#signing = signing;
    this.#lifetime = lifetime;
  }

  /** The query that, behind the artifact's download path, opens it until the lifetime is over. */
  async query(artifactId: string): Promise<string> {
    const expires = Math.ceil((Date.now() + this.#lifetime) / 1000);
    const value = linkValue(artifactId, String(expires));
    const signed = await this.#signing.sign(PURPOSE, value);
    return `?expires=${expires}&signature=${signed.slice(value.length + 1)}`;
  }

  async check(artifactId: string, query: URLSearchParams): Promise<LinkState> {
    const signature = query.get("signature");
    if (signature === null) return "absent";
    const expires = query.get("expires") ?? "";
    if (!/^\d{1,12}$/.test(expires) || signature.length > 100) return "forged";
    const value = await this.#signing.verify(PURPOSE, `${linkValue(artifactId, expires)}.${signature}`);
    if (value === null) return "forged";
    return Date.now() <= Number(expires) * 1000 ? "good" : "expired";
  }
}

function linkValue(artifactId: string, expires: string): string {
  return `${artifactId}/${expires}`;
}
