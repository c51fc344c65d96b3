import { budgetLine } from "../measure.ts";
import { Scratch } from "../scratch.ts";
import type { Measurement } from "../suite.ts";
import { settleToEvent } from "./settle-to-event.ts";
import { startWeb } from "./web.ts";

/** Longest that one end in twenty may take to the client, ms. */
const BUDGET = 50;

/** How soon the end of a run that the web process performs is at a client. */
export const inProcess: Measurement = {
  name: "in-process",
  async measure() {
    using scratch = new Scratch();
    await using web = await startWeb(`file:${scratch.file("errand.sqlite")}`, "none");
    return [budgetLine("in-process", "ms p95", BUDGET, await settleToEvent(web))];
  },
};
