import type { Artifact, Run } from "errand";
import { html } from "hono/html";
import type { Course } from "../courses/course.ts";
import { ALL_COURSES_ZIP } from "../tasks/zip-courses.ts";
import type { Page } from "./page.ts";

interface Zipped {
  readonly run: Run;
  /** Undefined when it is no longer kept. */
  readonly zip: (Pick<Artifact, "size"> & { readonly href: string }) | undefined;
}

/** What came of packing all courses: one zip. */
export function zippedCoursesPage(courses: readonly Course[], { run, zip }: Zipped): Page {
  return {
    title: "All courses, packed",
    content: html`<h1>All courses, packed</h1>
<p class="lead">One zip with a folder for each of ${courses.length} courses. The download is yours alone: nobody else can follow the link.</p>
<section class="errand-card">
<h2>${ALL_COURSES_ZIP}${zip ? html` <small class="errand-quiet">${Math.ceil((zip.size ?? 0) / 1024)} KiB</small>` : ""}</h2>
<ul>${courses.map(({ id, title, sections }) => html`<li><a href="/courses/${id}">${title}</a> <small class="errand-quiet">${sections.length} sections</small></li>`)}</ul>
${zip ? html`<p><a class="errand-button" href="${zip.href}">Download ${ALL_COURSES_ZIP}</a></p>` : html`<p>It is no longer kept.</p>`}
</section>
<p><a href="/errand/runs/${run.id}">How each course was packed</a></p>
<p><a href="/">Back to the box office</a></p>`,
  };
}
