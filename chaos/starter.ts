import { setTimeout as rest } from "node:timers/promises";
import { isEnded, type Run } from "errand";
import { errand, member, report } from "./app.ts";
import { rightNow } from "./clock.ts";
import type { Planned } from "./plan.ts";
import { readAllowance, readPlan } from "./setting.ts";

// A web process: it starts its part of the plan, as so many users at once, each of whom waits for the end before the next. Killed and started
// anew, it finds out where it was. Without a broker it performs the runs, too.

/** Rest after the store has refused something, ms. */
const AFTER_ERROR_MS = 100;
/** How often it looks whether it may go on, ms. */
const ALLOWANCE_EVERY_MS = 50;
/** Longest wait in one piece, ms. */
const WAIT_MS = 5000;

const part = Number(process.env.CHAOS_PART);
const { setting, journal } = member;
let isStopping = false;
/** When its part is done, it stays, as web processes do. */
const alive = setInterval(() => undefined, WAIT_MS);
process.once("SIGTERM", () => {
  isStopping = true;
  clearInterval(alive);
  void errand.close({ grace: "2s" }).then(() => member.close());
});

const folder = process.env.CHAOS_FOLDER as string;
const todo = [...readPlan(folder).entries()].filter(([place]) => place % setting.starters === part).values();
await insist(() => errand.start());
console.log("working");
await Promise.all(Array.from({ length: setting.users }, work)).catch((error: unknown) => {
  if (!isStopping) throw error;
});

async function work(): Promise<void> {
  for (const [place, next] of todo) {
    while (place >= readAllowance(folder) && !isStopping) await rest(ALLOWANCE_EVERY_MS);
    if (isStopping) return;
    let run = await insist(() => start(next));
    if (next.kind === "unwanted" && !isEnded(run.state)) run = await insist(async () => (await errand.cancel(next.id)) ?? run);
    // Without an end to wait for, nobody stays: that a run is lost is found out in the end.
    while (!isEnded(run.state) && !isStopping) run = await insist(async () => (await errand.wait(next.id, { timeout: WAIT_MS })) ?? run);
  }
}

/** The run stands, from now on or already: an error of an earlier try does not say that it was not stored. */
async function start({ id, seed, kind, queue, priority, later }: Planned): Promise<Run> {
  const known = await errand.get(id);
  if (known) return known;
  const { run } = await report.start({ seed, kind }, { id, queue, priority, ...(later > 0 && { runAt: new Date(rightNow() + later) }) });
  journal.write({ what: "started", run: id });
  return run;
}

/** Tries until it works. */
async function insist<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (isStopping) throw error;
      errand.log.warn({ error }, "Trying again.");
      await rest(AFTER_ERROR_MS);
    }
  }
}
