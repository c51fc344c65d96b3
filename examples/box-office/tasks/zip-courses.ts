import { buffer } from "node:stream/consumers";
import { type Errand, type Task, UserError } from "errand";
import { unzipSync, zipSync } from "fflate";
import { z } from "zod";
import { readCourse } from "../courses/course.ts";
import type { ExportedCourse } from "./export-course.ts";

const input = z.object({ exports: z.array(z.object({ courseId: z.int(), sections: z.int(), zip: z.string() })) });

export interface ZipCoursesInput {
  readonly exports: readonly ExportedCourse[];
}

export interface ZippedCourses {
  readonly courses: number;
  readonly sections: number;
}

/** Name of what it leaves. */
export const ALL_COURSES_ZIP = "all-courses.zip";

/** Puts the zips of several exports into one, a folder for each course. */
export function zipCoursesTask(errand: Errand): Task<ZipCoursesInput, ZippedCourses> {
  return errand.task({
    name: "zip_courses",
    input,
    generateName: () => "One zip of all courses",
    calculateTotalSteps: ({ exports }) => exports.length,
    retries: 2,
    async run({ exports }, { status, artifacts }) {
      const files: Record<string, Uint8Array> = {};
      for (const { courseId, zip } of exports) {
        const { title } = await readCourse(courseId);
        await status.setState(`Packing ${title}`);
        for (const [name, content] of Object.entries(unzipSync(await bytesOf(zip)))) files[`${folderName(title)}/${name}`] = content;
        await status.incrementCompletedSteps();
      }
      await artifacts.file(ALL_COURSES_ZIP, zipSync(files), { type: "application/zip" });
      return { courses: exports.length, sections: exports.reduce((sum, { sections }) => sum + sections, 0) };
    },
  });

  async function bytesOf(artifactId: string): Promise<Uint8Array> {
    const key = (await errand.artifacts.get(artifactId))?.key;
    const chunks = key ? await errand.storage.read(key) : null;
    if (!chunks) throw new UserError("An export was deleted before it could be packed.");
    return buffer(chunks);
  }
}

function folderName(title: string): string {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, "-");
}
