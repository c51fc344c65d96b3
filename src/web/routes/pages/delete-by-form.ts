import { backTo, pageContext } from "../../pages/tasks/page-context.ts";
import { pagePaths } from "../../pages/tasks/run-paths.ts";
import { notFound } from "../../refusal.ts";
import type { Site } from "../../site.ts";
import { allowedRun, identified, refusePart } from "../allowed-run.ts";
import { goOn } from "./page-answer.ts";
import { pageForm } from "./page-form.ts";

/** POST /runs/:id/delete: the run with all that it left is gone; goes on to the form's `next`. */
export async function deleteByForm(site: Site, request: Request, id: string): Promise<Response> {
  const run = await allowedRun(site, await identified(site, request), id, "delete");
  refusePart(run);
  const context = await pageContext(site, request);
  const form = await pageForm(site, request);
  if (!(await site.errand.remove(id))) throw notFound();
  const next = backTo(context, form("next")[0], pagePaths(site).list);
  return goOn(context, next, id, { level: "success", text: context.text("deleted", { name: run.name }) });
}
