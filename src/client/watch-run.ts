import { ErrandError, RunGoneError } from "../core/errors.ts";
import type { RunBody } from "../core/wire.ts";
import { pause } from "./pause.ts";
import { readEvents, type ServerEvent } from "./read-events.ts";
import { nonsense, type Requests, refusal } from "./requests.ts";
import { isRunDocument } from "./run-document.ts";
import type { SharedStream } from "./shared-stream.ts";

/** How changes are heard: "live" as they happen, "polling" when they are asked for, "lost" while the server does not answer. */
export type Connection = "connecting" | "live" | "polling" | "lost" | "over";

/** Spans of time, ms. */
export interface Timing {
  /** Before the next request after one that failed; twice as long after each further one. */
  readonly retry: number;
  readonly longestRetry: number;
  /** A stream that says nothing for so long is dead: the server lets nobody wait longer than 15 s. */
  readonly silence: number;
  /** A stream whose beginning takes longer than that is held back by something in between. */
  readonly opening: number;
  /** So long a client goes on in a lesser way before it tries the better one again. */
  readonly lesser: number;
  /** Between two questions, where the server does not say. */
  readonly poll: number;
}

const timing: Timing = { retry: 1000, longestRetry: 15_000, silence: 40_000, opening: 10_000, lesser: 60_000, poll: 5000 };

/** Longest pause that a server may ask for, ms. */
const LONGEST_PAUSE = 120_000;
/** How long the server is asked to wait for news, s. */
const WAIT = 25;
/** So many cuts without news in between show that a way does not get through. */
const MOST_CUTS = 3;
/** So many answers in a row that are none of Errand's are no accident. */
const MOST_NONSENSE = 3;

export interface WatchRunOptions {
  readonly requests: Requests;
  readonly url: URL;
  /** What the caller has already; it is not told again. */
  readonly known?: { readonly rev: number; readonly ended: string | null } | undefined;
  /** Ends the watch: what is under way is given up, and nothing is thrown. */
  readonly signal: AbortSignal;
  readonly onConnection: (connection: Connection) => void;
  /** The stream that the pages of a browser have in common, if there is one. */
  readonly shared: Promise<SharedStream | undefined>;
  readonly timing?: Partial<Timing>;
}

/** Ways to hear of changes, best first. */
const STREAM = 0;
const LONG_POLL = 1;
const POLL = 2;

/** One run from now to its end: each newer revision once, in order. */
export class RunWatch {
  readonly #options: WatchRunOptions;
  readonly #timing: Timing;
  #rev: number;
  #way = STREAM;
  #lesserUntil = 0;
  #cuts = 0;
  #failures = 0;
  #nonsense = 0;
  /** The server has told of the run whoever asks now. */
  #isAnswered = false;
  #retry: number;
  #connection: Connection = "connecting";

  constructor(options: WatchRunOptions) {
    this.#options = options;
    this.#timing = { ...timing, ...options.timing };
    this.#retry = this.#timing.retry;
    this.#rev = options.known?.rev ?? -1;
  }

  /** @throws RunGoneError, AccessDeniedError, RequestError */
  async *documents(): AsyncGenerator<RunBody, void, undefined> {
    const { signal, known } = this.#options;
    let isOver = typeof known?.ended === "string";
    const found = new AbortController();
    const late = pause(this.#timing.opening, AbortSignal.any([signal, found.signal]));
    // Its script may never come: a stream of its own does as well.
    const shared = isOver ? undefined : await Promise.race([this.#options.shared, late]);
    found.abort();
    try {
      while (!isOver && !signal.aborted) {
        if (this.#way !== STREAM && Date.now() > this.#lesserUntil) this.#way = STREAM;
        const round = shared ? this.#sharing(shared) : this.#way === STREAM ? this.#streaming() : this.#asking();
        const ms = yield* round;
        isOver = ms === undefined;
        if (!isOver) await pause(ms as number, signal);
      }
    } finally {
      this.#say("over");
    }
  }

  /** Reads one stream. Returns how long to rest before the next round, ms; nothing when the run has ended or nobody listens any more. */
  async *#streaming(): AsyncGenerator<RunBody, number | undefined, undefined> {
    const { requests, url, signal } = this.#options;
    const connection = new AbortController();
    const stop = () => connection.abort();
    const { silence, opening } = this.#timing;
    let timer = setTimeout(stop, opening);
    const rearm = () => {
      clearTimeout(timer);
      timer = setTimeout(stop, silence);
    };
    const began = Date.now();
    let isOpen = false;
    let hasNews = false;
    try {
      const headers = { Accept: "text/event-stream", ...(this.#rev >= 0 && { "Last-Event-ID": String(this.#rev) }) };
      const response = await requests.send(new URL("events/", url), { headers, signal: AbortSignal.any([signal, connection.signal]) });
      if (!isStream(response) || !response.body) return await this.#noStream(response);
      const signs = {
        onLife: () => {
          isOpen = true;
          this.#failures = 0;
          this.#say("live");
          rearm();
        },
        onRetry: (ms: number) => {
          this.#retry = Math.min(ms, this.#timing.longestRetry);
        },
      };
      for await (const event of readEvents(response.body, signs)) {
        const run = this.#read(event);
        if (!run) continue;
        hasNews = true;
        // While the caller is at it nothing is read, so that silence means nothing.
        clearTimeout(timer);
        yield run;
        if (run.ended !== null) return undefined;
        rearm();
      }
    } catch (error) {
      if (error instanceof ErrandError) throw error;
    } finally {
      clearTimeout(timer);
      stop();
    }
    if (signal.aborted) return undefined;
    const lasted = Date.now() - began;
    if (hasNews || (isOpen && lasted > silence)) this.#cuts = 0;
    else if (isOpen || lasted >= opening) this.#cut();
    if (isOpen) return this.#retry;
    return this.#failed();
  }

  /** Asks once, waiting for news where that gets through. Returns as `#streaming` does. */
  async *#asking(): AsyncGenerator<RunBody, number | undefined, undefined> {
    const { requests, url, signal } = this.#options;
    const waits = this.#way === LONG_POLL && this.#rev >= 0;
    const asked = new URL(url);
    if (this.#rev >= 0) asked.searchParams.set("rev", String(this.#rev));
    const headers = { Accept: "application/json", ...(waits && { Prefer: `wait=${WAIT}` }) };
    const soon = AbortSignal.timeout(this.#timing.silence);
    let response: Response;
    let body: unknown;
    try {
      response = await requests.send(asked, { headers, signal: AbortSignal.any([signal, soon]) });
      if (!response.ok) return await this.#refused(response);
      body = await response.json().catch((error: unknown) => (error instanceof SyntaxError ? undefined : Promise.reject(error)));
    } catch (error) {
      if (error instanceof ErrandError) throw error;
      if (signal.aborted) return undefined;
      if (!waits) return this.#failed();
      this.#cut();
      return this.#timing.retry;
    }
    if (!isRunDocument(body)) {
      this.#nonsense += 1;
      if (this.#nonsense >= MOST_NONSENSE) throw nonsense(response, url);
      return this.#failed();
    }
    this.#failures = this.#nonsense = 0;
    this.#isAnswered = true;
    const hasWaited = response.headers.has("preference-applied");
    if (hasWaited) this.#cuts = 0;
    this.#say(hasWaited ? "live" : "polling");
    const isNews = body.rev > this.#rev;
    if (isNews) {
      this.#rev = body.rev;
      yield body;
    }
    if (body.ended !== null && body.rev === this.#rev) return undefined;
    if (hasWaited && isNews) return 0;
    // A server that says it has waited and has not must not be asked without end.
    return hasWaited || (this.#way === LONG_POLL && isNews) ? this.#timing.retry / 4 : pauseOf(response, this.#timing.poll);
  }

  /** Hears of the run by the stream of all pages of this browser, and asks for it first, and whenever that does not tell of it. */
  async *#sharing(shared: SharedStream): AsyncGenerator<RunBody, number | undefined, undefined> {
    const { url, signal } = this.#options;
    this.#lessen(POLL, Number.POSITIVE_INFINITY);
    const following = shared.follow(url, signal);
    try {
      while (!signal.aborted) {
        const ms = yield* this.#asking();
        if (ms === undefined) return undefined;
        // What the stream tells may be somebody else's, until the server has answered who asks now.
        if (!this.#isAnswered) {
          await pause(ms, signal);
          continue;
        }
        for await (const run of following.news(ms, (isLive) => isLive && this.#say("live"))) {
          if (run.rev <= this.#rev) continue;
          this.#rev = run.rev;
          yield run;
          if (run.ended !== null) return undefined;
        }
      }
      return undefined;
    } finally {
      following.stop();
    }
  }

  /** The document of an event, if it is newer than all before it. */
  #read({ type, data }: ServerEvent): RunBody | undefined {
    if (type === "gone") throw new RunGoneError(410, `${this.#options.url.pathname} was deleted while it was watched.`);
    if (type !== "message") return undefined;
    const run: unknown = JSON.parse(data);
    if (!isRunDocument(run) || run.rev <= this.#rev) return undefined;
    this.#rev = run.rev;
    return run;
  }

  /** Something else came in a stream's place. */
  async #noStream(response: Response): Promise<number> {
    const { status } = response;
    if ([401, 403, 404, 410].includes(status)) throw await refusal(response, this.#options.url);
    await response.body?.cancel();
    if (status >= 500 && status !== 503) return this.#failed();
    // There is no place for it, or it does not get through.
    const { lesser } = this.#timing;
    this.#lessen(LONG_POLL, pauseOf(response, lesser));
    return 0;
  }

  async #refused(response: Response): Promise<number> {
    const { status } = response;
    if (status < 500 && status !== 429) throw await refusal(response, this.#options.url);
    await response.body?.cancel();
    return Math.max(this.#failed(), pauseOf(response, 0));
  }

  #cut(): void {
    this.#cuts += 1;
    if (this.#cuts < MOST_CUTS) return;
    this.#lessen(Math.min(POLL, this.#way + 1), this.#timing.lesser);
  }

  #lessen(way: number, ms: number): void {
    this.#way = way;
    this.#cuts = 0;
    this.#lesserUntil = Date.now() + ms;
  }

  /** Returns how long to rest, ms: not the same for all who wait for one server. */
  #failed(): number {
    this.#say("lost");
    const { retry, longestRetry } = this.#timing;
    const ms = Math.min(longestRetry, retry * 2 ** this.#failures);
    this.#failures += 1;
    return ms * (0.5 + Math.random() / 2);
  }

  #say(connection: Connection): void {
    if (connection === this.#connection) return;
    this.#connection = connection;
    this.#options.onConnection(connection);
  }
}

function isStream(response: Response): boolean {
  return response.ok && response.headers.get("content-type")?.startsWith("text/event-stream") === true;
}

/** How long the server wants to be left alone, ms. */
function pauseOf(response: Response, otherwise: number): number {
  const seconds = Number(response.headers.get("retry-after"));
  return seconds > 0 ? Math.min(LONGEST_PAUSE, 1000 * seconds) : otherwise;
}
