import type { Broker, Delivery } from "../core/broker.ts";
import type { Log } from "../core/task.ts";
import type { JoinedTransaction, TransactionExecutor } from "../core/transaction.ts";

/**
 * Writes the deliveries in the app's own transaction, where the broker keeps its own in the same database. False: they are to be dispatched
 * after the commit. @throws what the broker met with, when the transaction is lost by it
 */
export async function carryWithin(broker: Broker, { executor }: JoinedTransaction, deliveries: readonly Delivery[], log: Log): Promise<boolean> {
  if (deliveries.length === 0 || !executor || !broker.joins || !broker.features.has("transactional")) return false;
  try {
    if (!(await broker.joins(executor))) return false;
    await broker.dispatch(deliveries, executor);
    return true;
  } catch (error) {
    if (!(await goesOn(executor))) throw error;
    log.warn(
      { error, broker: broker.name, runId: deliveries[0]?.runId },
      "The broker did not take a delivery within a transaction; it is dispatched after the commit.",
    );
    return false;
  }
}

/** PostgreSQL answers nothing more in a transaction in which a statement has failed. */
async function goesOn(executor: TransactionExecutor): Promise<boolean> {
  return executor.query("SELECT 1::text AS one", []).then(
    () => true,
    () => false,
  );
}
