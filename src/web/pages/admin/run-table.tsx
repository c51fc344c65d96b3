import type { PageContext } from "../tasks/page-context.ts";
import { pagePaths } from "../tasks/run-paths.ts";
import type { RunView } from "../tasks/run-view.ts";
import { RunRow } from "./run-row.tsx";

interface RunTableProps {
  readonly context: PageContext;
  readonly views: readonly RunView[];
}

/** All runs of a page, to be chosen from and then canceled or deleted together. */
export function RunTable({ context, views }: RunTableProps) {
  const { site, text, here } = context;
  return (
    <form method="post" action={pagePaths(site).bulk} id="runs" class="errand-bulk">
      <input type="hidden" name="next" value={here} />
      <div class="errand-actions errand-bulk-actions">
        <label hidden data-errand-select-all>
          <input type="checkbox" /> {text("select_all")}
        </label>
        <button type="submit" name="do" value="cancel" class="errand-small">
          {text("cancel_selected")}
        </button>
        <button type="submit" name="do" value="delete" class="errand-small">
          {text("delete_selected")}
        </button>
      </div>
      <table class="errand-table">
        <caption class="errand-spoken">{text("all_tasks")}</caption>
        <thead>
          <tr>
            <td class="errand-check" />
            <th scope="col">{text("name")}</th>
            <th scope="col">{text("state")}</th>
            <th scope="col">{text("owner")}</th>
            <th scope="col">{text("created")}</th>
          </tr>
        </thead>
        <tbody>
          {views.map((view) => (
            <RunRow context={context} view={view} />
          ))}
        </tbody>
      </table>
    </form>
  );
}
