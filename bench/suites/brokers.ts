import { delay, latency, throughput } from "../brokers/measurements.ts";
import type { Suite } from "../suite.ts";

/** What needs servers: runs in PostgreSQL on either engine, against that engine alone. */
export const brokers: Suite = {
  name: "brokers",
  measurements: [
    throughput("bullmq", 3000),
    delay("bullmq", 3000),
    latency("bullmq"),
    throughput("graphile", 1000),
    delay("graphile", 1000),
    latency("graphile"),
  ],
};
