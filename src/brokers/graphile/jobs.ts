import { type Logger, runMigrations } from "graphile-worker";
import { escapeIdentifier } from "pg";
import type { Delivery } from "../../core/broker.ts";
import { type Connections, within as inTime, type Query } from "./connections.ts";
import { identifierOf, PREFIX } from "./identifiers.ts";

/** Most deliveries in one statement. */
const CHUNK = 1000;
/** How long the first set-up of the schema may take, ms. */
const MIGRATION_MS = 30_000;
/** Graphile's lowest and highest are one further apart. */
const MOST_URGENT = 32_767;
/** The statements on graphile's schema: its public functions and its view of jobs. One job is one delivery, found by its key. */
export class Jobs {
  readonly #connections: Connections;
  readonly #schema: string;
  readonly #sql: Statements;
  readonly #hold: number;
  readonly #logger: Logger;
  #migrated: Promise<void> | undefined;

  /** @param hold a run is claimed as soon as its job is taken: a job that was taken so many ms ago, and whose run still waits, is stuck */
  constructor(connections: Connections, { schema, hold, logger }: { readonly schema: string; readonly hold: number; readonly logger: Logger }) {
    this.#connections = connections;
    this.#schema = schema;
    this.#sql = statementsFor(escapeIdentifier(schema));
    this.#hold = hold;
    this.#logger = logger;
  }

  /** Sets graphile's schema up, once; several processes may do so at the same time. @throws when a newer graphile has taken it over */
  migrate(): Promise<void> {
    this.#migrated ??= inTime(MIGRATION_MS, runMigrations({ pgPool: this.#connections.pool, schema: this.#schema, logger: this.#logger })).catch(
      (error: unknown) => {
        this.#migrated = undefined;
        throw error;
      },
    );
    return this.#migrated;
  }

  /** The schema may have changed while the connection was lost. */
  migrateAgain(): Promise<void> {
    this.#migrated = undefined;
    return this.migrate();
  }

  /** A delivery that is there already, waiting or taken, stays as it is. `within`: the app's own transaction. */
  async add(deliveries: readonly Delivery[], within?: Query): Promise<void> {
    const now = Date.now();
    const specs = [...new Map(deliveries.map((delivery) => [keyOf(delivery), specOf(delivery, delivery.runAt - now)])).values()];
    const query = within ?? this.#connections.query;
    const statement = within ? this.#sql.add : this.#sql.addAhead;
    for (let from = 0; from < specs.length; from += CHUNK) await query(statement, [JSON.stringify(specs.slice(from, from + CHUNK))]);
  }

  /** Puts a delivery that was taken back, to come after so many ms. Its key goes to a new job, and the one that was taken ends as if done. */
  async putBack(delivery: Delivery, wait: number): Promise<void> {
    await this.#connections.query(this.#sql.putBack, [JSON.stringify([specOf(delivery, wait)])]);
  }

  /** True when there was a job of this delivery that nobody had taken. */
  async remove(delivery: Delivery): Promise<boolean> {
    return (await this.#connections.query(this.#sql.remove, [keyOf(delivery)])).length > 0;
  }

  /** Those without a job. Whoever took one and lost it on the way loses its lock here, so that another can take it. */
  async missing(deliveries: readonly Delivery[]): Promise<Delivery[]> {
    const rows = await this.#connections.query(this.#sql.held, [deliveries.map(keyOf), this.#hold]);
    await this.unlock(rows.filter(({ stuck }) => stuck).map(({ locked_by }) => String(locked_by)));
    const held = new Set(rows.map(({ key }) => key));
    return deliveries.filter((delivery) => !held.has(keyOf(delivery)));
  }

  /** Unlocks the jobs of these deliveries, with whatever else their workers had taken. */
  async release(deliveries: readonly Delivery[]): Promise<void> {
    const rows = await this.#connections.query(this.#sql.held, [deliveries.map(keyOf), this.#hold]);
    await this.unlock(rows.filter(({ locked_by }) => locked_by !== null).map(({ locked_by }) => String(locked_by)));
  }

  /** Unlocks all that these workers of graphile's have taken. It comes again; a run that is under way refuses it. */
  async unlock(workers: readonly string[]): Promise<void> {
    if (workers.length > 0) await this.#connections.query(this.#sql.unlock, [[...new Set(workers)]]);
  }

  /** Removes what graphile would keep for ever: jobs without a try left, which `putBack` leaves when its process dies. */
  async removeSpent(): Promise<void> {
    await this.#connections.query(this.#sql.removeSpent, []);
  }

  /** @throws when there is no answer */
  async ping(): Promise<void> {
    await this.#connections.query("select 1", []);
  }

  /** Graphile's names of all queues that were ever used. */
  async identifiers(): Promise<string[]> {
    return (await this.#connections.query(this.#sql.identifiers, [])).map(({ identifier }) => String(identifier));
  }
}

/** False for a job that somebody else added under a name of ours. */
export function isDelivery(payload: unknown): payload is Delivery {
  return typeof payload === "object" && payload !== null && "runId" in payload && "attempt" in payload && "queue" in payload;
}

function keyOf({ runId, attempt }: Pick<Delivery, "runId" | "attempt">): string {
  return `${runId}-${attempt}`;
}

/** `wait` in ms, by whatever clock: the database adds it to its own. */
function specOf({ runId, queue, attempt, priority, runAt }: Delivery, wait: number) {
  const payload: Delivery = { runId, queue, attempt, priority, runAt };
  const urgency = Math.max(-MOST_URGENT, Math.min(MOST_URGENT, Math.round(-priority)));
  return { identifier: identifierOf(queue), payload: JSON.stringify(payload), key: keyOf(payload), urgency, wait };
}

type Statements = Readonly<Record<"add" | "addAhead" | "putBack" | "remove" | "held" | "unlock" | "removeSpent" | "identifiers", string>>;

function statementsFor(schema: string): Statements {
  // Microseconds keep the order of those that are due in the same millisecond. A job never runs out of tries: whether a run does is the store's to say.
  const add = (where: string) => `
    select count(*)::int as count from ${schema}.add_jobs(array(
      select row(
        given.identifier, given.payload::json, null::text,
        statement_timestamp() + given.wait * interval '1 millisecond' + given.place * interval '1 microsecond',
        32767::smallint, given.key, given.urgency::smallint, null::text[]
      )::${schema}.job_spec
      from rows from (json_to_recordset($1::text::json) as (identifier text, payload text, key text, urgency int, wait float8))
        with ordinality as given(identifier, payload, key, urgency, wait, place)
      ${where}
    ), true)`;
  const addOnce = add(`where not exists (select from ${schema}.jobs as taken where taken.key = given.key and taken.locked_at is not null)`);
  return {
    add: addOnce,
    // Committed before it is on the disk: what a crash of the server takes back is dispatched again, since its run stands.
    addAhead: `select set_config('synchronous_commit', 'off', true), (${addOnce})`,
    putBack: add(""),
    remove: `
      select id from ${schema}.complete_jobs(array(
        select id from ${schema}.jobs where key = $1::text and locked_at is null
      ))`,
    held: `
      select key, locked_by, coalesce(locked_at < now() - $2::float8 * interval '1 millisecond', false) as stuck
      from ${schema}.jobs where key = any($1::text[])`,
    unlock: `select ${schema}.force_unlock_workers($1::text[])`,
    removeSpent: `
      select count(*)::int as count from ${schema}.complete_jobs(array(
        select id from ${schema}.jobs where starts_with(task_identifier, '${PREFIX}') and attempts >= max_attempts and locked_at is null
      ))`,
    // Graphile has no public list of its task names.
    identifiers: `select identifier from ${schema}._private_tasks where starts_with(identifier, '${PREFIX}')`,
  };
}
