import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { inProcess } from "../../src/brokers/in-process.ts";
import { fileSystem } from "../../src/storages/file-system.ts";
import { sqlite } from "../../src/stores/sqlite.ts";
import { testBroker, testStorage, testStore } from "../../src/testing/index.ts";

// Run by node-test.test.ts under Node's own runner.
function place() {
  const folder = mkdtempSync(join(tmpdir(), "errand-test-"));
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

testStore({ describe, test }, "sqlite", () => {
  const { folder, remove } = place();
  return { open: () => sqlite(join(folder, "errand.sqlite")), remove };
});

testStorage({ describe, test }, "file-system", () => {
  const { folder, remove } = place();
  return { open: () => fileSystem(folder), remove };
});

testBroker({ describe, test }, "in-process", { features: ["delay"], inline: true, withdraws: true }, () => ({
  open: () => ({ broker: inProcess(), store: sqlite(":memory:") }),
}));
