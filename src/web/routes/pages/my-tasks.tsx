import { listPlace, readListPage } from "../../pages/tasks/list-page.ts";
import { pageContext } from "../../pages/tasks/page-context.ts";
import { runViews } from "../../pages/tasks/run-view.ts";
import { statesOf } from "../../pages/tasks/state-filter.tsx";
import { TaskListPage } from "../../pages/tasks/task-list.tsx";
import { wantedRuns } from "../../rest/list-filter.ts";
import type { Site } from "../../site.ts";
import { pageWithFlashes } from "./page-answer.ts";

const PAGE = 20;

/** GET /: the asker's own runs, also a superuser's. Somebody whom nothing can belong to yet sees an empty list that says what it is for. */
export async function myTasks(site: Site, request: Request): Promise<Response> {
  const context = await pageContext(site, request);
  const { visitor, address } = context;
  const allowed = await site.access.runsFor(visitor);
  const own = allowed.owner === undefined ? { ...allowed, owner: visitor.owner } : allowed;
  const states = statesOf(address.searchParams.get("state"));
  const state = states && (address.searchParams.get("state") ?? undefined);
  const filter = visitor.owner === null ? null : wantedRuns(own, { state: states });
  const page = await readListPage(context, filter, listPlace(address.searchParams), PAGE);
  const views = await runViews(context, page.runs, () => true);
  return pageWithFlashes(context, (flashes) => <TaskListPage context={context} page={page} views={views} state={state} flashes={flashes} />);
}
