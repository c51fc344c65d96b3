import type { PostgresOptions } from "errand/stores/postgres";
import pg from "pg";

type Pool = NonNullable<PostgresOptions["pool"]>;
type Client = Awaited<ReturnType<Pool["connect"]>>;
type Query = Parameters<Client["query"]>[0];

/** What a statement did, as PostgreSQL says. */
export interface Explained {
  readonly sql: string;
  /** Pages of 8 KiB that were looked at, in memory or on disk: a cost that no busy machine changes. */
  readonly pages: number;
  /** Indexes that it went by. */
  readonly indexes: readonly string[];
  /** Tables that it went through from end to end. */
  readonly scans: readonly string[];
}

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Shared Hit Blocks"?: number;
  readonly "Shared Read Blocks"?: number;
  readonly Plans?: readonly Plan[];
}

/** A pool of one connection that has each statement explained while it is done, takes it back, and does it again. */
export class ExplainingPool implements Pool {
  /** In the order in which they came. */
  readonly explained: Explained[] = [];
  readonly #pool: pg.Pool;

  /** @param settings as in postgresql.conf, for this connection */
  constructor(url: string, settings: Readonly<Record<string, string>>) {
    const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
    this.#pool = new pg.Pool({ connectionString: url, max: 1, options: options.join(" ") });
  }

  async connect(): Promise<Client> {
    const client = await this.#pool.connect();
    return {
      query: async (query) => {
        if (/^\s*(select|insert|update|delete|with)\b/i.test(query.text)) await this.#explain(client, query);
        return client.query(query as never) as never;
      },
      release: (destroy) => client.release(destroy),
    };
  }

  end(): Promise<void> {
    return this.#pool.end();
  }

  async #explain(client: pg.PoolClient, { text, values }: Query): Promise<void> {
    await client.query("BEGIN");
    try {
      const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ${text}`, values);
      const [{ Plan: plan }] = rows[0]["QUERY PLAN"] as [{ Plan: Plan }];
      const nodes = flat(plan);
      this.explained.push({
        sql: text,
        pages: (plan["Shared Hit Blocks"] ?? 0) + (plan["Shared Read Blocks"] ?? 0),
        indexes: named(nodes, (node) => node["Index Name"]),
        scans: named(nodes, (node) => (node["Node Type"] === "Seq Scan" ? node["Relation Name"] : undefined)),
      });
    } finally {
      await client.query("ROLLBACK");
    }
  }
}

function flat(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(flat)];
}

function named(nodes: readonly Plan[], name: (node: Plan) => string | undefined): string[] {
  return [...new Set(nodes.flatMap((node) => name(node) ?? []))].sort();
}
