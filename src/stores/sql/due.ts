import { sql } from "kysely";
import type { Delivery } from "../../core/broker.ts";
import type { Store } from "../../core/store.ts";
import { isWaiting } from "./change-statement.ts";
import type { SqlContext } from "./context.ts";
import { named, slots } from "./in-batches.ts";
import { slot } from "./statements.ts";

type Due = Awaited<ReturnType<Store["due"]>>;

/** See `Store.due`. */
export async function dueRuns(context: SqlContext, { queues, limit, except }: Parameters<Store["due"]>[0]): Promise<Due> {
  const { now } = context.driver;
  const [clock] = await context.read("clock", (db) => db.selectNoFrom(sql<number>`${now}`.as("now")));
  const rows = await context.read(
    `due${queues.length}`,
    (db) => {
      const waiting = db.selectFrom("errand_runs").select(["id", "queue", "attempt", "priority", "run_at"]).where(isWaiting()).where("run_at", "<=", now);
      const chosen = queues.length > 0 ? waiting.where("queue", "in", slots(queues)) : waiting;
      return chosen.orderBy("priority", "desc").orderBy("run_at").orderBy("id").limit(slot<number>("limit"));
    },
    { ...named(queues), limit: limit + except.length },
  );
  const skip = new Set(except);
  const deliveries = (rows as unknown as { id: string; queue: string; attempt: number; priority: number; run_at: number }[])
    .filter((row) => !skip.has(row.id))
    .slice(0, limit)
    .map((row): Delivery => ({ runId: row.id, queue: row.queue, attempt: row.attempt + 1, priority: row.priority, runAt: row.run_at }));
  return { deliveries, nextIn: deliveries.length >= limit ? 0 : await nextDueIn(context, queues, clock?.now as number) };
}

/** `since`: a time before the due runs were read, so that a run that comes due between the two reads is not slept through. */
async function nextDueIn(context: SqlContext, queues: readonly string[], since: number): Promise<number | null> {
  const { now } = context.driver;
  const [row] = await context.read(
    `next-due${queues.length}`,
    (db) => {
      const waiting = db
        .selectFrom("errand_runs")
        .select(sql<number>`min(run_at) - ${now}`.as("next"))
        .where(isWaiting())
        .where("run_at", ">", slot<number>("since"));
      return queues.length > 0 ? waiting.where("queue", "in", slots(queues)) : waiting;
    },
    { ...named(queues), since },
  );
  const next = (row?.next as number | null | undefined) ?? null;
  return next === null ? null : Math.max(next, 0);
}
