import type { Artifact } from "errand";
import { html } from "hono/html";
import type { Course } from "../courses/course.ts";
import { COURSE_HTML, COURSE_ZIP } from "../tasks/export-course.ts";
import type { Markup, Page } from "./page.ts";

type File = Pick<Artifact, "name" | "size"> & { readonly href: string };

/** What came of an export: the HTML file and the zip. */
export function exportedCoursePage({ id, title, sections }: Course, files: readonly File[]): Page {
  return {
    title: `${title}, packed`,
    content: html`<h1>${title}, packed</h1>
<p class="lead">${sections.length} sections. The downloads are yours alone: nobody else can follow these links.</p>
<div class="downloads">
${download(files, { name: COURSE_HTML, what: "One file to read anywhere, also on paper." })}
${download(files, { name: COURSE_ZIP, what: "The same file, and each section’s Markdown." })}
</div>
<p><a href="/courses/${id}">Back to the course</a></p>`,
  };
}

function download(files: readonly File[], { name, what }: { readonly name: string; readonly what: string }): Markup {
  const file = files.find((file) => file.name === name);
  return html`<section class="errand-card">
<h2>${name}${file ? html` <small class="errand-quiet">${Math.ceil((file.size ?? 0) / 1024)} KiB</small>` : ""}</h2>
<p>${what}</p>
${file ? html`<p><a class="errand-button" href="${file.href}">Download ${name}</a></p>` : html`<p>It is no longer kept.</p>`}
</section>`;
}
