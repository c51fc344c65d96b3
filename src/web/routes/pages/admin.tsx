import { AdminPage } from "../../pages/admin/admin.tsx";
import { adminFilter, adminWishes } from "../../pages/admin/admin-filter.ts";
import { listPlace, readListPage } from "../../pages/tasks/list-page.ts";
import { type PageContext, pageContext } from "../../pages/tasks/page-context.ts";
import { runViews } from "../../pages/tasks/run-view.ts";
import { notFound } from "../../refusal.ts";
import type { Site } from "../../site.ts";
import { pageWithFlashes } from "./page-answer.ts";

const PAGE = 50;

/** GET /admin: everybody's runs, queues, workers and throughput. To all but superusers there is no such page. */
export async function admin(site: Site, request: Request): Promise<Response> {
  const context = await superuserContext(site, request);
  const { searchParams } = context.address;
  const wishes = adminWishes(searchParams);
  const filter = adminFilter(await site.access.runsFor(context.visitor), wishes);
  const [overview, page] = await Promise.all([site.errand.overview(), readListPage(context, filter, listPlace(searchParams), PAGE)]);
  const views = await runViews(context, page.runs);
  return pageWithFlashes(context, (flashes) => <AdminPage context={context} overview={overview} wishes={wishes} page={page} views={views} flashes={flashes} />);
}

/** @throws Refusal 404 to whoever is no superuser. */
export async function superuserContext(site: Site, request: Request): Promise<PageContext> {
  const context = await pageContext(site, request);
  if (!context.superuser) throw notFound();
  return context;
}
