import type { Run } from "../../../core/run.ts";
import { isEnded } from "../../../core/states.ts";
import type { Action } from "../../access.ts";
import { ConfirmBulkDeletePage } from "../../pages/admin/confirm-bulk-delete.tsx";
import { backTo, counted, type PageContext } from "../../pages/tasks/page-context.ts";
import { pagePaths } from "../../pages/tasks/run-paths.ts";
import { page } from "../../respond.ts";
import { isRunId } from "../../run-id.ts";
import type { Site } from "../../site.ts";
import { superuserContext } from "./admin.tsx";
import { goOn } from "./page-answer.ts";
import { pageForm } from "./page-form.ts";

/** POST /admin/runs: cancels, or asks and then deletes, the runs that were selected. Those that are gone, or that this superuser may not touch, are passed over. */
export async function adminBulk(site: Site, request: Request): Promise<Response> {
  const context = await superuserContext(site, request);
  const form = await pageForm(site, request);
  const next = backTo(context, form("next")[0], pagePaths(site).admin);
  const isDelete = form("do")[0] === "delete";
  const runs = await selected(context, form("run"), isDelete ? "delete" : "cancel");
  const say = (level: "success" | "error", text: string) => goOn(context, next, site.errand.newRunId(), { level, text });
  if (runs.length === 0) return say("error", context.text("none_selected"));
  if (isDelete && form("sure")[0] !== "yes") return page(site, <ConfirmBulkDeletePage context={context} runs={runs} next={next} />);
  if (isDelete) return say("success", counted(context, "bulk_deleted", await removeAll(site, runs)));
  const count = await cancelAll(site, runs);
  return say("success", count === 0 ? context.text("bulk_none_canceled") : counted(context, "bulk_canceled", count));
}

async function selected({ site, visitor }: PageContext, ids: readonly string[], action: Action): Promise<Run[]> {
  const found = await Promise.all([...new Set(ids)].filter(isRunId).map((id) => site.errand.get(id)));
  const runs: Run[] = [];
  for (const run of found) {
    if (action === "delete" && run?.parent) continue; // It goes with the whole.
    if (run && (await site.access.may(visitor, "view", run)) && (await site.access.may(visitor, action, run))) runs.push(run);
  }
  return runs;
}

/** How many were asked to stop. */
async function cancelAll(site: Site, runs: readonly Run[]): Promise<number> {
  const underWay = runs.filter((run) => !isEnded(run.state));
  const after = await Promise.all(underWay.map((run) => site.errand.cancel(run.id)));
  return after.filter((run) => run?.state === "canceled" || run?.state === "canceling").length;
}

/** How many were deleted, one after the other: each may have many files. */
async function removeAll(site: Site, runs: readonly Run[]): Promise<number> {
  let count = 0;
  for (const run of runs) if (await site.errand.remove(run.id)) count += 1;
  return count;
}
