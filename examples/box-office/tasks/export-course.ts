import { setImmediate as breathe } from "node:timers/promises";
import type { Errand, Task } from "errand";
import { strToU8, zipSync } from "fflate";
import { z } from "zod";
import { readCourse } from "../courses/course.ts";
import { courseEnd, courseHead, courseSection } from "../courses/course-html.ts";

const input = z.object({ courseId: z.int() });

export type ExportCourseInput = z.input<typeof input>;

export interface ExportedCourse {
  readonly courseId: number;
  readonly sections: number;
  /** Id of the zip among its artifacts. */
  readonly zip: string;
}

/** Names of what an export leaves. */
export const COURSE_HTML = "course.html";
export const COURSE_ZIP = "course.zip";

/** Packs a course into one HTML file, which grows section by section, and into a zip of that file and the sections' Markdown. */
export function exportCourseTask(errand: Errand): Task<ExportCourseInput, ExportedCourse> {
  return errand.task({
    name: "export_course",
    input,
    generateName: async ({ courseId }) => `Export of ${(await readCourse(courseId)).title}`,
    calculateTotalSteps: async ({ courseId }) => (await readCourse(courseId)).sections.length,
    retries: 2,
    async run({ courseId }, { status, artifacts }) {
      const course = await readCourse(courseId);
      const { sections } = course;
      const pieces: string[] = [];
      const write = async (piece: string) => {
        pieces.push(piece);
        await artifacts.append(COURSE_HTML, piece, { type: "text/html; charset=utf-8" });
      };
      await write(courseHead(course));
      for (const [index, section] of sections.entries()) {
        await status.setState(`Section ${index + 1} of ${sections.length}: ${section.title}`);
        await write(courseSection(section));
        await status.incrementCompletedSteps();
        await breathe();
      }
      await write(courseEnd);
      const markdown = sections.map(({ slug, markdown }) => [`sections/${slug}.md`, strToU8(markdown)]);
      const zip = zipSync({ [COURSE_HTML]: strToU8(pieces.join("")), ...Object.fromEntries(markdown) });
      const kept = await artifacts.file(COURSE_ZIP, zip, { type: "application/zip" });
      return { courseId, sections: sections.length, zip: kept.id };
    },
  });
}
