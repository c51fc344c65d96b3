import { pageContext } from "../../pages/tasks/page-context.ts";
import { readParts, wholeOf } from "../../pages/tasks/parts.ts";
import { RunDetailPage } from "../../pages/tasks/run-detail.tsx";
import { type RunView, runViews } from "../../pages/tasks/run-view.ts";
import type { Site } from "../../site.ts";
import { allowedRun, identified } from "../allowed-run.ts";
import { pageWithFlashes } from "./page-answer.ts";

/** GET /runs/:id: everything of one run. @throws Refusal 403 without an identity, 404 for what is not the asker's to view. */
export async function showRun(site: Site, request: Request, id: string): Promise<Response> {
  const run = await allowedRun(site, await identified(site, request), id, "view");
  const context = await pageContext(site, request);
  const [view] = (await runViews(context, [run], () => true)) as [RunView];
  const parts = (await readParts(context, run, context.address.searchParams.get("parts"))) ?? undefined;
  const whole = await wholeOf(context, run);
  return pageWithFlashes(context, (flashes) => <RunDetailPage context={context} view={view} parts={parts} whole={whole} flashes={flashes} />);
}
