import { hash } from "node:crypto";
import { sql } from "kysely";
import type { Key, KeyClaim, KeyHolding, KeyStore } from "../core/keys.ts";
import { Recent } from "../core/recent.ts";
import { runColumns, toRun } from "./rows.ts";
import type { SqlContext } from "./sql-context.ts";
import { type Bound, slot } from "./statements.ts";

/** Keys in the same database as the runs: taken in the transaction that inserts the run, so there is no moment between the two to die in. */
export class SqlKeys implements KeyStore {
  readonly #context: SqlContext;

  constructor(context: SqlContext) {
    this.#context = context;
  }

  find(key: Parameters<KeyStore["find"]>[0]): KeyHolding | null | Promise<KeyHolding | null> {
    const { now } = this.#context.driver;
    return this.#context.readFirst(
      key.task === undefined ? "find-key" : "find-key-of-task",
      (db) => {
        const held = db
          .selectFrom("errand_keys as held")
          .leftJoin("errand_runs as run", (join) => join.onRef("run.id", "=", "held.run_id").on("run.removed", "is", null))
          .select(runColumns.map((column) => `run.${column} as ${column}` as const))
          .select(["held.task as key_task", "held.run_id as key_run", "held.good_run_id as good_run"])
          .select(["held.failures as failures", "held.keep as keep", sql<number>`${now}`.as("now")])
          .where("held.digest", "=", slot<string>("digest"));
        return key.task === undefined ? held.orderBy("held.run_id", "desc").limit(1) : held.where("held.task", "=", slot<string>("task"));
      },
      { digest: digestOf(key), task: key.task },
      (row) => this.#holding(key, row),
    );
  }

  #holding({ scope, address }: Omit<Key, "task">, row: readonly unknown[]): KeyHolding | Promise<KeyHolding> {
    const at = runColumns.length;
    const [task, runId, goodId] = [row[at], row[at + 1], row[at + 2]] as [string, string, string | null];
    const [failures, keep, now] = [row[at + 3], row[at + 4], row[at + 5]] as [number, number, number];
    const run = row[0] === null ? null : toRun(row);
    const about = { task, scope, address, runId, run, failures, keep: keep === 1, now };
    if (run?.state === "succeeded" || goodId === null) return { ...about, good: run?.state === "succeeded" ? run : null };
    return this.#withGood(about, goodId);
  }

  /** With the run that succeeded before the key's own began. It has ended: it is as it was, or was deleted meanwhile. */
  async #withGood(about: Omit<KeyHolding, "good">, id: string): Promise<KeyHolding> {
    const good = await this.#context.readFirst(
      "good-run",
      (db) => db.selectFrom("errand_runs").select(runColumns).where("id", "=", slot<string>("id")).where("removed", "is", null),
      { id },
      toRun,
    );
    return { ...about, good };
  }

  async ofRun(runId: string): Promise<Key | null> {
    const [row] = await this.#context.read(
      "key-of-run",
      (db) => db.selectFrom("errand_keys").select(["task", "scope", "address"]).where("run_id", "=", slot<string>("runId")),
      { runId },
    );
    return row ? ({ ...row } as unknown as Key) : null;
  }

  async forget(key: Key): Promise<boolean> {
    const rows = await this.#context.write(
      "forget-key",
      (db) => db.deleteFrom("errand_keys").where("digest", "=", slot<string>("digest")).where("task", "=", slot<string>("task")).returning("run_id"),
      { digest: digestOf(key), task: key.task },
    );
    return rows.length > 0;
  }
}

/** Takes a key for a run: it returns no row when the key does not stand as it was seen. */
export function claimKey(context: SqlContext, { seen, keep, ...claim }: KeyClaim, runId: string): Bound {
  const values = { ...claim, seen, keep: keep ? 1 : 0, runId, digest: digestOf(claim) };
  const set = {
    run_id: slot<string>("runId"),
    good_run_id: slot<string | null>("good"),
    failures: slot<number>("failures"),
    keep: slot<number>("keep"),
  };
  if (seen === null) {
    return context.bind(
      "take-key",
      (db) =>
        db
          .insertInto("errand_keys")
          .values({ ...set, digest: slot<string>("digest"), task: slot<string>("task"), scope: slot<string>("scope"), address: slot<string>("address") })
          .onConflict((conflict) => conflict.doNothing())
          .returning("run_id"),
      values,
    );
  }
  return context.bind(
    "take-key-from",
    (db) =>
      db
        .updateTable("errand_keys")
        .set(set)
        .where("digest", "=", slot<string>("digest"))
        .where("task", "=", slot<string>("task"))
        .where("run_id", "=", slot<string>("seen"))
        .returning("run_id"),
    values,
  );
}

/** The same addresses are asked for again and again. */
const digests = new Recent<string>(1000);

function digestOf({ scope, address }: Pick<Key, "scope" | "address">): string {
  const text = JSON.stringify([scope, address]);
  return digests.get(text, () => hash("sha256", text, "base64url"));
}
