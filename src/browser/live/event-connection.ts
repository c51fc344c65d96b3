import { readEvents, type ServerEvent } from "../../client/read-events.ts";

/** The server lets nobody wait longer than 15 s for a sign of life: after this time, ms, the connection is dead. */
const SILENCE = 40_000;
const LOOK_EVERY = 5000;
/** Until the server says another, ms. */
const RETRY = 1000;
const LONGEST_RETRY = 15_000;
/** After an answer that is no stream and does not say when to ask again, ms. */
const REFUSED = 60_000;

export interface ConnectionListener {
  onUp(): void;
  onEvent(event: ServerEvent): void;
  onDown(): void;
}

/** Keeps one stream of events open until it is closed: connects again where the last connection ended, and waits as the server says. */
export class EventConnection {
  readonly #url: string;
  readonly #listener: ConnectionListener;
  readonly #closed = new AbortController();
  #lastId: string;
  #connection = new AbortController();
  #wake = () => {};
  #aliveAt = 0;
  #retry = RETRY;
  #failures = 0;
  #isRenewing = false;
  /** Whether nobody looks at what comes, and whether the server was told so. */
  #isHidden = false;
  #saidHidden: boolean | undefined;
  #isMoving = false;

  /** `lastId`: what somebody before has heard last; "" for nothing. */
  constructor(url: string, lastId: string, listener: ConnectionListener) {
    this.#url = url;
    this.#lastId = lastId;
    this.#listener = listener;
    const watch = setInterval(() => this.#look(), LOOK_EVERY);
    this.#closed.signal.addEventListener("abort", () => clearInterval(watch));
    addEventListener("online", () => this.#again(), this.#closed);
    document.addEventListener("visibilitychange", () => this.#look(), this.#closed);
    void this.#keep();
  }

  close(): void {
    this.#closed.abort();
    this.#connection.abort();
    this.#wake();
  }

  /** Connects anew, as whoever the browser is signed in as now. */
  renew(): void {
    this.#isRenewing = true;
    this.#lastId = "";
    this.#connection.abort();
    this.#wake();
  }

  /** Tells the server whether nobody looks at what comes: by another connection that goes on where this one ends, so that nobody hears of a break. */
  hide(isHidden: boolean): void {
    this.#isHidden = isHidden;
    this.#move();
  }

  #move(): void {
    if (this.#saidHidden === undefined || this.#saidHidden === this.#isHidden) return;
    this.#isMoving = true;
    this.#connection.abort();
  }

  async #keep(): Promise<void> {
    while (!this.#closed.signal.aborted) {
      const pause = await this.#connect();
      if (this.#closed.signal.aborted) return;
      this.#saidHidden = undefined;
      if (!this.#isMoving) this.#listener.onDown();
      if (!this.#isRenewing && !this.#isMoving) await this.#rest(pause);
      this.#isRenewing = false;
      this.#isMoving = false;
    }
  }

  /** Returns how long to wait before the next connection, ms. */
  async #connect(): Promise<number> {
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    this.#aliveAt = Date.now();
    try {
      const isHidden = this.#isHidden;
      const headers = { Accept: "text/event-stream", ...(this.#lastId && { "Last-Event-ID": this.#lastId }), ...(isHidden && { "Errand-Page": "hidden" }) };
      const response = await fetch(this.#url, { headers, signal, cache: "no-store" });
      const isStream = response.ok && response.headers.get("content-type")?.startsWith("text/event-stream");
      if (!isStream || !response.body) {
        await response.body?.cancel();
        return 1000 * Number(response.headers.get("retry-after")) || (response.status >= 500 ? this.#backOff() : REFUSED);
      }
      this.#listener.onUp();
      this.#saidHidden = isHidden;
      this.#move();
      await this.#read(response.body);
      return this.#retry;
    } catch {
      return this.#backOff();
    }
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const signs = {
      onLife: () => {
        this.#aliveAt = Date.now();
        this.#failures = 0;
      },
      onRetry: (ms: number) => {
        this.#retry = ms;
      },
    };
    for await (const event of readEvents(body, signs)) {
      if (event.id) this.#lastId = event.id;
      this.#listener.onEvent(event);
    }
  }

  #backOff(): number {
    return Math.min(LONGEST_RETRY, this.#retry * 2 ** this.#failures++);
  }

  /** After a sleep, a connection may be dead without having been told. */
  #look(): void {
    if (Date.now() - this.#aliveAt > SILENCE) this.#connection.abort();
  }

  #again(): void {
    this.#failures = 0;
    this.#wake();
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake(), ms);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = () => {};
        resolve();
      };
    });
  }
}
