import { AccessDeniedError, ConfigurationError, RequestError, RunGoneError } from "../core/errors.ts";
import type { ProblemBody } from "../core/wire.ts";

type GivenHeaders = ConstructorParameters<typeof Headers>[0];

export interface RequestOptions {
  /** Where Errand is mounted: a path of the page's site or, outside of a browser, an absolute URL. "/errand" by default. */
  readonly base?: string | URL;
  /** In place of the global one, such as to send cookies to another site. */
  readonly fetch?: typeof globalThis.fetch;
  /** Sent with every request, such as Authorization. A function is asked each time. */
  readonly headers?: GivenHeaders | (() => GivenHeaders | Promise<GivenHeaders>);
}

/** What a request may say besides its URL. */
export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

/** So long a server may take to answer what it does at once, ms. */
const TIMEOUT = 30_000;

/** Requests to one Errand, and to nowhere else: its headers may open a lot. */
export class Requests {
  readonly #options: RequestOptions;

  constructor(options: RequestOptions) {
    this.#options = options;
  }

  /** With a slash at its end. @throws ConfigurationError outside of a browser, unless it is absolute. */
  get base(): URL {
    const { base = "/errand" } = this.#options;
    const page = (globalThis as { location?: { href: string } }).location?.href;
    if (!URL.canParse(`${base}/`, page))
      throw new ConfigurationError(
        `errand/client needs an absolute \`base\` outside of a browser, such as "https://tickets.example/errand", but has "${base}".`,
      );
    const url = new URL(base, page);
    if (!url.pathname.endsWith("/")) url.pathname += "/";
    return url;
  }

  /** Its requests are those that the page itself would make. */
  get isPlain(): boolean {
    return !this.#options.fetch && !this.#options.headers;
  }

  /** The address of a run's document, of its address or its id. @throws ConfigurationError when it is on another site than `base`. */
  runUrl(run: string | URL): URL {
    const text = String(run);
    const url = new URL(text.includes("/") ? text : `tasks/${encodeURIComponent(text)}/`, this.base);
    if (!url.pathname.endsWith("/")) url.pathname += "/";
    return this.#ofThisSite(url);
  }

  /** The answer, whatever it is. @throws TypeError when there is none; the signal's reason */
  async send(url: URL, { headers, ...ask }: Ask): Promise<Response> {
    const { fetch = globalThis.fetch, headers: more } = this.#options;
    const all = new Headers(typeof more === "function" ? await more() : more);
    // Whoever watches from elsewhere than a page that is looked at is nobody who has seen how it ends.
    if ((globalThis as { document?: { hidden: boolean } }).document?.hidden !== false) all.set("Errand-Page", "hidden");
    for (const [name, value] of Object.entries(headers ?? {})) all.set(name, value);
    return fetch(this.#ofThisSite(url), { ...ask, headers: all, cache: "no-store", signal: ask.signal ?? null });
  }

  /** An answer that holds what was asked for. @throws RequestError when the server refuses; TypeError when it does not answer */
  async answer(url: URL, { signal, ...ask }: Ask = {}): Promise<Response> {
    const soon = AbortSignal.timeout(TIMEOUT);
    const headers = { Accept: "application/json", ...(ask.body !== undefined && { "Content-Type": "application/json" }) };
    const response = await this.send(url, { ...ask, headers, signal: signal ? AbortSignal.any([signal, soon]) : soon });
    if (!response.ok) throw await refusal(response, url);
    return response;
  }

  /** @throws as `answer` */
  async json<Body>(url: URL, ask?: Ask): Promise<Body> {
    const response = await this.answer(url, ask);
    return (await response.json().catch(() => Promise.reject(nonsense(response, url)))) as Body;
  }

  #ofThisSite(url: URL): URL {
    const { origin } = this.base;
    if (url.origin === origin) return url;
    throw new ConfigurationError(`${url.href} is not on ${origin}: the headers of a client go nowhere else. Give \`base\` the origin that runs name.`);
  }
}

/** What an answer that is no success means, as an error. */
export async function refusal(response: Response, url: URL): Promise<RequestError> {
  const { status } = response;
  const body = (await response.json().catch(() => undefined)) as Partial<ProblemBody> | null | undefined;
  const detail = typeof body?.detail === "string" ? body.detail : "";
  const said = `${url.pathname} was answered with ${status}${detail && ` (${detail})`}`;
  if (status === 404 || status === 410) return new RunGoneError(status, `${said}: it was deleted, or belongs to somebody else.`, detail);
  if (status === 401 || status === 403) return new AccessDeniedError(status, `${said}: sign in, or ask somebody who may.`, detail);
  return new RequestError(status, `${said}.`, detail);
}

/** The answer is a success, but not what Errand would say. */
export function nonsense(response: Response, url: URL): RequestError {
  const type = response.headers.get("content-type") ?? "no type";
  return new RequestError(response.status, `${url.pathname} was answered with ${type}, not with Errand's JSON: look at \`base\`, and at what answers first.`);
}
