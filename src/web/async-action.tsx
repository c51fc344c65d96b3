import type { Message } from "../core/messages.ts";
import type { Run } from "../core/run.ts";
import { isEnded } from "../core/states.ts";
import { answerError } from "./answer-error.tsx";
import type { AsyncActionOptions, Params, WebHandler } from "./async-action-options.ts";
import { discardBody } from "./discard-body.ts";
import { type Ending, endingOf } from "./ending.ts";
import { checkUrl, pretixBody } from "./faces/pretix.ts";
import { FormBody } from "./form-body.ts";
import { WaitingPage } from "./pages/waiting.tsx";
import { progressNotes } from "./progress-notes.ts";
import { notFound, wrongMethod } from "./refusal.ts";
import { json, page, prefersJson, redirect, withHeaders } from "./respond.ts";
import { refreshAfter } from "./retry-after.ts";
import { isRunId } from "./run-id.ts";
import type { Site } from "./site.ts";
import { startRun } from "./start-run.ts";
import { seen } from "./watching.ts";

/** A check with `ajax` waits so long for the end, ms. */
const CHECK_WAIT = 250;
const START_WAIT = 500;

/** One handler for the POST that starts a run and for the GETs that ask how it goes, with and without JavaScript. */
export function asyncAction<Argument, Output>(site: Site, options: AsyncActionOptions<Argument, Output>): WebHandler {
  return async (request, { params = {} } = {}) => {
    const address = site.address(request);
    const body = new FormBody();
    const isAjax = () => address.searchParams.has("ajax") || (request.method === "POST" && "ajax" in body.fields);
    try {
      if (request.method === "POST") return await begin({ site, options, request, params, address, body, isAjax });
      if (request.method === "GET" || request.method === "HEAD") return await check({ site, options, request, params, address, body, isAjax });
      throw wrongMethod(request.method, "GET, HEAD, POST");
    } catch (error) {
      await discardBody(request);
      return answerError(site, request, error, isAjax() || prefersJson(request));
    }
  };
}

interface Exchange<Argument, Output> {
  readonly site: Site;
  readonly options: AsyncActionOptions<Argument, Output>;
  readonly request: Request;
  readonly params: Params;
  readonly address: URL;
  readonly body: FormBody;
  readonly isAjax: () => boolean;
}

async function begin<Argument, Output>(exchange: Exchange<Argument, Output>): Promise<Response> {
  const { site, options, request, params, address, body } = exchange;
  site.refuseForeign(request);
  const { runId, owner, headers } = await startRun({ site, options, request, params, body });
  seen(site, request, owner);
  const run = await site.errand.wait(runId, { timeout: options.wait ?? START_WAIT, signal: request.signal });
  if (!run) throw notFound();
  const url = checkUrl(address, runId);
  const ending = isEnded(run.state) ? await endingOf({ ...exchange, run }) : undefined;
  const answer = exchange.isAjax()
    ? json(pretixBody({ site, run, ending, checkUrl: url, ...(await told(exchange, run)) }))
    : redirect(ending?.redirect ?? url, 303);
  return withHeaders(withHeaders(answer, headers), await flash(exchange, run, ending));
}

async function check<Argument, Output>(exchange: Exchange<Argument, Output>): Promise<Response> {
  const { site, request, address } = exchange;
  const began = performance.now();
  const id = address.searchParams.get("async_id");
  if (id === null) throw wrongMethod(request.method, "POST");
  const run = await visibleRun(exchange, id);
  const ending = isEnded(run.state) ? await endingOf({ ...exchange, run }) : undefined;
  const answer = await checkAnswer(exchange, run, ending);
  withHeaders(answer, await flash(exchange, run, ending));
  site.errand.observers.shown(run, { kind: "poll", began, status: answer.status });
  return request.method === "HEAD" ? new Response(null, { status: answer.status, headers: answer.headers }) : answer;
}

/** The run, if it is one of this action's and the asker's; with `ajax` after a short wait for its end. */
async function visibleRun<Argument, Output>({ site, options, request, isAjax }: Exchange<Argument, Output>, id: string): Promise<Run> {
  const visitor = await site.access.visitor(request);
  const run = isRunId(id) ? await site.errand.get(id) : null;
  if (!run || !isOf(options, run) || !(await site.access.may(visitor, "view", run))) throw notFound();
  seen(site, request, visitor.owner, refreshAfter(Date.now() - run.created));
  if (!isAjax() || isEnded(run.state)) return run;
  return (await site.errand.wait(id, { timeout: CHECK_WAIT, signal: request.signal })) ?? run;
}

/** Whether the run can be one that this action began. */
function isOf<Argument, Output>({ task }: AsyncActionOptions<Argument, Output>, run: Run): boolean {
  return typeof task === "function" ? run.kind !== null && run.parent === null : run.task === task.name;
}

async function checkAnswer<Argument, Output>(exchange: Exchange<Argument, Output>, run: Run, ending: Ending | undefined): Promise<Response> {
  const { site, request, address } = exchange;
  if (exchange.isAjax()) return json(pretixBody({ site, run, ending, ...(await told(exchange, run)) }));
  if (ending) return redirect(ending.redirect, 302);
  const language = site.locale(request);
  return page(
    site,
    <WaitingPage site={site} language={language} run={run} checkUrl={checkUrl(address, run.id)} now={Date.now()} {...(await told(exchange, run))} />,
  );
}

/** Leaves the ending's message for the page that the user goes to; a client that stays where it is shows it itself. */
async function flash<Argument, Output>(
  { site, options, request, address, body }: Exchange<Argument, Output>,
  run: Run,
  ending: Ending | undefined,
): Promise<Headers | undefined> {
  const stays = address.searchParams.has("ajax_dont_redirect") || "ajax_dont_redirect" in body.fields;
  if (!ending || ending.message === "" || stays) return undefined;
  const message = { level: ending.success ? "success" : "error", text: ending.message } as const;
  if (options.flash) return (await options.flash(message, request)) || undefined;
  return site.flash.put(run.id, message, request, site.isSecure(request));
}

/** How the run is told of: the reader's words, and what else is true of it now. */
async function told<Argument, Output>(
  exchange: Exchange<Argument, Output>,
  run: Run,
): Promise<{ say: (message: Message) => string; notes: readonly string[] }> {
  const { site, request } = exchange;
  const say = sayer(exchange);
  return { say, notes: isEnded(run.state) ? [] : await progressNotes({ errand: site.errand, run, locale: site.locale(request), now: Date.now(), say }) };
}

function sayer<Argument, Output>({ site, request }: Exchange<Argument, Output>): (message: Message) => string {
  return (message) => site.text(request, message);
}
