import { setTimeout as rest } from "node:timers/promises";
import { createErrand } from "errand";
import { errandWeb } from "errand/web";
import { z } from "zod";

/** How long a month takes, ms: long enough to watch. */
const MONTH = 100;

export const errand = createErrand({ database: process.env.DATABASE_URL });
export const web = errandWeb(errand);

const exportYear = errand.task({
  name: "export_year",
  input: z.object({ year: z.coerce.number().int().min(2000).max(2100) }),
  calculateTotalSteps: () => 12,
  run: async ({ year }, { status, artifacts }) => {
    for (let month = 1; month <= 12; month++) {
      await status.setState(`Exporting month ${month} of ${year}`);
      await rest(MONTH);
      await artifacts.append("orders.csv", `${year}-${month},${month * 7}\n`);
      await status.incrementCompletedSteps();
    }
  },
});

export const startExport = web.asyncAction({ task: exportYear, successUrl: (_, { runId }) => `/done/${runId}`, errorUrl: "/", successMessage: () => "" });
