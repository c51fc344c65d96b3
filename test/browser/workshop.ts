import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { toNode } from "../../src/adapters/node.ts";
import type { Upload } from "../../src/core/task.ts";
import { createErrand, type Errand, type Log, type Run, UserError } from "../../src/index.ts";
import { type ActionInput, type ErrandWeb, errandWeb, type WebHandler } from "../../src/web/index.ts";
import { tempDir } from "../support/temp.ts";
import { Turnstile } from "./turnstile.ts";

const SCRIPT = join(import.meta.dirname, "../../dist/browser/asynctask.js");
if (!existsSync(SCRIPT))
  throw new Error("dist/browser/asynctask.js is missing, and these tests look at it in a browser: run `node scripts/build-browser.ts` first.");

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

const order = z.object({ steps: z.coerce.number().int(), note: z.string(), button: z.string(), file: z.custom<Upload>().nullable() });

/** A small site on a port of its own, with a real errand behind it. Each row of a run waits until the test lets it through. */
export class Workshop {
  readonly rows = new Turnstile();
  /** HTML bodies by path. */
  readonly pages = new Map<string, string>();
  readonly handlers = new Map<string, WebHandler>();
  language = "en";
  /** Every request as "POST /work", in the order of arrival. */
  readonly requests: string[] = [];
  /** While set, every request is answered with it. */
  outage: 500 | 503 | undefined;
  readonly #folder = tempDir();
  #errand!: Errand;
  #web!: ErrandWeb;
  #server: Server | undefined;
  #port = 0;

  static async open(): Promise<Workshop> {
    const shop = new Workshop();
    await shop.start();
    return shop;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get errand(): Errand {
    return this.#errand;
  }

  /** Serves on the port and the database that it had before, if any. */
  async start(): Promise<void> {
    this.#errand = createErrand({
      database: `file:${join(this.#folder, "errand.sqlite")}`,
      storage: `file:${join(this.#folder, "files")}`,
      broker: "database",
      sweepEvery: "50ms",
      log: quiet,
    });
    this.#web = errandWeb(this.#errand);
    this.#addActions();
    await this.#errand.start();
    const server = createServer(toNode((request) => this.#answer(request)));
    this.#server = server;
    await new Promise<void>((listening) => server.listen(this.#port, "127.0.0.1", listening));
    this.#port = (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    server?.closeAllConnections();
    await Promise.all([new Promise((closed) => (server ? server.close(closed) : closed(undefined))), this.#errand.close({ grace: 0 })]);
    server?.closeAllConnections();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Streams that are open. */
  get streams(): number {
    return this.#web.streams().open;
  }

  async runs(): Promise<Run[]> {
    return this.#errand.list({}, { limit: 100 });
  }

  count(request: string): number {
    return this.requests.filter((each) => each === request).length;
  }

  #addActions(): void {
    const task = this.#errand.task({
      name: "work",
      retries: { times: 3, delay: 0 },
      input: order,
      generateName: ({ note }) => `Tickets for ${note || "everybody"}`,
      calculateTotalSteps: ({ steps }) => steps,
      run: async ({ steps, note, button, file }, { status, signal, open }) => {
        for (let row = 1; row <= steps; row++) {
          await status.setState(`Row ${row} of ${steps}, ${note || "no name"}`);
          await this.rows.pass(signal);
          await status.incrementCompletedSteps();
        }
        if (note === "fail") throw new UserError("The paper has run out.");
        let bytes = 0;
        if (file) for await (const chunk of await open(file)) bytes += chunk.byteLength;
        return { note, button, bytes };
      },
    });
    const printing = this.#errand.task({
      name: "print",
      steps: [{ label: "Read the list" }, { label: "Draw <b>tickets</b>", weight: 8 }, { label: "Store them" }],
      run: async (_, { status, signal }) => {
        for (let step = 1; step <= 3; step++) {
          await status.startStep(step);
          await this.rows.pass(signal);
        }
      },
    });
    const input = ({ fields, files }: ActionInput) => {
      const text = (name: string) => (typeof fields[name] === "string" ? fields[name] : "");
      if (text("note") === "refused") throw new UserError("Nothing is sold today.");
      return { steps: text("steps") || 4, note: text("note"), button: text("button"), file: (files.file as Upload | undefined) ?? null };
    };
    const options = {
      task,
      input,
      errorUrl: "/failed",
      successMessage: ({ note, button, bytes }: { note: string; button: string; bytes: number }) => `Made for ${note} by ${button}, ${bytes} bytes`,
      wait: 0,
    };
    this.handlers.set("/work", this.#web.asyncAction({ ...options, successUrl: "/done" }));
    // Its first answer is the end already.
    this.handlers.set("/patient", this.#web.asyncAction({ ...options, successUrl: "/done", wait: 60_000 }));
    this.handlers.set("/other", this.#web.asyncAction({ ...options, successUrl: "/other-done" }));
    this.handlers.set("/print", this.#web.asyncAction({ task: printing, input: () => null, successUrl: "/done", errorUrl: "/failed", wait: 0 }));
    this.handlers.set("/report", this.#web.asyncAction({ ...options, successUrl: "/report.csv" }));
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    this.requests.push(`${request.method} ${pathname}`);
    if (this.outage) return new Response("<h1>Bad gateway</h1>", { status: this.outage, headers: { "content-type": "text/html" } });
    if (pathname.startsWith("/errand/")) return this.#web.handler(request);
    const handler = this.handlers.get(pathname);
    if (handler) return handler(request);
    const body = this.pages.get(pathname);
    if (body === undefined) return new Response("Nothing here", { status: 404 });
    const { messages, headers } = await this.#web.flashes(request);
    headers.set("content-type", "text/html; charset=utf-8");
    return new Response(document(this.language, body, messages.map(({ text }) => text).join(" ")), { headers });
  }
}

/** A page of an app that has a style of its own, and none of Errand's. */
function document(lang: string, body: string, message: string): string {
  return `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,"><title>Box office</title>
<style>body { margin: 2rem; font: 1rem/1.5 Georgia, serif } button { background: teal; color: white } dialog { background: hotpink }</style>
<script type="module" src="/errand/asynctask.js"></script></head><body><main><h1>Box office</h1><p id="flash">${message.replaceAll("<", "&lt;")}</p>${body}</main></body></html>`;
}
