import type { PretixBody } from "../../src/core/wire.ts";
import type { Demo } from "./demo.ts";

/** Somebody with cookies, over HTTP. Redirects are not followed. */
export class Visitor {
  readonly #url: string;
  readonly #cookies = new Map<string, string>();

  constructor({ url }: Pick<Demo, "url">) {
    this.#url = url;
  }

  static async signedIn(demo: Demo, name: string): Promise<Visitor> {
    const visitor = new Visitor(demo);
    await visitor.post("/login", { name });
    return visitor;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.#send(path, { headers });
  }

  /** Fields go as a form, FormData as multipart. */
  post(path: string, form: Record<string, string> | FormData = {}, headers: Record<string, string> = {}): Promise<Response> {
    return this.#send(path, { method: "POST", body: form instanceof FormData ? form : new URLSearchParams(form), headers });
  }

  /** Starts a run, follows it to its end, and returns what the user is told. */
  async run(path: string, form: Record<string, string> | FormData = {}): Promise<PretixBody> {
    return this.finish(await this.start(path, form));
  }

  async start(path: string, form: Record<string, string> | FormData = {}): Promise<PretixBody> {
    const answer = await this.post(`${path}?ajax=1`, form);
    if (answer.status !== 200) throw new Error(`POST ${path} was answered with ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as PretixBody;
  }

  /** Asks until the run has ended; each check waits on the server for its end. */
  async finish(started: PretixBody, seen: (body: PretixBody) => void = () => {}): Promise<PretixBody> {
    let body = started;
    while (!body.ready) {
      body = (await (await this.get(started.check_url as string)).json()) as PretixBody;
      seen(body);
    }
    return body;
  }

  async #send(path: string, init: RequestInit & { headers: Record<string, string> }): Promise<Response> {
    const cookie = [...this.#cookies].map((pair) => pair.join("=")).join("; ");
    // A connection of its own: one that is kept open may be closed by the server in the breath in which it is used again.
    const headers = { connection: "close", ...(cookie && { cookie }), ...init.headers };
    const response = await fetch(new URL(path, this.#url), { redirect: "manual", ...init, headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) as unknown as [string, string, string];
      if (/Max-Age=0/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return response;
  }
}

/** What the page tells its reader first: its messages and its heading. */
export function saidOn(page: string): { readonly heading: string; readonly messages: readonly string[] } {
  const plain = (text: string) =>
    text
      .replace(/<[^>]*>/g, "")
      .replaceAll("&#39;", "'")
      .replaceAll("&quot;", '"')
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&amp;", "&");
  return {
    heading: plain(/<h1>(.*?)<\/h1>/s.exec(page)?.[1] ?? ""),
    messages: [...page.matchAll(/<p class="errand-message[^>]*>(.*?)<\/p>/gs)].map((match) => plain(match[1] as string)),
  };
}

/** A form with one file, as a browser sends it. */
export function fileForm(content: string | Uint8Array<ArrayBuffer>, name = "list.csv"): FormData {
  const form = new FormData();
  form.set("file", new File([content], name, { type: "text/csv" }));
  return form;
}
