import { isEnded } from "../../core/states.ts";
import type { Answer, AskOptions } from "../../runtime/polling/polling-api.ts";
import { type CachePolicy, cachePolicy } from "../../runtime/polling/polling-options.ts";
import type { Task } from "../../runtime/task-api.ts";
import type { User, Visitor } from "../access.ts";
import { answerError } from "../answer-error.tsx";
import type { Params, WebHandler } from "../async-action-options.ts";
import { Refusal, wrongMethod } from "../refusal.ts";
import type { Site } from "../site.ts";
import { newVisitor } from "../visitor-cookie.ts";
import { seen } from "../watching.ts";
import type { PollingViewOptions, ViewInput } from "./polling-view-options.ts";
import { preferencesOf } from "./preferences.ts";
import { representationFor } from "./representation.ts";
import { ViewAnswers } from "./view-answers.tsx";

/** A request of asynctask.js for the state of the page that it is on waits so long for the end, ms. */
const CHECK_WAIT = 250;
const USUAL_WAIT = 500;
/** Parameter by which asynctask.js asks; no part of the key. */
const AJAX = "ajax";

/** A handler for GET that answers with the result of a task: from the cache, or begun now and waited for. See `ErrandWeb.pollingView`. */
export function pollingView<Argument, Output>(site: Site, task: Task<Argument, Output>, options: PollingViewOptions<Argument, Output>): WebHandler {
  const { scope = "owner", ignoreParams = [] } = options;
  const key = { scope, ignoreParams: [AJAX, ...ignoreParams], ...cachePolicy(options) };
  return async (request, { params = {} } = {}) => {
    const representation = representationFor(request);
    const address = site.href(request);
    const isAjax = address.includes(AJAX) && new URL(address).searchParams.has(AJAX);
    try {
      if (request.method !== "GET" && request.method !== "HEAD") throw wrongMethod(request.method, "GET, HEAD");
      if (representation === null) throw new Refusal(406, { key: "web.not_acceptable" });
      const answer = await respond({ site, task, options, key, request, address, params, isAjax, representation });
      return request.method === "HEAD" ? new Response(null, { status: answer.status, headers: answer.headers }) : answer;
    } catch (error) {
      return answerError(site, request, error, isAjax || representation !== "html");
    }
  };
}

interface Exchange<Argument, Output> {
  readonly site: Site;
  readonly task: Task<Argument, Output>;
  readonly options: PollingViewOptions<Argument, Output>;
  /** What is asked for under which key, and for how long it is good. */
  readonly key: Pick<AskOptions<Argument>, "scope" | "ignoreParams"> & CachePolicy;
  readonly request: Request;
  /** As the browser knows it. */
  readonly address: string;
  readonly params: Params;
  readonly isAjax: boolean;
  readonly representation: "html" | "json";
}

async function respond<Argument, Output>(exchange: Exchange<Argument, Output>): Promise<Response> {
  const { site, options, request, params, isAjax } = exchange;
  const began = performance.now();
  const known = site.access.visitor(request);
  const visitor = known instanceof Promise ? await known : known;
  const asked = new AskedView(request, params, visitor);
  const input = await options.input(asked);
  const preferences = preferencesOf(request);
  const asker = options.scope === "shared" || visitor.owner !== null ? visitor : { ...visitor, owner: asked.owner };
  const wait = preferences.wait ?? (isAjax ? CHECK_WAIT : (options.wait ?? USUAL_WAIT));
  seen(site, request, asker.owner);
  const first = await askFor(exchange, asker.owner, input);
  const answer = first.kind === "running" && wait > 0 ? await settled(exchange, first, () => askFor(exchange, asker.owner, input), wait) : first;
  const responding = new ViewAnswers(exchange, asker).of(answer);
  const response = responding instanceof Promise ? await responding : responding;
  site.errand.observers.shown(answer.run, { kind: "poll", began, status: response.status });
  if (preferences.applied !== undefined) response.headers.set("Preference-Applied", preferences.applied);
  if (asker !== visitor) response.headers.append("Set-Cookie", await site.cookie.write(asked.owner, site.isSecure(request)));
  return response;
}

/** What `input` is asked with. A stranger becomes somebody only when it matters who they are: most answers come from what others have begun. */
class AskedView implements ViewInput {
  readonly request: Request;
  readonly params: Params;
  readonly user: User | null;
  #owner: string | null;

  constructor(request: Request, params: Params, { user, owner }: Visitor) {
    this.request = request;
    this.params = params;
    this.user = user;
    this.#owner = owner;
  }

  get owner(): string {
    this.#owner ??= newVisitor();
    return this.#owner;
  }
}

function askFor<Argument, Output>({ site, task, key, address }: Exchange<Argument, Output>, owner: string | null, input: Argument): Promise<Answer> {
  return site.errand.polling.ask(task, { ...key, pollingUrl: address, owner, input: () => input });
}

/** The answer once the run that is under way has ended, or as it is after `wait` ms. */
async function settled<Argument, Output>(
  { site, request }: Exchange<Argument, Output>,
  answer: Answer,
  ask: () => Promise<Answer>,
  wait: number,
): Promise<Answer> {
  const run = await site.errand.wait(answer.run.id, { timeout: wait, signal: request.signal });
  if (run && !isEnded(run.state)) return { ...answer, run };
  // A run that was canceled while this request waited for it is not begun anew by the same request.
  return run?.state === "canceled" ? { kind: "failed", run, retryIn: 0, began: false } : ask();
}
