import { chord, isEnded } from "errand";
import { toHono } from "errand/hono";
import type { Hono } from "hono";
import { allCourses } from "../courses/all-courses.ts";
import { messagePage } from "../pages/message.ts";
import { answerPage } from "../pages/page.ts";
import { zippedCoursesPage } from "../pages/zipped-courses.ts";
import type { Parts } from "./parts.ts";
import { artifactsOf, theirRun } from "./their-run.ts";

/** POST /courses/export-all; GET /courses/export-all/:runId, the result. */
export function addAllCourses(app: Hono, { errand, tasks, web, visitOf }: Parts): void {
  const exportAll = web.asyncAction({
    // Every course at the same time, and then one zip of what they left.
    task: async () =>
      chord(
        (await allCourses()).map(({ id }) => tasks.exportCourse.with({ courseId: id })),
        tasks.zipCourses.with((exports) => ({ exports })),
        { name: "Export of all courses" },
      ),
    input: () => null,
    successUrl: (_, { runId }) => `/courses/export-all/${runId}`,
    errorUrl: "/",
    successMessage: ({ courses, sections }) => `All ${courses} courses are packed, ${sections} sections in all.`,
  });
  app.all("/courses/export-all", toHono(exportAll));

  app.get("/courses/export-all/:runId", async (c) => {
    const { runId } = c.req.param();
    const run = await theirRun({ errand, web }, { name: "errand.chord" }, runId, c.req.raw);
    if (!run) return c.notFound();
    if (!isEnded(run.state)) return c.redirect(`/courses/export-all?async_id=${run.id}`, 302);
    const visit = await visitOf(c.req.raw);
    if (run.state !== "succeeded") {
      const text = run.error ? errand.render(run.error.message, "en") : "The export was canceled.";
      return answerPage(visit, messagePage({ title: "The courses were not packed", text }));
    }
    const [zipping] = await errand.list({ parent: run.id, task: tasks.zipCourses.name }, { limit: 1 });
    const [zip] = zipping ? await artifactsOf({ errand }, zipping) : [];
    return answerPage(visit, zippedCoursesPage(await allCourses(), { run, zip: zip && { ...zip, href: web.downloadUrl(zip) } }));
  });
}
