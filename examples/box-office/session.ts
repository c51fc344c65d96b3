import { createHmac, timingSafeEqual } from "node:crypto";
import type { User } from "errand/web";
import { parse, serialize } from "hono/utils/cookie";

const COOKIE = "box_office_user";

/** Who can sign in. */
export const people: readonly User[] = [{ id: "alice" }, { id: "bob" }, { id: "admin", superuser: true }];

/** Remembers who signed in, in a signed cookie. There are no passwords: this is a demo. */
export class Session {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** The user of that name, or undefined. */
  find(name: unknown): User | undefined {
    return people.find(({ id }) => id === name);
  }

  /** Who sent this request; null for anonymous visitors, and for cookies that somebody made up. */
  read(request: Request): User | null {
    const cookie = parse(request.headers.get("cookie") ?? "", COOKIE)[COOKIE] ?? "";
    const user = this.find(cookie.slice(0, cookie.lastIndexOf(".")));
    return user && isSame(cookie, this.#signed(user)) ? user : null;
  }

  /** The Set-Cookie header that signs a user in, until the browser is closed; with null, out. */
  cookie(user: User | null, request: Request): string {
    const options = { path: "/", httpOnly: true, sameSite: "Lax", secure: new URL(request.url).protocol === "https:" } as const;
    return user ? serialize(COOKIE, this.#signed(user), options) : serialize(COOKIE, "", { ...options, maxAge: 0 });
  }

  #signed({ id }: User): string {
    return `${id}.${createHmac("sha256", this.#secret).update(id).digest("base64url")}`;
  }
}

function isSame(given: string, right: string): boolean {
  const one = Buffer.from(given);
  const other = Buffer.from(right);
  return one.length === other.length && timingSafeEqual(one, other);
}
