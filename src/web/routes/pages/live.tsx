import type { Run } from "../../../core/run.ts";
import { OverviewSection } from "../../pages/admin/overview.tsx";
import { RunRow } from "../../pages/admin/run-row.tsx";
import { backTo, type PageContext, pageContext } from "../../pages/tasks/page-context.ts";
import { PartRow } from "../../pages/tasks/part-list.tsx";
import { RunCard } from "../../pages/tasks/run-card.tsx";
import { RunDetail } from "../../pages/tasks/run-detail.tsx";
import { pagePaths } from "../../pages/tasks/run-paths.ts";
import { type RunView, runViews, versionOf } from "../../pages/tasks/run-view.ts";
import { json } from "../../respond.ts";
import { isRunId } from "../../run-id.ts";
import type { Site } from "../../site.ts";

/** Most runs that are asked about at once. */
const MOST = 50;

const faces = { card: RunCard, detail: RunDetail, row: RunRow };

/**
 * GET /live?view=card&here=/path&run=id:version&run=…&part=id:version&…: what has changed of the runs that a page shows, as the page shows
 * it, and which are gone. With `view=row` a superuser also gets the overview.
 */
export async function live(site: Site, request: Request): Promise<Response> {
  const context = await pageContext(site, request);
  const query = context.address.searchParams;
  const here = { ...context, here: backTo(context, query.get("here"), pagePaths(site).list) };
  const parts = new Map(query.getAll("part").slice(0, MOST).map(idAndVersion));
  const shown = new Map([...parts, ...query.getAll("run").slice(0, MOST).map(idAndVersion)]);
  const runs = await visible(context, [...shown.keys()]);
  const view = query.get("view") ?? "";
  const views = await runViews(context, runs, ({ id }) => view !== "row" && !parts.has(id));
  const Face = faces[Object.hasOwn(faces, view) ? (view as keyof typeof faces) : "card"];
  const show = (found: RunView) => (parts.has(found.run.id) ? <PartRow context={here} view={found} /> : <Face context={here} view={found} />);
  const changed = views.filter((found) => versionOf(found) !== shown.get(found.run.id));
  const known = new Set(runs.map((run) => run.id));
  return json({
    changed: await Promise.all(changed.map(async (found) => ({ id: found.run.id, html: await show(found).toString() }))),
    gone: [...shown.keys()].filter((id) => !known.has(id)),
    ...(view === "row" && context.superuser && { overview: await overviewHtml(context) }),
  });
}

function idAndVersion(text: string): [id: string, version: string] {
  const colon = text.indexOf(":");
  return colon < 0 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 1)];
}

/** Those of the ids that the asker may see. */
async function visible({ site, visitor }: PageContext, ids: readonly string[]): Promise<Run[]> {
  const found = await Promise.all(ids.filter(isRunId).map((id) => site.errand.get(id)));
  const allowed = await Promise.all(found.map(async (run) => (run !== null && (await site.access.may(visitor, "view", run)) ? run : null)));
  return allowed.filter((run) => run !== null);
}

async function overviewHtml(context: PageContext): Promise<string> {
  const overview = await context.site.errand.overview();
  return (<OverviewSection context={context} overview={overview} />).toString();
}
