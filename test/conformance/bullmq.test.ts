import { describe, test } from "vitest";
import { bullmq } from "../../src/brokers/bullmq.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { testBroker } from "../../src/testing/index.ts";
import { freshPrefix, sharedRedis } from "../support/redis.ts";
import { freshDatabase } from "../support/temp.ts";

testBroker({ describe, test }, "bullmq", { features: ["durable", "delay", "priority"], withdraws: true }, () => {
  const file = freshDatabase();
  const { prefix, remove } = freshPrefix();
  return { open: () => ({ broker: bullmq({ url: sharedRedis, prefix }), store: sqlite(file) }), remove };
});
