import { Pool, type PoolClient } from "pg";

/** Longest wait for a connection, ms. */
const CONNECT_MS = 5000;
/** Longest wait for the answer to a statement about a few jobs, ms. */
const ANSWER_MS = 10_000;
/** Longest wait for the answer to a statement of a consumer, ms: one that takes this long has lost its server. */
const CONSUMER_ANSWER_MS = 60_000;
/** Most connections that dispatch at once. */
const DISPATCHING = 4;
/** Most connections of one consumer: what graphile-worker takes by itself. */
const CONSUMING = 10;
/** How long a connection is kept for the next use, ms. */
const IDLE_MS = 60_000;

export type Row = Readonly<Record<string, unknown>>;

/** Asks the database: a pool of this broker, or the caller's transaction. */
export type Query = (text: string, values: readonly unknown[]) => Promise<readonly Row[]>;

/** The pools of one broker: the app's own for everything, or one to dispatch with and one for each consumer. */
export class Connections {
  /** Where the jobs are, without user and password. */
  readonly place: string;
  readonly #url: string | undefined;
  readonly #given: Pool | undefined;
  readonly #own = new Set<Pool>();
  /** What was asked and has no answer yet. */
  readonly #asked = new Set<Promise<unknown>>();
  #dispatching: Pool | undefined;

  constructor({ url, pool }: { readonly url?: string; readonly pool?: Pool }) {
    this.#url = url;
    this.#given = pool;
    this.place = url === undefined ? "the app's pool" : placeOf(url);
    if (!pool) return;
    pool.on("error", ignore);
    pool.on("connect", hearErrors);
  }

  /** For short statements. */
  get pool(): Pool {
    this.#dispatching ??= this.#given ?? this.#open(DISPATCHING, ANSWER_MS);
    return this.#dispatching;
  }

  /** Rejects in seconds when there is no answer, also with a pool of the app's that would wait for ever. */
  query: Query = async (text, values) => {
    const asked = { text, values: [...values], query_timeout: ANSWER_MS };
    const answer = within(CONNECT_MS + ANSWER_MS, this.pool.query<Record<string, unknown>>(asked));
    this.#asked.add(answer);
    try {
      return (await answer).rows;
    } finally {
      this.#asked.delete(answer);
    }
  };

  /** A pool for one consumer, which keeps one of its connections to listen on. */
  forConsumer(): Pool {
    return this.#given ?? this.#open(CONSUMING, CONSUMER_ANSWER_MS);
  }

  /** Ends a pool of this class; the app's is left as it is. */
  async end(pool: Pool): Promise<void> {
    if (!this.#own.delete(pool)) return;
    await pool.end();
  }

  async close(): Promise<void> {
    this.#given?.off("error", ignore);
    this.#given?.off("connect", hearErrors);
    // A pool that ends answers nobody who still waits for a connection.
    while (this.#own.size > 0 && this.#asked.size > 0) await Promise.allSettled(this.#asked);
    await Promise.all([...this.#own].map((pool) => this.end(pool)));
  }

  #open(max: number, query_timeout: number): Pool {
    const options = { max, query_timeout, connectionTimeoutMillis: CONNECT_MS, idleTimeoutMillis: IDLE_MS, keepAlive: true };
    const pool = new Pool({ ...options, connectionString: this.#url, application_name: "errand" });
    pool.on("error", ignore);
    pool.on("connect", hearErrors);
    this.#own.add(pool);
    return pool;
  }
}

/** The statement that was under way rejects, and the pool opens a new connection: nothing is left to do for one that was cut. */
function ignore(): void {}

function hearErrors(client: PoolClient): void {
  client.on("error", ignore);
}

function placeOf(url: string): string {
  if (!URL.canParse(url)) return "the given address";
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/** @throws Error when `work` has not settled after so many ms */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`There was no answer within ${ms / 1000} s.`)), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
