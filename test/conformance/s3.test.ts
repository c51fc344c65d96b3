import { describe, test } from "vitest";
import { s3 } from "../../src/storages/s3.ts";
import { testStorage } from "../../src/testing/index.ts";
import { startS3 } from "../storages/s3-server.ts";

const { place } = startS3();

/** For the one test that passes hundreds of megabytes through the server. */
const PATIENCE_MS = 120_000;

testStorage({ describe, test: (name, body) => test(name, body, PATIENCE_MS) }, "s3", () => {
  const options = place();
  return { open: () => s3(options) };
});
