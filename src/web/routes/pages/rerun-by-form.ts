import { ConfigurationError, InvalidInputError, NoFailedItemsError, RunNotEndedError } from "../../../core/errors.ts";
import type { Run } from "../../../core/run.ts";
import type { RerunOptions } from "../../../runtime/errand.ts";
import type { FlashMessage } from "../../flash.ts";
import { backTo, type PageContext, pageContext } from "../../pages/tasks/page-context.ts";
import { pagePaths } from "../../pages/tasks/run-paths.ts";
import { notFound } from "../../refusal.ts";
import type { Site } from "../../site.ts";
import { allowedRun, identified } from "../allowed-run.ts";
import { goOn } from "./page-answer.ts";
import { pageForm } from "./page-form.ts";

/** POST /runs/:id/rerun, with `only=failed` for what failed: goes on to the new run's page where the form came from the old one's, else to the form's `next`. */
export async function rerunByForm(site: Site, request: Request, id: string): Promise<Response> {
  const run = await allowedRun(site, await identified(site, request), id, "rerun");
  const context = await pageContext(site, request);
  const form = await pageForm(site, request);
  const paths = pagePaths(site);
  const next = backTo(context, form("next")[0], paths.run(id));
  const begun = await begin(context, run, form("only")[0] === "failed" ? { only: "failed" } : {});
  if (typeof begun === "string") return goOn(context, next === paths.run(id) ? paths.run(begun) : next, begun, says(context, run, "rerun_started"));
  return goOn(context, next, id, begun);
}

/** The new run's id, or why there is none. */
async function begin(context: PageContext, run: Run, options: RerunOptions): Promise<string | FlashMessage> {
  const { errand } = context.site;
  try {
    const handle = await errand.rerun(run.id, options);
    if (!handle) throw notFound();
    return handle.id;
  } catch (error) {
    if (error instanceof RunNotEndedError) return says(context, run, "rerun_not_ended");
    if (error instanceof NoFailedItemsError) return says(context, run, "rerun_nothing_failed");
    if (error instanceof InvalidInputError) return says(context, run, "rerun_invalid");
    if (!(error instanceof ConfigurationError)) throw error;
    errand.log.warn({ error, runId: run.id }, "A run could not be rerun.");
    return says(context, run, "rerun_unknown");
  }
}

function says(context: PageContext, { name }: Run, key: string): FlashMessage {
  return { level: key === "rerun_started" ? "success" : "error", text: context.text(key, { name }) };
}
