import { html } from "hono/html";
import type { Outline } from "../coastline/outline.ts";
import type { Coastline, MeasuredIsland } from "../tasks/measure-coastline.ts";
import type { Markup, Page } from "./page.ts";

/** Rows that are shown at once. */
const FIRST = 12;

/** How long the coast of a country is, island by island. */
export function coastlinePage({ name, km, islands }: Coastline, outline: Outline | undefined): Page {
  const title = `Coastline: ${name}`;
  if (islands.length === 0) {
    return {
      title,
      content: html`<h1>${name}</h1>
<p class="figure">0 km</p>
<p>${name} is landlocked: it has no coast on any sea.</p>
${source()}
<p><a href="/">Back to the box office</a></p>`,
    };
  }
  return {
    title,
    content: html`<h1>${name}</h1>
<p class="figure">${kilometers(km)} km</p>
<p>${islands.length === 1 ? "of coast, in one piece." : `of coast, on ${islands.length.toLocaleString("en")} islands; the mainland is counted as one of them.`}</p>
${outline ? drawing(name, outline) : ""}
<section class="errand-card" aria-labelledby="islands">
<h2 id="islands">By island</h2>
${table(islands.slice(0, FIRST), 1, islands)}
${islands.length > FIRST ? html`<details><summary>${islands.length - FIRST} more</summary>${table(islands.slice(FIRST), FIRST + 1, islands)}</details>` : ""}
</section>
${source()}
<p><a href="/">Back to the box office</a></p>`,
  };
}

function drawing(name: string, { width, height, land, coast }: Outline): Markup {
  return html`<svg class="coast" role="img" aria-label="${`Outline of ${name}`}" viewBox="-8 -8 ${width + 16} ${height + 16}"><path class="land" d="${land}"></path><path d="${coast}"></path></svg>`;
}

function table(rows: readonly MeasuredIsland[], first: number, [longest]: readonly MeasuredIsland[]): Markup {
  return html`<table class="islands">
<thead><tr><th scope="col">No.</th><th scope="col">Around</th><th scope="col" class="end">Coast</th></tr></thead>
<tbody>
${rows.map(
  ({ km, latitude, longitude }, index) =>
    html`<tr><th scope="row">${first + index}</th><td>${place(latitude, longitude)}<progress max="${longest?.km ?? 1}" value="${km}" aria-hidden="true"></progress></td><td class="end">${kilometers(km)} km</td></tr>`,
)}
</tbody>
</table>`;
}

function source(): Markup {
  return html`<p class="hint">Measured on the WGS84 ellipsoid along the lines of Natural Earth’s map of 1:10 million. A finer map has more bays, and so a longer coast. Shores of lakes and of the Caspian Sea are not counted, and borders are where that map draws them.</p>`;
}

function place(latitude: number, longitude: number): string {
  return `${degrees(latitude)}\u00a0${latitude < 0 ? "S" : "N"}, ${degrees(longitude)}\u00a0${longitude < 0 ? "W" : "E"}`;
}

function degrees(value: number): string {
  return `${Math.abs(value).toFixed(1)}°`;
}

/** Small islands have a digit more. */
function kilometers(km: number): string {
  return km.toLocaleString("en", { maximumFractionDigits: km < 10 ? 1 : 0 });
}
