import { expect, onTestFinished, test } from "vitest";
import { sqlite } from "../../../src/stores/sqlite.ts";
import { patiently } from "../../support/patiently.ts";
import { startProcess } from "../../support/process.ts";
import { freshDatabase } from "../../support/temp.ts";
import { openErrand, untilEnded } from "../fixture.ts";

/** Kills a process at the moment that it says so. Its database, and the run that it began. */
async function killedAt(mode: "remove" | "purge" | "write", moment: RegExp): Promise<{ file: string; runId: string }> {
  const file = freshDatabase();
  const dying = startProcess(new URL("./dying-process.ts", import.meta.url), { args: [file, mode] });
  const runId = (await dying.line(/^run /)).split(" ")[1] as string;
  await dying.line(moment);
  await dying.kill("SIGKILL");
  return { file, runId };
}

for (const mode of ["remove", "purge"] as const) {
  test(`what a process that died amid a ${mode} left is deleted by another, files and rows`, async () => {
    const { file, runId } = await killedAt(mode, /^removing/);
    const store = sqlite(file);
    onTestFinished(() => store.close());
    const errand = openErrand({ database: `file:${file}`, worker: false, broker: "database" });
    expect(await errand.get(runId)).toBeNull();
    expect(await store.known([runId])).toEqual([runId]);
    expect(await errand.storage.list("artifacts")).toEqual([runId]);
    const worker = openErrand({ database: `file:${file}`, broker: "database", sweepEvery: "50ms" });
    await worker.start();
    await expect.poll(() => store.known([runId]), patiently).toEqual([]);
    expect(await errand.storage.list("artifacts")).toEqual([]);
  });
}

test("a file whose process died before its row has no artifact, and goes with its run", async () => {
  const { file, runId } = await killedAt("write", /^written/);
  const errand = openErrand({ database: `file:${file}`, sweepEvery: "50ms" });
  await errand.start();
  expect((await untilEnded(errand, runId)).state).toBe("failed");
  expect((await errand.artifacts.list([runId])).map(({ name }) => name)).toEqual(["Error"]);
  expect(await errand.storage.list(`artifacts/${runId}`)).toHaveLength(1);
  expect(await errand.purge({ olderThan: 0 })).toBe(1);
  expect(await errand.storage.list("artifacts")).toEqual([]);
});
