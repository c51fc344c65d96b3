import { hash } from "node:crypto";
import { sql } from "kysely";
import type { Key, KeyClaim, KeyHolding, KeyStore } from "../../core/keys.ts";
import { Recent } from "../../core/recent.ts";
import type { Run } from "../../core/run.ts";
import type { SqlContext } from "./context.ts";
import { runColumns, toRun } from "./rows.ts";
import { type Bound, slot } from "./statements.ts";

/** Where some of a row's values stand. */
const at = { rev: runColumns.indexOf("rev"), ended: runColumns.indexOf("ended"), result: runColumns.indexOf("result") };
const REMEMBERED = 500;
/** Longest result that is remembered, characters of JSON. */
const LONGEST_RESULT = 8192;

/** Keys in the same database as the runs: taken in the transaction that inserts the run, so there is no moment between the two to die in. */
export class SqlKeys implements KeyStore {
  readonly #context: SqlContext;
  /** Rows of ended runs that were asked for lately, by id: together at most some 8 MiB. Rows, since whoever gets a run may change its result. */
  readonly #ended = new Map<string, readonly unknown[]>();

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
          .select(["held.task as task", "held.run_id as run_id", "held.good_run_id as good_run_id", "held.failures as failures", "held.keep as keep"])
          .select(["run.rev as rev", sql<number>`${now}`.as("now")])
          .where("held.digest", "=", slot<string>("digest"));
        return key.task === undefined ? held.orderBy("held.run_id", "desc").limit(1) : held.where("held.task", "=", slot<string>("task"));
      },
      { digest: digestOf(key), task: key.task },
      (row) => this.#holding(key, row),
    );
  }

  #holding({ scope, address }: Omit<Key, "task">, row: readonly unknown[]): KeyHolding | Promise<KeyHolding> {
    const [task, runId, goodId, failures, keep, rev, now] = row as [string, string, string | null, number, number, number | null, number];
    const about = { task, scope, address, runId, failures, keep: keep === 1, now };
    const complete = (run: Run | null): KeyHolding | Promise<KeyHolding> => {
      if (run?.state === "succeeded" || goodId === null) return { ...about, run, good: run?.state === "succeeded" ? run : null };
      // It has ended: it is as it was, or was deleted meanwhile.
      const good = this.#read(goodId);
      return good instanceof Promise ? good.then((later) => ({ ...about, run, good: later })) : { ...about, run, good };
    };
    const run = rev === null ? null : this.#runAt(runId, rev);
    return run instanceof Promise ? run.then(complete) : complete(run);
  }

  /** The run of that revision; one that has ended is read once, since it does not change any more. */
  #runAt(id: string, rev: number): Run | null | Promise<Run | null> {
    const known = this.#ended.get(id);
    return known?.[at.rev] === rev ? toRun(known) : this.#read(id);
  }

  #read(id: string): Run | null | Promise<Run | null> {
    return this.#context.readFirst(
      "keyed-run",
      (db) => db.selectFrom("errand_runs").select(runColumns).where("id", "=", slot<string>("id")).where("removed", "is", null),
      { id },
      (row) => {
        if (row[at.ended] !== null && String(row[at.result] ?? "").length <= LONGEST_RESULT) this.#remember(id, row);
        return toRun(row);
      },
    );
  }

  #remember(id: string, row: readonly unknown[]): void {
    if (this.#ended.size >= REMEMBERED) this.#ended.delete(this.#ended.keys().next().value as string);
    this.#ended.set(id, row);
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
  // The length tells where the scope ends, whatever it holds.
  const text = `${scope.length}:${scope}${address}`;
  return digests.get(text, () => hash("sha256", text, "base64url"));
}
