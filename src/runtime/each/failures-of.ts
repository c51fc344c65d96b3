import type { LedgerPage, Loops } from "../../core/ledger.ts";
import type { Store } from "../../core/store.ts";
import type { Failures } from "../errand.ts";

const USUAL_LIMIT = 100;
const MOST = 1000;

/** See `Errand.failures`. @throws RangeError */
export async function failuresOf(store: Store, runId: string, { limit = USUAL_LIMIT, after = 0 }: Partial<LedgerPage>): Promise<Failures | null> {
  if (!Number.isSafeInteger(limit) || limit < 0 || limit > MOST) throw new RangeError(`limit must be a whole number from 0 to ${MOST}, but is ${limit}.`);
  if (!Number.isSafeInteger(after)) throw new RangeError(`after must be the number of a failure, but is ${after}.`);
  if ((await store.get([runId])).length === 0) return null;
  const totals = loopTotals(await store.ledger.loops(runId));
  return { ...totals, failures: totals.kept > 0 ? await store.ledger.failures(runId, { limit, after }) : [] };
}

/** The counts of all loops together. */
export function loopTotals(loops: Loops | null): Omit<Failures, "failures"> {
  const totals = { done: 0, failed: 0, kept: 0 };
  for (const { visited, failed, kept } of loops?.marks ?? []) {
    totals.done += visited - failed;
    totals.failed += failed;
    totals.kept += kept;
  }
  return totals;
}
