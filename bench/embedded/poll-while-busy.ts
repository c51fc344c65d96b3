import { latencies } from "../http-client.ts";
import { budgetLine, repeat } from "../measure.ts";
import { startServer, startWorker } from "../processes.ts";
import { Scratch } from "../scratch.ts";
import type { Measurement } from "../suite.ts";
import { readDocument, startAsVisitor } from "./visitor.ts";

/** Longest that one poll in a hundred may take, ms. */
const BUDGET = 50;
/** 200 polls a second: the pages of some hundred users. */
const LOAD = { connections: 20, every: 100, duration: 2000 };

/** How long polls take while a worker process burns CPU for the very run that is polled. */
export const pollWhileBusy: Measurement = {
  name: "poll-while-busy",
  async measure() {
    using scratch = new Scratch();
    const database = scratch.file("errand.sqlite");
    await using web = await startServer(new URL("./web-server.ts", import.meta.url), [database, "burn"]);
    await using _worker = await startWorker(new URL("./worker-app.ts", import.meta.url), database, ["--grace", "0s"]);
    const target = await startAsVisitor(web.port);
    const p99 = async () => {
      const before = await readDocument(target);
      const times = await latencies(target, LOAD);
      const after = await readDocument(target);
      if (after.completed_steps <= before.completed_steps) throw new Error(`The task did not go on while it was polled: ${after.completed_steps} steps.`);
      return times[Math.ceil(times.length * 0.99) - 1] as number;
    };
    return [budgetLine("poll-while-busy", "ms p99", BUDGET, await repeat(p99, 5))];
  },
};
