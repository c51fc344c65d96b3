import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createErrand, type Errand, type ErrandOptions, type Log, type Run, UserError } from "../../src/index.ts";
import { type ErrandWeb, errandWeb, type WebHandler, type WebOptions } from "../../src/web/index.ts";
import { tempDir } from "../support/temp.ts";

export const ORIGIN = "https://tickets.example";

export class OrderError extends UserError {}

export interface Logged {
  readonly fields: Record<string, unknown>;
  readonly message: string;
}

export interface TestSite {
  readonly errand: Errand;
  readonly web: ErrandWeb;
  /** Everything that was logged as a warning or an error. */
  readonly logged: Logged[];
  /** Names of the runs for which files are kept. */
  uploads(): Promise<string[]>;
  close(): Promise<void>;
}

/** An errand in a fresh folder, performed by this process, with its web side. Requests with the header `x-user` are that user's. */
export async function openSite(options: WebOptions = {}, errandOptions: ErrandOptions = {}): Promise<TestSite> {
  const folder = tempDir();
  const logged: Logged[] = [];
  const keep = (fields: object, message: string) => void logged.push({ fields: fields as Record<string, unknown>, message });
  const log: Log = { debug() {}, info() {}, warn: keep, error: keep };
  const errand = createErrand({
    database: `file:${join(folder, "errand.sqlite")}`,
    broker: "none",
    storage: `file:${join(folder, "files")}`,
    log,
    ...errandOptions,
  });
  const web = errandWeb(errand, { identify: byHeader, ...options });
  return {
    errand,
    web,
    logged,
    uploads: async () => readdir(join(folder, "files", "uploads")).catch(() => []),
    close: () => errand.close({ grace: 0 }),
  };
}

function byHeader(request: Request) {
  const id = request.headers.get("x-user");
  return id === null ? null : { id, superuser: id === "admin" };
}

export interface Gate {
  /** Resolves once a task has come to the gate. */
  readonly reached: Promise<void>;
  open(): void;
  pass(): Promise<void>;
}

/** Holds a task until the test opens it. */
export function newGate(): Gate {
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  return {
    reached: reached.promise,
    open: () => opened.resolve(),
    pass: () => {
      reached.resolve();
      return opened.promise;
    },
  };
}

/** Resolves with the first snapshot that `is` as wanted. */
export async function until(errand: Pick<Errand, "watch">, runId: string, is: (run: Run) => boolean): Promise<Run> {
  const found = Promise.withResolvers<Run>();
  const look = (run: Run) => void (is(run) && found.resolve(run));
  const watching = await errand.watch(runId, look, () => found.reject(new Error(`Run ${runId} was deleted.`)));
  if (!watching) throw new Error(`There is no run ${runId}.`);
  try {
    look(watching.run);
    return await found.promise;
  } finally {
    watching.stop();
  }
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly form?: Record<string, string>;
  readonly body?: RequestInit["body"];
}

/** A browser of one person: keeps cookies, sends forms from the site's own pages. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #handler: WebHandler;
  readonly #user: string | undefined;

  constructor(handler: WebHandler, user?: string) {
    this.#handler = handler;
    this.#user = user;
  }

  async send(path: string, { method, headers, form, body }: Sent = {}, params: Record<string, string> = {}): Promise<Response> {
    const content = form ? new URLSearchParams(form) : body;
    const init: RequestInit = {
      method: method ?? (content === undefined ? "GET" : "POST"),
      headers: {
        "sec-fetch-site": "same-origin",
        cookie: [...this.cookies].map((pair) => pair.join("=")).join("; "),
        ...(this.#user !== undefined && { "x-user": this.#user }),
        ...headers,
      },
      ...(content !== undefined && { body: content, duplex: "half" }),
    };
    const response = await this.#handler(new Request(new URL(path, ORIGIN), init), { params });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) as unknown as [string, string, string];
      if (/Max-Age=0/.test(cookie)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  as(handler: WebHandler): Browser {
    const other = new Browser(handler, this.#user);
    for (const [name, value] of this.cookies) other.cookies.set(name, value);
    return other;
  }
}
