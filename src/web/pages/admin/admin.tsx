import { isEnded } from "../../../core/states.ts";
import type { Overview } from "../../../runtime/errand.ts";
import type { FlashMessage } from "../../flash.ts";
import type { ListPage } from "../tasks/list-page.ts";
import type { PageContext } from "../tasks/page-context.ts";
import { PageFrame, RefreshNote } from "../tasks/page-frame.tsx";
import { Pager } from "../tasks/pager.tsx";
import { pagePaths } from "../tasks/run-paths.ts";
import type { RunView } from "../tasks/run-view.ts";
import type { AdminWishes } from "./admin-filter.ts";
import { FilterForm } from "./filter-form.tsx";
import { OverviewSection } from "./overview.tsx";
import { RunTable } from "./run-table.tsx";

interface AdminPageProps {
  readonly context: PageContext;
  readonly overview: Overview;
  readonly wishes: AdminWishes;
  readonly page: ListPage;
  readonly views: readonly RunView[];
  readonly flashes: readonly FlashMessage[];
}

/** Everybody's runs, and what the installation is doing. */
export function AdminPage({ context, overview, wishes, page, views, flashes }: AdminPageProps) {
  const { text, site } = context;
  return (
    <PageFrame context={context} title={text("all_tasks")} flashes={flashes} current="admin" view="row">
      <h1 tabindex={-1}>{text("all_tasks")}</h1>
      <OverviewSection context={context} overview={overview} />
      <FilterForm context={context} wishes={wishes} />
      {views.some(({ run }) => !isEnded(run.state)) ? <RefreshNote context={context} /> : null}
      {views.length === 0 ? (
        <div class="errand-empty">
          <p>{text("none_found")}</p>
        </div>
      ) : (
        <RunTable context={context} views={views} />
      )}
      <Pager context={context} page={page} path={pagePaths(site).admin} query={{ ...wishes }} />
    </PageFrame>
  );
}
