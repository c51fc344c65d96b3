import { join } from "node:path";
import { expect, test } from "vitest";
import { openBoxOffice } from "../../examples/box-office/box-office.ts";
import { readCourse } from "../../examples/box-office/courses/course.ts";
import { fileSystem } from "../../src/storages/file-system.ts";
import { tempDir } from "../support/temp.ts";
import { until } from "../web/fixture.ts";

test("an export says which section it is at, and counts those that are done", async () => {
  const folder = tempDir();
  const files = fileSystem({ folder: join(folder, "files") });
  // Each piece is written only once everybody can see what the run says, so that no section goes by unseen.
  const hold: { seen?: () => Promise<void> } = {};
  const storage = new Proxy(files, {
    get(target, name: keyof typeof files) {
      if (name !== "append") return typeof target[name] === "function" ? (target[name] as CallableFunction).bind(target) : target[name];
      return async (...call: Parameters<typeof files.append>) => {
        await hold.seen?.();
        return target.append(...call);
      };
    },
  });
  const boxOffice = openBoxOffice(folder, { storage });
  try {
    const { errand, tasks } = boxOffice;
    const { sections } = await readCourse(1);
    const wanted = sections.map(({ title }, index) => ({ text: `Section ${index + 1} of ${sections.length}: ${title}`, done: index }));
    const seen: typeof wanted = [];
    const id = errand.newRunId();
    let piece = 0;
    hold.seen = async () => {
      const next = wanted[piece++ - 1];
      if (!next) return; // The beginning and the end of the file.
      await until(errand, id, ({ stateText, completedSteps }) => stateText === next.text && completedSteps === next.done);
      seen.push(next);
    };
    await (await tasks.exportCourse.start({ courseId: 1 }, { id, owner: "alice" })).result();
    expect(seen).toEqual(wanted);
  } finally {
    await boxOffice.close();
  }
});

test("a coast is measured island by island, for everybody to see", async () => {
  const boxOffice = openBoxOffice(tempDir());
  const { errand, tasks } = boxOffice;
  try {
    const seen: { text: string; done: number; total: number }[] = [];
    const measure = async (country: string) => {
      const handle = await tasks.measureCoastline.start({ country }, { owner: "alice" });
      await errand.watch(handle.id, ({ state, stateText, completedSteps, totalSteps }) => {
        if (state === "in_progress") seen.push({ text: String(stateText), done: completedSteps, total: totalSteps });
      });
      await handle.result();
    };
    // Enough at once to take a while on any machine: what a run says is written ten times a second at most.
    await Promise.all(["CA", "US", "RU", "AQ", "ID", "GL"].flatMap((country) => [measure(country), measure(country), measure(country)]));
    const onTheWay = seen.filter(({ done, total }) => done > 0 && done < total);
    expect(onTheWay.length).toBeGreaterThan(0);
    // A step is counted before the next island is named.
    for (const { text, done, total } of onTheWay) expect([`Island ${done} of ${total}`, `Island ${done + 1} of ${total}`]).toContain(text);
  } finally {
    await boxOffice.close();
  }
});
