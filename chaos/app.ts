import { setTimeout as rest } from "node:timers/promises";
import { UserError } from "errand";
import { joinInstallation } from "./installation.ts";
import { monotonic } from "./journal.ts";
import { type Planned, piecesOf, resultOf } from "./plan.ts";
import { Random } from "./random.ts";
import { noteBegun } from "./troubled-broker.ts";

// The app of every process that starts runs or takes them: workers load it as the command line does.

/** Longest pause between two pieces of a report, ms: so that there is something to be killed in. */
const LONGEST_PAUSE_MS = 40;
/** The same of one that is to be canceled. */
const LONGEST_UNWANTED_MS = 400;
/** The only pause of one that is quiet; and that of its later attempts, which are under way then when a frozen worker awakes in an earlier one. */
const LONGEST_QUIET_MS = 1500;
const LATER_QUIET_MS = 2500;

/** Only the starter gives it one. */
type ReportInput = Pick<Planned, "seed" | "kind">;

export const member = await joinInstallation(process.env.CHAOS_FOLDER as string, process.env.CHAOS_PROCESS as string);
const { journal } = member;
export const { errand } = member;

/** Leaves a report, piece by piece and as a whole, and returns its digest; a quiet one only returns it. */
export const report = errand.task({
  name: "report",
  // Whoever is killed so often has still attempts left: only what is to fail may fail.
  retries: { times: 500, delay: 50, max: 500 },
  timeout: "1m",
  calculateTotalSteps: (input) => piecesOf((input as ReportInput).seed).length,
  run: async (input, { runId: run, attempt, artifacts, status, signal }) => {
    const { seed, kind } = input as ReportInput;
    noteBegun();
    journal.write({ what: "begun", run, attempt, at: monotonic() });
    const random = new Random(seed, "pauses", String(attempt));
    if (kind === "quiet") {
      await rest(attempt === 1 ? random.below(LONGEST_QUIET_MS) : LATER_QUIET_MS, undefined, { signal });
      return resultOf(seed, attempt);
    }
    const pieces = piecesOf(seed);
    const kept = async (write: () => Promise<unknown>) => {
      const from = monotonic();
      await write();
      journal.write({ what: "kept", run, attempt, from });
    };
    for (const [place, piece] of pieces.entries()) {
      await kept(() => artifacts.append("pieces.txt", piece));
      await status.incrementCompletedSteps();
      await rest(random.below(kind === "unwanted" ? LONGEST_UNWANTED_MS : LONGEST_PAUSE_MS), undefined, { signal });
      if (place === 1 && kind === "flaky" && attempt === 1) throw new Error("This one fails at its first attempt.");
    }
    if (kind === "refused") throw new UserError("This report cannot be made.");
    await kept(() => artifacts.file("whole.txt", pieces.join("")));
    return resultOf(seed, attempt);
  },
});
