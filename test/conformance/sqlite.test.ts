import { describe, test } from "vitest";
import { sqlite } from "../../src/stores/sqlite.ts";
import { testStore } from "../../src/testing/index.ts";
import { freshDatabase } from "../support/temp.ts";

testStore({ describe, test }, "sqlite", () => {
  const file = freshDatabase();
  return { open: () => sqlite(file) };
});
