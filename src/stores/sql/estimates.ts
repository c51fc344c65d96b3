import { type RawBuilder, sql } from "kysely";
import type { EstimateStore, History } from "../../core/estimate.ts";
import type { Run } from "../../core/run.ts";
import { isWaiting } from "./change-statement.ts";
import type { SqlContext } from "./context.ts";
import { slot } from "./statements.ts";

/** See `EstimateStore`. */
export class SqlEstimates implements EstimateStore {
  readonly #context: SqlContext;

  constructor(context: SqlContext) {
    this.#context = context;
  }

  async history(task: string): Promise<History | null> {
    const [row] = await this.#context.read("history", (db) => db.selectFrom("errand_histories").select("history").where("task", "=", slot<string>("task")), {
      task,
    });
    return row === undefined ? null : (JSON.parse(row.history as string) as History);
  }

  async keepHistory(task: string, history: History): Promise<void> {
    await this.#context.write(
      "keep-history",
      (db) =>
        db
          .insertInto("errand_histories")
          .values({ task: slot<string>("task"), history: slot<string>("history") })
          .onConflict((conflict) => conflict.column("task").doUpdateSet({ history: slot<string>("history") })),
      { task, history: JSON.stringify(history) },
    );
  }

  /** Two stretches of the index of what waits, each read no further than its limit: those of a higher priority, and earlier ones of the same. */
  async ahead({ id, queue, priority, runAt }: Pick<Run, "id" | "queue" | "priority" | "runAt">, most: number): Promise<{ count: number; isMore: boolean }> {
    const { now } = this.#context.driver;
    const stretch = (name: string, condition: RawBuilder<boolean>) => sql`
      select * from (
        select queue, run_at from errand_runs where ${isWaiting()} and ${condition} order by priority desc, run_at, id limit ${slot("limit")}
      ) as ${sql.ref(name)}`;
    const [row] = await this.#context.read(
      "ahead",
      (db) => ({
        compile: () =>
          sql`
            select count(*) as looked, coalesce(sum(case when queue = ${slot("queue")} and run_at <= ${now} then 1 else 0 end), 0) as count from (
              ${stretch("higher", sql`priority > ${slot("priority")}`)}
              union all
              ${stretch("earlier", sql`priority = ${slot("priority")} and (run_at, id) < (${slot("runAt")}, ${slot("id")})`)}
            ) as before
          `.compile(db),
      }),
      { id, queue, priority, runAt, limit: most + 1 },
    );
    const count = Number(row?.count);
    return { count: Math.min(count, most), isMore: Number(row?.looked) > most };
  }

  async pace(queue: string, { within, most }: { within: number; most: number }): Promise<{ ended: number; span: number }> {
    const { now } = this.#context.driver;
    const [row] = await this.#context.read(
      "pace",
      (db) =>
        db
          .selectFrom(
            db
              .selectFrom("errand_runs")
              .select(["queue", "kind", "ended"])
              .where("ended", ">", sql<number>`${now} - ${slot("within")}`)
              .orderBy("ended", "desc")
              .limit(slot<number>("most"))
              .as("lately"),
          )
          .select([
            sql<number>`coalesce(sum(case when queue = ${slot("queue")} and kind is null then 1 else 0 end), 0)`.as("count"),
            sql<number>`coalesce(${now} - min(ended), 0)`.as("span"),
          ]),
      { queue, within, most },
    );
    return { ended: Number(row?.count), span: Number(row?.span) };
  }
}
