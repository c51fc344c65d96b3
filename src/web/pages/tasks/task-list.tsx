import { isEnded } from "../../../core/states.ts";
import type { FlashMessage } from "../../flash.ts";
import type { ListPage } from "./list-page.ts";
import type { PageContext } from "./page-context.ts";
import { PageFrame, RefreshNote } from "./page-frame.tsx";
import { Pager } from "./pager.tsx";
import { RunCard } from "./run-card.tsx";
import { pagePaths } from "./run-paths.ts";
import type { RunView } from "./run-view.ts";
import { StateFilter } from "./state-filter.tsx";

interface TaskListPageProps {
  readonly context: PageContext;
  readonly page: ListPage;
  readonly views: readonly RunView[];
  /** The state that the list is filtered by. */
  readonly state: string | undefined;
  readonly flashes: readonly FlashMessage[];
}

/** "My tasks": what the reader has started, newest first. */
export function TaskListPage({ context, page, views, state, flashes }: TaskListPageProps) {
  const { text, site } = context;
  const path = pagePaths(site).list;
  const isEmpty = views.length === 0 && state === undefined && !page.newest && !page.newer && !page.older;
  return (
    <PageFrame context={context} title={text("my_tasks")} flashes={flashes} current="list" view="card">
      <h1 tabindex={-1}>{text("my_tasks")}</h1>
      {isEmpty ? (
        <div class="errand-empty">
          <h2>{text("empty_title")}</h2>
          <p>{text("empty")}</p>
        </div>
      ) : (
        <>
          <StateFilter context={context} current={state} />
          {views.some(({ run }) => !isEnded(run.state)) ? <RefreshNote context={context} /> : null}
          {views.length === 0 ? (
            <div class="errand-empty">
              <p>{text("empty_filter")}</p>
              <p>
                <a href={path}>{text("show_all")}</a>
              </p>
            </div>
          ) : (
            <ol class="errand-runs">
              {views.map((view) => (
                <RunCard context={context} view={view} />
              ))}
            </ol>
          )}
          <Pager context={context} page={page} path={path} query={{ state }} />
        </>
      )}
    </PageFrame>
  );
}
