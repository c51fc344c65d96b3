import { graphileWorker } from "../../src/brokers/graphile-worker.ts";

// A worker that takes deliveries and never finishes one: it is there to be killed.

const url = process.argv[2];
if (url === undefined) throw new Error("Give the address of the database.");
await graphileWorker(url).consume?.(
  async ({ runId }) => {
    process.stdout.write(`took ${runId}\n`);
    await new Promise(() => undefined);
  },
  { queues: [], concurrency: 2 },
);
