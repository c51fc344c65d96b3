export type StoreName = "sqlite" | "postgres";
export type BrokerName = "in-process" | "database" | "graphile-worker" | "bullmq";

export interface Pair {
  readonly name: string;
  readonly store: StoreName;
  readonly broker: BrokerName;
}

const stores: readonly StoreName[] = ["sqlite", "postgres"];
const brokers: readonly BrokerName[] = ["in-process", "database", "graphile-worker", "bullmq"];

/** Every store with every broker: the servers are on this machine, where an SQLite file goes with all of them. */
export const pairs: readonly Pair[] = stores.flatMap((store) => brokers.map((broker) => ({ name: `${store}+${broker}`, store, broker })));

export function needsPostgres({ store, broker }: Pair): boolean {
  return store === "postgres" || broker === "graphile-worker";
}

export function needsRedis({ broker }: Pair): boolean {
  return broker === "bullmq";
}
