import { describe, test } from "vitest";
import { database } from "../../src/brokers/database.ts";
import { inProcess } from "../../src/brokers/in-process.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { testBroker } from "../../src/testing/index.ts";
import { freshDatabase } from "../support/temp.ts";

testBroker({ describe, test }, "in-process", { features: ["delay"], inline: true, withdraws: true }, () => {
  const file = freshDatabase();
  return { open: () => ({ broker: inProcess(), store: sqlite(file) }) };
});

testBroker({ describe, test }, "database", { features: ["durable", "delay", "priority"] }, () => {
  const file = freshDatabase();
  return {
    open() {
      const store = sqlite(file);
      return { broker: database({ store }), store };
    },
  };
});
