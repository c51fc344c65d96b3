import { hash } from "node:crypto";
import type { Artifact } from "../../../core/artifact.ts";
import type { Run } from "../../../core/run.ts";
import { isEnded } from "../../../core/states.ts";
import type { Action } from "../../access.ts";
import { progressNotes } from "../../progress-notes.ts";
import type { PageContext } from "./page-context.ts";

/** A run with what it left, and what the reader may do with it now. */
export interface RunView {
  readonly run: Run;
  readonly artifacts: readonly Artifact[];
  /** What else is true of it at the moment, in words. */
  readonly notes: readonly string[];
  readonly may: Readonly<Record<Exclude<Action, "view">, boolean>>;
}

/** The runs as the reader sees them, in their order, with one question to the store. @param noted with notes, which take one more for each run that waits */
export async function runViews(context: PageContext, runs: readonly Run[], noted: (run: Run) => boolean = () => false): Promise<RunView[]> {
  const { artifacts } = context.site.errand;
  // Nothing leaves artifacts before the first attempt.
  const begun = runs.filter((run) => run.attempt > 0).map((run) => run.id);
  const left = begun.length === 0 ? [] : await artifacts.list(begun);
  const byRun = Map.groupBy(left, (artifact) => artifact.runId);
  const { locale, now, say, site } = context;
  const notes = (run: Run) => progressNotes({ errand: site.errand, run, locale, now, say });
  return Promise.all(
    runs.map(async (run) => ({
      run,
      artifacts: byRun.get(run.id) ?? [],
      notes: noted(run) ? await notes(run) : [],
      may: await allowed(context, run),
    })),
  );
}

async function allowed({ site, visitor }: PageContext, run: Run): Promise<RunView["may"]> {
  const may = async (action: Action) => site.access.may(visitor, action, run);
  const ended = isEnded(run.state);
  return {
    cancel: !ended && run.state !== "canceling" && (await may("cancel")),
    // A part is run again, and deleted, with the whole.
    rerun: ended && run.parent === null && (await may("rerun")),
    delete: run.parent === null && (await may("delete")),
    download: await may("download"),
  };
}

/** Changes with everything that a reader can see of the run. */
export function versionOf({ run, artifacts, notes }: Pick<RunView, "run" | "artifacts" | "notes">): string {
  const said = notes.length === 0 ? "" : `-${hash("sha1", notes.join(), "base64url").slice(0, 8)}`;
  return `${run.rev}-${artifacts.length}-${artifacts.reduce((sum, { size }) => sum + (size ?? 0), 0)}${said}`;
}
