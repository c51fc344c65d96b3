import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { z } from "zod";
import { createErrand, UserError } from "../../src/index.ts";

const folder = await mkdtemp(join(tmpdir(), "errand-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a run goes from delay to its result, with its name, steps and artifacts", async () => {
  const errand = createErrand({ database: `file:${join(folder, "one.sqlite")}`, broker: "none" });
  const exportCourse = errand.task({
    name: "export_course",
    input: z.object({ sections: z.array(z.string()) }),
    generateName: ({ sections }) => `Export of ${sections.length} sections`,
    calculateTotalSteps: ({ sections }) => sections.length,
    run: async ({ sections }, { status, artifacts }) => {
      for (const section of sections) {
        await status.setState(`Exporting ${section}`);
        await artifacts.append("course.txt", `${section}\n`);
        await status.incrementCompletedSteps();
      }
      return { sections: sections.length };
    },
  });
  const run = await exportCourse.delay({ sections: ["one", "two", "three"] }, { owner: "u42" });
  expect(run.run).toMatchObject({ state: "succeeded", name: "Export of 3 sections", owner: "u42", completedSteps: 3, totalSteps: 3, attempt: 1 });
  expect(await run.result()).toEqual({ sections: 3 });
  const [artifact] = await errand.artifacts.list([run.id]);
  expect(artifact).toMatchObject({ name: "course.txt", size: "one\ntwo\nthree\n".length });
  await errand.close();
});

test("a user error is told, any other is hidden behind a support code", async () => {
  const lines: object[] = [];
  const note = (fields: object) => void lines.push(fields);
  const errand = createErrand({ database: `file:${join(folder, "two.sqlite")}`, broker: "none", log: { debug() {}, info() {}, warn: note, error: note } });
  const told = errand.task({ name: "told", run: () => Promise.reject(new UserError("The seat is taken.")) });
  const hidden = errand.task({ name: "hidden", run: () => Promise.reject(new Error("password=secret")) });
  await expect((await told.delay(null)).result()).rejects.toThrow("The seat is taken.");
  const failed = await hidden.delay(null);
  await expect(failed.result()).rejects.toThrow("An unexpected error has occurred, please try again later.");
  expect(lines).toContainEqual(expect.objectContaining({ runId: failed.id, support: failed.run.error?.support }));
  await errand.close();
});
