import type { Failure } from "../../core/each.ts";
import { type Catalogue, type Message, renderMessage } from "../../core/messages.ts";
import type { Store } from "../../core/store.ts";
import type { Artifacts, Log } from "../../core/task.ts";
import type { Attempt } from "../attempts/attempt.ts";
import type { LiveStatus } from "../attempts/status.ts";
import { failureTable } from "./failure-table.ts";
import { MOST_KEPT } from "./loop-ledger.ts";

/** Name of the file. */
const FILE = "failed-items.csv";
const PAGE = 500;

export interface LeaveFailuresParts {
  readonly store: Store;
  readonly log: Log;
  readonly catalogue: Catalogue;
}

/** Leaves the list of the items that failed, for the run's user, when there are any. What goes wrong with that does not change how the run ends. */
export async function leaveFailures({ store, log, catalogue }: LeaveFailuresParts, artifacts: Artifacts, attempt: Attempt, status: LiveStatus): Promise<void> {
  const { loops } = status;
  if (!loops || loops.failedItems === 0 || attempt.signal.aborted) return;
  const { id: runId } = attempt.run;
  try {
    await status.written();
    const unlisted = loops.failedItems - loops.keptItems;
    const more: Message | null = unlisted > 0 ? { key: "run.items_unlisted", params: { count: unlisted, kept: MOST_KEPT } } : null;
    const table = failureTable({ failures: () => allFailures(store, runId), render: (message) => renderMessage(message, "en", catalogue), more });
    await artifacts.file(FILE, table, { type: "text/csv; charset=utf-8" });
  } catch (error) {
    log.warn({ error, ...attempt.fields }, "The list of failed items could not be left; the run goes on without it.");
  }
}

async function* allFailures(store: Store, runId: string): AsyncGenerator<Failure> {
  let after = 0;
  for (
    let page = await store.ledger.failures(runId, { limit: PAGE, after });
    page.length > 0;
    page = await store.ledger.failures(runId, { limit: PAGE, after })
  ) {
    yield* page;
    after = (page.at(-1) as Failure).number;
  }
}
