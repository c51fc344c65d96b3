import { isEnded, NotFound } from "errand";
import { toHono } from "errand/hono";
import type { Hono } from "hono";
import { readCourse } from "../courses/course.ts";
import { coursePage } from "../pages/course.ts";
import { exportedCoursePage } from "../pages/exported-course.ts";
import { messagePage } from "../pages/message.ts";
import { answerPage } from "../pages/page.ts";
import type { ExportedCourse } from "../tasks/export-course.ts";
import type { Parts } from "./parts.ts";
import { artifactsOf, theirRun } from "./their-run.ts";

/** GET /courses/:id; POST /courses/:id/export; GET /courses/:id/exports/:runId, the result. */
export function addCourses(app: Hono, { errand, tasks, web, visitOf }: Parts): void {
  app.get("/courses/:id", async (c) => {
    const visit = await visitOf(c.req.raw);
    try {
      return await answerPage(visit, coursePage(await readCourse(idOf(c.req.param("id")))));
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
      return answerPage(visit, messagePage({ title: "There is no such course", text: error.message }), 404);
    }
  });

  const exportCourse = web.asyncAction({
    task: tasks.exportCourse,
    input: async ({ params }) => ({ courseId: (await readCourse(idOf(params.id))).id }),
    key: ({ params }) => params.id,
    successUrl: ({ courseId }, { runId }) => `/courses/${courseId}/exports/${runId}`,
    errorUrl: ({ params }) => `/courses/${params.id}`,
    successMessage: ({ sections }) => `The course is packed, all ${sections} sections of it.`,
  });
  app.all("/courses/:id/export", toHono(exportCourse));

  app.get("/courses/:id/exports/:runId", async (c) => {
    const { id, runId } = c.req.param();
    const run = await theirRun({ errand, web }, tasks.exportCourse, runId, c.req.raw);
    if (!run) return c.notFound();
    if (!isEnded(run.state)) return c.redirect(`/courses/${id}/export?async_id=${run.id}`, 302);
    const visit = await visitOf(c.req.raw);
    if (run.state !== "succeeded") {
      const text = run.error ? errand.render(run.error.message, "en") : "The export was canceled.";
      return answerPage(visit, messagePage({ title: "The course was not packed", text }));
    }
    const { courseId } = run.result as unknown as ExportedCourse;
    if (courseId !== idOf(id)) return c.notFound();
    const files = (await artifactsOf({ errand }, run)).map((artifact) => ({ ...artifact, href: web.downloadUrl(artifact) }));
    return answerPage(visit, exportedCoursePage(await readCourse(courseId), files));
  });
}

/** What no course has when it is no number. */
function idOf(text = ""): number {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 0;
}
