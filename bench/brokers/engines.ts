import { bullmq } from "errand/brokers/bullmq";
import { graphileWorker } from "errand/brokers/graphile-worker";
import { bareBullmq } from "./bare-bullmq.ts";
import { bareGraphile } from "./bare-graphile.ts";
import type { Engine } from "./engine.ts";
import { ours } from "./ours.ts";
import type { Addresses } from "./place.ts";

/** Opens an engine that performs so many tasks at once, or only takes them down. */
export type Open = (place: Addresses, concurrency: number | null) => Promise<Engine>;

/** Each engine by itself, and Errand on it. */
export const engines = {
  bullmq: {
    bare: bareBullmq,
    ours: (place, concurrency) => ours(place, bullmq({ url: place.redis, prefix: place.prefix }), concurrency),
  },
  graphile: {
    bare: bareGraphile,
    ours: (place, concurrency) => ours(place, graphileWorker(place.database), concurrency),
  },
} as const satisfies Record<string, { bare: Open; ours: Open }>;

export type EngineName = keyof typeof engines;
export type Side = "bare" | "ours";
