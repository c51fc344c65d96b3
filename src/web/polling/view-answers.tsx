import type { Message } from "../../core/messages.ts";
import type { Run } from "../../core/run.ts";
import type { Answer } from "../../runtime/polling/polling-api.ts";
import { isSuperuser, type Visitor } from "../access.ts";
import type { Params } from "../async-action-options.ts";
import { pretixBody } from "../faces/pretix.ts";
import { MessagePage } from "../pages/message.tsx";
import { ResultPage } from "../pages/result.tsx";
import { WaitingPage } from "../pages/waiting.tsx";
import { progressNotes } from "../progress-notes.ts";
import { json, page } from "../respond.ts";
import { refreshAfter } from "../retry-after.ts";
import { matches } from "../routes/read-run.ts";
import { runBody } from "../run-body.ts";
import type { Site } from "../site.ts";
import type { PollingViewOptions } from "./polling-view-options.ts";

interface ViewAnswersParts<Argument, Output> {
  readonly site: Site;
  readonly options: PollingViewOptions<Argument, Output>;
  readonly request: Request;
  /** As the browser knows it. */
  readonly address: string;
  readonly params: Params;
  readonly isAjax: boolean;
  readonly representation: "html" | "json";
}

/** The responses of a polling view: a result, a run under way, or a failure; for people, programs and asynctask.js. */
export class ViewAnswers<Argument, Output> {
  readonly #parts: ViewAnswersParts<Argument, Output>;
  readonly #visitor: Visitor;

  constructor(parts: ViewAnswersParts<Argument, Output>, visitor: Visitor) {
    this.#parts = parts;
    this.#visitor = visitor;
  }

  of(answer: Answer): Promise<Response> | Response {
    if (this.#parts.isAjax) return this.#check(answer);
    switch (answer.kind) {
      case "fresh":
        return this.#result(answer.run, answer.left);
      case "stale":
        return this.#result(answer.run, 0);
      case "running":
        return this.#running(answer.run);
      case "failed":
        return this.#failed(answer.run, answer.retryIn);
    }
  }

  #result(run: Run, left: number): Response | Promise<Response> {
    const { request, representation } = this.#parts;
    const isHtml = representation === "html";
    const headers = { ...this.#cachingHeaders(left), ETag: `"${run.id}-${isHtml ? `html-${this.#language}` : "json"}"` };
    if (matches(request.headers.get("if-none-match"), headers.ETag)) return new Response(null, { status: 304, headers });
    return isHtml ? this.#resultPage(run, headers) : json(run.result, 200, headers);
  }

  async #resultPage(run: Run, headers: Readonly<Record<string, string>>): Promise<Response> {
    const { options, request, params } = this.#parts;
    const context = { request, params, run, language: this.#language };
    const content = await options.render?.(run.result as Output, context);
    if (content === undefined) return page(this.#parts.site, <ResultPage site={this.#parts.site} language={this.#language} run={run} />, 200, headers);
    return new Response(`<!doctype html>${await content.toString()}`, {
      headers: { "Content-Type": "text/html; charset=utf-8", "X-Content-Type-Options": "nosniff", ...headers },
    });
  }

  async #running(run: Run): Promise<Response> {
    const { site, representation } = this.#parts;
    const headers = { "Retry-After": String(refreshAfter(Date.now() - run.created)), Location: site.paths.run(run.id) };
    if (representation === "json") return json(await this.#document(run), 202, headers);
    const say = (message: Message) => this.#say(message);
    const mayCancel = await site.access.may(this.#visitor, "cancel", run);
    const props = { site, language: this.#language, run, checkUrl: this.#here, now: Date.now(), notes: await this.#notes(run), say, mayCancel };
    return page(site, <WaitingPage {...props} />, 202, headers);
  }

  /** A failure of the task is the server's unless the task said otherwise in its own words. */
  async #failed(run: Run, retryIn: number): Promise<Response> {
    const { site, representation } = this.#parts;
    const status = run.error?.code === "user" ? 422 : 500;
    const headers = { "Retry-After": String(Math.max(1, Math.ceil(retryIn / 1000))) };
    const text = this.#failure(run);
    if (representation === "json") return json({ detail: text, run: await this.#document(run) }, status, headers);
    const title = this.#say({ key: "web.error_title" });
    const again = this.#say({ key: "web.try_again" });
    return page(site, <MessagePage site={site} language={this.#language} title={title} text={text} back={this.#here} backText={again} />, status, headers);
  }

  /** What asynctask.js reads on the waiting page: once there is something to show, it goes to this address again. */
  async #check({ kind, run }: Answer): Promise<Response> {
    const { site } = this.#parts;
    const ending = { success: kind !== "failed", redirect: this.#here, message: kind === "failed" ? this.#failure(run) : "" };
    const notes = await this.#notes(run);
    const body = pretixBody({ site, run, ending: kind === "running" ? undefined : ending, notes, say: (message) => this.#say(message) });
    // A page that knows the id follows the run by its visitor's own stream, which a stranger has not, and which says nothing of others' runs.
    const isTheirs = run.owner !== null && run.owner === this.#visitor.owner;
    return json(isTheirs ? body : { ...body, async_id: undefined });
  }

  #notes(run: Run): Promise<readonly string[]> {
    return progressNotes({ errand: this.#parts.site.errand, run, locale: this.#language, now: Date.now(), say: (message) => this.#say(message) });
  }

  get #language(): string {
    return this.#parts.site.locale(this.#parts.request);
  }

  /** Where this view is, as the browser knows it, without what asynctask.js adds. */
  get #here(): string {
    const address = new URL(this.#parts.address);
    address.searchParams.delete("ajax");
    return address.pathname + address.search;
  }

  #say(message: Message): string {
    return this.#parts.site.text(this.#parts.request, message);
  }

  #failure(run: Run): string {
    const text = this.#say(run.state === "canceled" ? { key: "web.canceled" } : (run.error?.message ?? { key: "web.unexpected" }));
    return run.error?.support ? `${text} (${this.#say({ key: "web.support", params: { code: run.error.support } })})` : text;
  }

  async #document(run: Run) {
    const { site, request } = this.#parts;
    const artifactIds = (await site.errand.artifacts.list([run.id])).map(({ id }) => id);
    return runBody({ site, run, artifactIds, language: this.#language, isSuperuser: isSuperuser(this.#visitor), origin: site.origin(request) });
  }

  #cachingHeaders(left: number): Record<string, string> {
    const { options } = this.#parts;
    const shared = options.scope === "shared";
    const age = Math.min(Math.floor(left / 1000), 31_536_000);
    return {
      "Cache-Control": `${shared && options.public ? "public" : "private"}, max-age=${age}`,
      Vary: shared ? "Accept, Accept-Language" : "Accept, Accept-Language, Cookie",
    };
  }
}
