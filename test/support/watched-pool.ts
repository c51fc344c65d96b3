import pg from "pg";
import type { PgClientLike, PgPoolLike, PgQuery } from "../../src/stores/postgres/pool.ts";

/** A real pool that keeps the texts of what was sent through it, and can lose answers. */
export class WatchedPool implements PgPoolLike {
  readonly pool: pg.Pool;
  readonly sent: string[] = [];
  /** The answer of the next statement that this fits is lost, after it was done. */
  loseAnswerTo: RegExp | undefined;
  /** The next statement that this fits, once no answer is to be lost any more, is refused for a row that stays locked. */
  refuse: RegExp | undefined;

  constructor(url: string) {
    this.pool = new pg.Pool({ connectionString: url, max: 4 });
  }

  async connect(): Promise<PgClientLike> {
    const client = await this.pool.connect();
    return { query: (query) => this.#query(client, query), release: (destroy) => client.release(destroy) };
  }

  async #query(client: pg.PoolClient, query: PgQuery): Promise<{ rows: unknown[] }> {
    if (!query.text.includes("pg_notify")) this.sent.push(query.text);
    if (!this.loseAnswerTo && this.refuse?.test(query.text)) {
      this.refuse = undefined;
      throw Object.assign(new Error("canceling statement due to lock timeout"), { code: "55P03" });
    }
    const result = await client.query(query);
    if (!this.loseAnswerTo?.test(query.text)) return result;
    this.loseAnswerTo = undefined;
    throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  }

  /** What was sent since this was asked last. */
  take(): string[] {
    return this.sent.splice(0);
  }
}
