import type { Run } from "../../../core/run.ts";
import { isEnded } from "../../../core/states.ts";
import { ConfirmBox } from "./confirm-box.tsx";
import type { PageContext } from "./page-context.ts";
import { PageFrame } from "./page-frame.tsx";
import { pagePaths } from "./run-paths.ts";

interface ConfirmDeletePageProps {
  readonly context: PageContext;
  readonly run: Run;
  /** Where to go on once it is deleted. */
  readonly next: string;
  /** Where to go back to when it is kept. */
  readonly from: string;
}

/** Asks before a run is deleted. */
export function ConfirmDeletePage({ context, run, next, from }: ConfirmDeletePageProps) {
  const { text, site } = context;
  return (
    <PageFrame context={context} title={text("delete_title")}>
      <ConfirmBox context={context} title={text("delete_title")} from={from} action={`${pagePaths(site).run(run.id)}/delete`} fields={[["next", next]]}>
        <p>{text("delete_note", { name: run.name })}</p>
        {isEnded(run.state) ? null : <p>{text("delete_running")}</p>}
      </ConfirmBox>
    </PageFrame>
  );
}
