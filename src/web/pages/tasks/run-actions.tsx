import type { PageContext } from "./page-context.ts";
import { pagePaths, withQuery } from "./run-paths.ts";
import type { RunView } from "./run-view.ts";

interface RunActionsProps {
  readonly context: PageContext;
  readonly view: RunView;
  /** Where the reader is when the run is gone. */
  readonly afterDelete?: string;
}

/** What the reader may do with a run. Every control says which run it is for, so that none is one of many "Cancel". */
export function RunActions({ context, view: { run, may }, afterDelete = context.here }: RunActionsProps) {
  const { site, say, text, here } = context;
  if (!may.cancel && !may.rerun && !may.delete) return null;
  const path = pagePaths(site).run(run.id);
  const post = (verb: string, label: string) => (
    <form method="post" action={`${path}/${verb}`} id={`${verb}-${run.id}`}>
      <input type="hidden" name="next" value={here} />
      <button type="submit" class="errand-small" aria-label={`${label}: ${run.name}`}>
        {label}
      </button>
    </form>
  );
  const deleting = withQuery(`${path}/delete`, { next: afterDelete, from: here });
  return (
    <div class="errand-actions errand-run-actions">
      {may.cancel ? post("cancel", say({ key: "web.cancel" })) : null}
      {may.rerun ? post("rerun", text("rerun")) : null}
      {may.delete ? (
        <a id={`delete-${run.id}`} class="errand-small errand-button" href={deleting} aria-label={`${text("delete")}: ${run.name}`} data-errand-confirm>
          {text("delete")}
        </a>
      ) : null}
    </div>
  );
}
