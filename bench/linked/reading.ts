import { setTimeout as rest } from "node:timers/promises";
import { createErrand, group } from "errand";
import { defineTasks } from "../embedded/tasks.ts";
import { budgetLine, tell } from "../measure.ts";
import { startWorker } from "../processes.ts";
import { Scratch } from "../scratch.ts";
import type { Measurement } from "../suite.ts";
import { heldMiB } from "./held.ts";

const RUNS = 10_000;
/** Longest that one read in a hundred may take, ms. */
const READ_BUDGET = 20;
/** What the process may have grown by while it follows a group to its end, MiB: some garbage, but nothing for each child. */
const GROWTH_BUDGET = 16;
/** Reads come as the polls of some users would. */
const EVERY_MS = 4;
const ROUNDS = 5;

interface Round {
  /** ms of each read, in order */
  readonly times: number[];
  /** MiB */
  readonly growth: number;
}

/** What it costs a web process to read a container of 10,000 while a worker runs its children, and whether it grows by that. */
export const reading: Measurement = {
  name: "group-read",
  async measure() {
    using scratch = new Scratch();
    const database = scratch.file("errand.sqlite");
    const errand = createErrand({ database: `file:${database}`, broker: "database", worker: false });
    const { noop } = defineTasks(errand);
    const round = async (): Promise<Round> => {
      const { id } = await group(Array.from({ length: RUNS }, () => noop.with(null))).start();
      const before = heldMiB();
      const times: number[] = [];
      for (;;) {
        const begun = performance.now();
        const run = await errand.get(id);
        times.push(performance.now() - begun);
        if (run?.state === "succeeded") break;
        if (run?.ended != null) throw new Error(`The group was ${run.state}.`);
        await rest(EVERY_MS);
      }
      return { times, growth: Math.max(heldMiB() - before, 0.1) };
    };
    try {
      await errand.start();
      await using _worker = await startWorker(new URL("../embedded/worker-app.ts", import.meta.url), database, ["--concurrency", "50"]);
      const rounds: Round[] = [];
      for (let count = 0; count <= ROUNDS; count++) rounds.push(await round());
      rounds.shift();
      tell(`group-read: ${rounds.map(({ times }) => times.length).join(", ")} reads`);
      return [
        budgetLine(
          "group-read",
          "ms p99",
          READ_BUDGET,
          rounds.map(({ times }) => p99(times)),
        ),
        budgetLine(
          "group-memory",
          "MiB",
          GROWTH_BUDGET,
          rounds.map(({ growth }) => growth),
        ),
      ];
    } finally {
      await errand.close();
    }
  },
};

function p99(times: readonly number[]): number {
  return [...times].sort((one, other) => one - other)[Math.ceil(times.length * 0.99) - 1] as number;
}
