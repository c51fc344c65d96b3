import type { Artifact, Run } from "errand";
import { html } from "hono/html";
import type { MadeTickets } from "../tasks/make-tickets.ts";
import type { Markup, Page } from "./page.ts";

/** What came of the tickets: the PDF, and the rows that were left out. */
export function madeTicketsPage(run: Run, artifacts: readonly Artifact[]): Page {
  const { tickets, left, problems } = run.result as unknown as MadeTickets;
  const count = counted(tickets, "ticket");
  const pdf = artifacts.find(({ name }) => name === "tickets.pdf");
  const list = artifacts.find(({ name }) => name === "failed-items.csv");
  return {
    title: count,
    content: html`<h1>${count} made</h1>
<p class="errand-quiet">${run.name}</p>
${pdf ? html`<p><a class="errand-button" href="${downloadPath(pdf)}">Download tickets.pdf <small>(${size(pdf)})</small></a></p>` : html`<p>The PDF is no longer kept.</p>`}
${left === 0 ? "" : leftOut(run, { left, problems, list })}
<p><a href="/">Back to the box office</a></p>`,
  };
}

function leftOut({ id }: Run, { left, problems, list }: Pick<MadeTickets, "left" | "problems"> & { readonly list: Artifact | undefined }): Markup {
  return html`<section class="errand-card" aria-labelledby="left-out">
<h2 id="left-out">${counted(left, "row")} left out</h2>
<p>Rows are counted as in the file, the first line being row 1. Mend the failed rows in their file, and send it as a list of its own.</p>
<ul class="problems">${problems.map((problem) => html`<li>${problem}</li>`)}</ul>
${left > problems.length ? html`<p>And ${left - problems.length} more.</p>` : ""}
${list ? html`<p><a class="errand-button" href="${downloadPath(list)}">Download the failed rows</a></p>` : ""}
<form method="post" action="/errand/runs/${id}/rerun"><input type="hidden" name="only" value="failed"><button class="errand-button">Retry only those</button></form>
</section>`;
}

function downloadPath({ id }: Artifact): string {
  return `/errand/artifacts/${id}/download`;
}

function size({ size }: Artifact): string {
  return size === null ? "" : size < 1_048_576 ? `${Math.ceil(size / 1024)} KiB` : `${(size / 1_048_576).toFixed(1)} MiB`;
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString("en")} ${count === 1 ? what : `${what}s`}`;
}
