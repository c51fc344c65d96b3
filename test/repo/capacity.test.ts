import { expect, test } from "vitest";
import { startProcess } from "../support/process.ts";

/** Of `grown` in bench/capacity, whose exit status says whether a question costs more the larger the table is. */
test("no question of the queue, of a document or of a list costs more pages in a larger table", { timeout: 240_000 }, async () => {
  const script = new URL("../../bench/capacity/run.ts", import.meta.url);
  const measured = startProcess(script, { args: ["--rows", "60000", "--rounds", "1"] });
  expect(await measured.exited, measured.stderr).toEqual({ code: 0, signal: null });
  for (const index of ["runs_waiting", "runs_held", "runs_ended", "runs_outermost"]) expect(measured.stdout).toContain(index);
});
