import { html } from "hono/html";
import type { Page } from "./page.ts";

/** A sum that was worked out. */
export function sumPage(x: number, y: number, sum: number): Page {
  const task = `${inWords(x)} + ${y < 0 ? `(${inWords(y)})` : inWords(y)}`;
  return {
    title: `${task} = ${inWords(sum)}`,
    content: html`<h1>${task}</h1>
<p class="figure">${inWords(sum)}</p>
<p>Added once, and kept at this address for everybody who asks.</p>
<p><a href="/">Back to the box office</a></p>`,
  };
}

function inWords(value: number): string {
  return value.toLocaleString("en").replace("-", "−");
}
