import { cookieHeader, readCookies } from "./cookies.ts";
import type { Signing } from "./signing.ts";

/** A message for the next page that the user sees. Untrusted text. */
export interface FlashMessage {
  readonly level: "success" | "error";
  readonly text: string;
}

export interface Flashes {
  /** Oldest first. */
  readonly messages: readonly FlashMessage[];
  /** To be added to the answer that shows them, so that they are shown once: Set-Cookie headers. */
  readonly headers: Headers;
}

const PREFIX = "errand_flash_";
const FIVE_MINUTES = 300;
/** Cookies ride on every request, and servers refuse requests whose headers are too long. */
const MAX_BYTES = 700;
const MAX_MESSAGES = 5;

/** Carries messages to the next page in signed cookies, one a run, so that the same run's message is never there twice. */
export class FlashCookie {
  readonly #signing: Signing;

  constructor(signing: Signing) {
    this.#signing = signing;
  }

  /** The Set-Cookie headers that leave the message for the next page. */
  async put(runId: string, message: FlashMessage, request: Request, secure: boolean): Promise<Headers> {
    const name = PREFIX + runId;
    const text = Buffer.from(JSON.stringify([message.level, shorten(message.text)])).toString("base64url");
    const headers = new Headers();
    headers.append("Set-Cookie", cookieHeader(name, await this.#signing.sign(name, text), { maxAge: FIVE_MINUTES, secure }));
    const others = this.#names(request).filter((other) => other !== name);
    for (const surplus of others.slice(0, Math.max(0, others.length - MAX_MESSAGES + 1))) headers.append("Set-Cookie", removal(surplus, secure));
    return headers;
  }

  /** The messages that the request brings, and the headers that clear them. */
  async take(request: Request, secure: boolean): Promise<Flashes> {
    const headers = new Headers();
    const messages: FlashMessage[] = [];
    const cookies = readCookies(request);
    for (const name of this.#names(request)) {
      headers.append("Set-Cookie", removal(name, secure));
      const text = await this.#signing.verify(name, cookies.get(name) as string);
      if (text === null) continue;
      const [level, words] = JSON.parse(Buffer.from(text, "base64url").toString()) as [FlashMessage["level"], string];
      messages.push({ level, text: words });
    }
    return { messages, headers };
  }

  /** Run ids are in order of time, so are these. */
  #names(request: Request): string[] {
    return [...readCookies(request).keys()].filter((name) => /^errand_flash_[0-9a-f-]{36}$/.test(name)).sort();
  }
}

function removal(name: string, secure: boolean): string {
  return cookieHeader(name, "", { maxAge: 0, secure });
}

function shorten(text: string): string {
  let short = text.slice(0, MAX_BYTES);
  while (Buffer.byteLength(short) > MAX_BYTES) short = short.slice(0, -10);
  return short === text ? text : `${short.toWellFormed()}…`;
}
