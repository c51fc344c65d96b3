import { Place } from "../brokers/place.ts";
import { budgetLine } from "../measure.ts";
import { startWorker } from "../processes.ts";
import type { Measurement } from "../suite.ts";
import { settleToEvent } from "./settle-to-event.ts";
import { startWeb } from "./web.ts";

/** Longest that one end in twenty may take to the client, ms. */
const BUDGET = 100;

/** How soon the end of a run that a worker performs, on PostgreSQL, is at a client of the web process. */
export const across: Measurement = {
  name: "across",
  async measure() {
    await using place = await Place.make();
    await using web = await startWeb(place.database, "database");
    await using _worker = await startWorker(new URL("./worker-app.ts", import.meta.url), place.database, ["--grace", "0s"]);
    return [budgetLine("across", "ms p95", BUDGET, await settleToEvent(web))];
  },
};
