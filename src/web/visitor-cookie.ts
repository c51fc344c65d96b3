import { randomUUID } from "node:crypto";
import { cookieHeader, readCookies } from "./cookies.ts";
import type { Signing } from "./signing.ts";

const NAME = "errand_visitor";
const PURPOSE = "visitor";
const OWNER = "visitor:";
const THIRTY_DAYS = 30 * 24 * 3600;
const KNOWN = 1000;

/** Whether an owner is an anonymous visitor, not a user. */
export function isVisitor(owner: string): boolean {
  return owner.startsWith(OWNER);
}

/** A new visitor, whom no cookie knows yet. */
export function newVisitor(): string {
  return OWNER + randomUUID();
}

/** Gives somebody without a user account an owner id of their own, kept in a signed cookie. */
export class VisitorCookie {
  readonly #signing: Signing;
  /** Cookies whose signature was found right, oldest first: every poll brings the same one. */
  readonly #known = new Map<string, string>();

  constructor(signing: Signing) {
    this.#signing = signing;
  }

  /** The visitor's owner id, or null when there is no cookie or a forged one. At once when the cookie has been seen before. */
  read(request: Request): string | null | Promise<string | null> {
    if (!request.headers.get("cookie")?.includes(NAME)) return null;
    const cookie = readCookies(request).get(NAME);
    if (!cookie || cookie.length > 200) return null;
    return this.#known.get(cookie) ?? this.#verify(cookie);
  }

  /** The Set-Cookie header that makes a browser come back as this visitor, for 30 days from now. */
  async write(owner: string, secure: boolean): Promise<string> {
    return cookieHeader(NAME, await this.#signing.sign(PURPOSE, owner.slice(OWNER.length)), { maxAge: THIRTY_DAYS, secure });
  }

  async #verify(cookie: string): Promise<string | null> {
    const id = await this.#signing.verify(PURPOSE, cookie);
    if (id === null) return null;
    if (this.#known.size >= KNOWN) this.#known.delete(this.#known.keys().next().value as string);
    this.#known.set(cookie, OWNER + id);
    return OWNER + id;
  }
}
