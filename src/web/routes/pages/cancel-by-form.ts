import { isEnded } from "../../../core/states.ts";
import { backTo, pageContext } from "../../pages/tasks/page-context.ts";
import { pagePaths } from "../../pages/tasks/run-paths.ts";
import { notFound } from "../../refusal.ts";
import type { Site } from "../../site.ts";
import { allowedRun, identified } from "../allowed-run.ts";
import { goOn } from "./page-answer.ts";
import { pageForm } from "./page-form.ts";

/** POST /runs/:id/cancel: goes on to the form's `next`, with a word on what came of it. */
export async function cancelByForm(site: Site, request: Request, id: string): Promise<Response> {
  const before = await allowedRun(site, await identified(site, request), id, "cancel");
  const context = await pageContext(site, request);
  const form = await pageForm(site, request);
  const run = await site.errand.cancel(id);
  if (!run) throw notFound();
  const hadEnded = isEnded(before.state) || run.state === "succeeded" || run.state === "failed";
  const key = hadEnded ? "already_ended" : run.state === "canceled" ? "canceled" : "canceling";
  const next = backTo(context, form("next")[0], pagePaths(site).run(id));
  return goOn(context, next, id, { level: "success", text: context.text(key, { name: run.name }) });
}
