import { sql } from "kysely";
import { heldStates } from "../../core/states.ts";
import type { MinuteCount, QueueDepth, WorkerRow } from "../../core/workers.ts";
import { isWaiting, stateIn } from "./change-statement.ts";
import type { SqlContext } from "./context.ts";
import { slot } from "./statements.ts";

/** See `Store.atWork`. Workers that were silent for `forgetAfter` ms are forgotten on the way. */
export async function noteWorker(
  context: SqlContext,
  worker: Pick<WorkerRow, "id" | "host" | "pid" | "queues" | "concurrency">,
  forgetAfter: number,
): Promise<void> {
  const { now } = context.driver;
  const results = await context.driver.write([
    context.bind(
      "note-worker",
      (db) =>
        db
          .insertInto("errand_workers")
          .values({
            id: slot<string>("id"),
            host: slot<string>("host"),
            pid: slot<number>("pid"),
            queues: slot<string>("queues"),
            concurrency: slot<number>("concurrency"),
            started: now,
            seen: now,
          })
          .onConflict((conflict) => conflict.column("id").doUpdateSet({ seen: now, queues: slot<string>("queues"), concurrency: slot<number>("concurrency") })),
      { ...worker, queues: JSON.stringify(worker.queues) },
    ),
    context.bind(
      "forget-workers",
      (db) =>
        db
          .deleteFrom("errand_workers")
          .where("seen", "<=", sql<number>`${now} - ${slot("forgetAfter")}`)
          .where("id", "!=", slot<string>("id")),
      { id: worker.id, forgetAfter },
    ),
  ]);
  for (const result of results) if (result instanceof Error) throw result;
}

/** See `Store.atWorkNoMore`. */
export async function forgetWorker(context: SqlContext, id: string): Promise<void> {
  await context.write("forget-worker", (db) => db.deleteFrom("errand_workers").where("id", "=", slot<string>("id")), { id });
}

export async function listWorkers(context: SqlContext): Promise<WorkerRow[]> {
  const rows = await context.read("workers", (db) =>
    db
      .selectFrom("errand_workers")
      .select(["id", "host", "pid", "queues", "concurrency", "started", "seen"])
      .select((eb) =>
        eb
          .selectFrom("errand_runs")
          .select(sql<number>`count(*)`.as("count"))
          .whereRef("errand_runs.worker", "=", "errand_workers.id")
          .where(stateIn(heldStates))
          .as("holding"),
      )
      .orderBy("started"),
  );
  return rows.map((row) => ({ ...(row as unknown as WorkerRow), queues: JSON.parse(row.queues as string) as string[] }));
}

export async function queueDepths(context: SqlContext): Promise<QueueDepth[]> {
  const { now } = context.driver;
  const waiting = await context.read("queue-waiting", (db) =>
    db
      .selectFrom("errand_runs")
      .select(["queue", sql<number>`count(*)`.as("count"), sql<number | null>`${now} - min(case when run_at <= ${now} then run_at end)`.as("oldest")])
      .where(isWaiting())
      .groupBy("queue"),
  );
  const running = await context.read("queue-running", (db) =>
    db
      .selectFrom("errand_runs")
      .select(["queue", sql<number>`count(*)`.as("count")])
      .where(stateIn(heldStates))
      .where("kind", "is", null)
      .groupBy("queue"),
  );
  const names = [...new Set([...waiting, ...running].map((row) => row.queue as string))].sort();
  return names.map((queue) => {
    const row = waiting.find((candidate) => candidate.queue === queue);
    return {
      queue,
      waiting: Number(row?.count ?? 0),
      running: Number(running.find((candidate) => candidate.queue === queue)?.count ?? 0),
      oldest: (row?.oldest as number | null | undefined) ?? null,
    };
  });
}

export async function endedPerMinute(context: SqlContext, minutes: number): Promise<MinuteCount[]> {
  const { now } = context.driver;
  const rows = await context.read(
    "ended-per-minute",
    (db) =>
      db
        .selectFrom("errand_runs")
        .select([sql<number>`ended / 60000 * 60000`.as("minute"), "state", sql<number>`count(*)`.as("count")])
        .where("ended", ">", sql<number>`${now} - ${slot("span")}`)
        .groupBy(["minute", "state"])
        .orderBy("minute"),
    { span: minutes * 60_000 },
  );
  const byMinute = new Map<number, MinuteCount>();
  for (const row of rows as unknown as { minute: number; state: "succeeded" | "failed" | "canceled"; count: number }[]) {
    const counts = byMinute.get(row.minute) ?? { minute: row.minute, succeeded: 0, failed: 0, canceled: 0 };
    byMinute.set(row.minute, { ...counts, [row.state]: Number(row.count) });
  }
  return [...byMinute.values()];
}
