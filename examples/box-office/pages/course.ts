import { html, raw } from "hono/html";
import type { Course } from "../courses/course.ts";
import { markdownHtml } from "../courses/markdown.ts";
import type { Page } from "./page.ts";

/** A course to read, and the form that packs it. */
export function coursePage({ id, title, summary, sections }: Course): Page {
  return {
    title,
    content: html`<h1>${title}</h1>
<p class="lead">${summary}</p>
<section class="errand-card" aria-labelledby="export">
<h2 id="export">Take it with you</h2>
<p>All ${sections.length} sections in one HTML file, and in a zip with their Markdown.</p>
<form method="post" action="/courses/${id}/export" data-asynctask data-asynctask-headline="Packing the course">
<button type="submit">Export course</button>
</form>
</section>
<section class="errand-card lessons" aria-labelledby="sections">
<h2 id="sections">Sections</h2>
${sections.map(
  ({ slug, title, markdown }, index) => html`<details id="${slug}">
<summary><span class="number">${index + 1}</span>${title}</summary>
<div class="prose">${raw(markdownHtml(withoutHeading(markdown), 1))}</div>
</details>`,
)}
</section>
<p><a href="/">Back to the box office</a></p>`,
  };
}

function withoutHeading(markdown: string): string {
  return markdown.replace(/^# .*\n/, "");
}
