import { ConfirmDeletePage } from "../../pages/tasks/confirm-delete.tsx";
import { backTo, pageContext } from "../../pages/tasks/page-context.ts";
import { pagePaths } from "../../pages/tasks/run-paths.ts";
import { page } from "../../respond.ts";
import type { Site } from "../../site.ts";
import { allowedRun, identified, refusePart } from "../allowed-run.ts";

/** GET /runs/:id/delete: asks before the run is deleted. */
export async function askDelete(site: Site, request: Request, id: string): Promise<Response> {
  const run = await allowedRun(site, await identified(site, request), id, "delete");
  refusePart(run);
  const context = await pageContext(site, request);
  const query = context.address.searchParams;
  const paths = pagePaths(site);
  const next = backTo(context, query.get("next"), paths.list);
  return page(site, <ConfirmDeletePage context={context} run={run} next={next} from={backTo(context, query.get("from"), paths.run(id))} />);
}
