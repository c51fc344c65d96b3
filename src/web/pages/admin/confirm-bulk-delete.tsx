import type { Run } from "../../../core/run.ts";
import { ConfirmBox } from "../tasks/confirm-box.tsx";
import { counted, type PageContext } from "../tasks/page-context.ts";
import { PageFrame } from "../tasks/page-frame.tsx";
import { pagePaths } from "../tasks/run-paths.ts";

/** More names than this are only counted. */
const NAMED = 10;

interface ConfirmBulkDeletePageProps {
  readonly context: PageContext;
  readonly runs: readonly Run[];
  /** Where the table is. */
  readonly next: string;
}

/** Asks before several runs are deleted. */
export function ConfirmBulkDeletePage({ context, runs, next }: ConfirmBulkDeletePageProps) {
  const { text, site } = context;
  const title = counted(context, "bulk_delete_title", runs.length);
  const fields = [["next", next], ["do", "delete"], ["sure", "yes"], ...runs.map(({ id }) => ["run", id] as const)] as const;
  return (
    <PageFrame context={context} title={title} current="admin">
      <ConfirmBox context={context} title={title} from={next} action={pagePaths(site).bulk} fields={fields}>
        <ul>
          {runs.slice(0, NAMED).map(({ name }) => (
            <li>{name}</li>
          ))}
          {runs.length > NAMED ? <li>{text("and_more", { count: runs.length - NAMED })}</li> : null}
        </ul>
        <p>{text("bulk_delete_note")}</p>
      </ConfirmBox>
    </PageFrame>
  );
}
