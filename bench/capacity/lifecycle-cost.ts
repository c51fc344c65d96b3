import { createErrand } from "errand";
import { postgres } from "errand/stores/postgres";
import pg from "pg";
import { inFlight } from "../embedded/in-flight.ts";
import type { Database } from "./database.ts";

/** What a run costs the database, from its delay to its end. */
export interface LifecycleCost {
  readonly inFlight: number;
  /** Bytes of the write-ahead log per run. Whatever else writes to the server at the same time is counted too. */
  readonly wal: number;
  /** Statements per run. */
  readonly statements: number;
}

/** Nothing else waits here. */
const QUEUE = "lives";

/** Starts and performs runs that do nothing, in this process, with the broker "database". */
export async function lifecycleCost(database: Database, runs: number, atOnce: number): Promise<LifecycleCost> {
  const pool = new CountingPool({ connectionString: database.url, max: 10, options: "-c enable_seqscan=off -c enable_sort=off -c jit=off" });
  const errand = createErrand({ database: postgres({ pool }), broker: "database", worker: { concurrency: atOnce, queues: [QUEUE] }, keep: false });
  const nothing = errand.task({ name: "nothing", queue: QUEUE, run: () => null });
  const one = async () => void (await (await nothing.delay(null, { owner: "u2" })).result());
  try {
    await inFlight(2 * atOnce, atOnce, one);
    const [statements, begun] = [pool.statements, await walPosition(database)];
    await inFlight(runs, atOnce, one);
    return { inFlight: atOnce, wal: ((await walPosition(database)) - begun) / runs, statements: (pool.statements - statements) / runs };
  } finally {
    await errand.close();
    await pool.end();
  }
}

async function walPosition(database: Database): Promise<number> {
  return Number(await database.value("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"));
}

class CountingPool extends pg.Pool {
  statements = 0;
  readonly #counted = new WeakSet<pg.PoolClient>();

  // Only as a promise, which is how the store asks.
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Parameters<pg.Pool["connect"]>[0]): void;
  override connect(callback?: Parameters<pg.Pool["connect"]>[0]): Promise<pg.PoolClient> | void {
    if (callback) return super.connect(callback);
    return super.connect().then((client) => this.#count(client));
  }

  #count(client: pg.PoolClient): pg.PoolClient {
    if (this.#counted.has(client)) return client;
    this.#counted.add(client);
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = ((...args: unknown[]) => {
      this.statements += 1;
      return query(...args);
    }) as typeof client.query;
    return client;
  }
}
