import { html } from "hono/html";
import type { Page } from "./page.ts";

/** Says in a sentence what is the matter, and leads back. */
export function messagePage({ title, text }: { readonly title: string; readonly text: string }): Page {
  return {
    title,
    content: html`<h1>${title}</h1>
<p>${text}</p>
<p><a href="/">Back to the box office</a></p>`,
  };
}
