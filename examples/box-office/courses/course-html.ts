import { html, raw } from "hono/html";
import type { Course, Section } from "./course.ts";
import { markdownHtml } from "./markdown.ts";

// A course as one file that can be read anywhere, in three kinds of pieces: its beginning, its sections, its end.

export function courseHead({ title, summary, sections }: Course): string {
  return `${html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p>${summary}</p>
<nav aria-label="Sections"><ol>${sections.map((section) => html`<li><a href="#${section.slug}">${section.title}</a></li>`)}</ol></nav>
</header>
<main>
`}`;
}

export function courseSection({ slug, markdown }: Section): string {
  return `${html`<section id="${slug}">
${raw(markdownHtml(markdown, 1))}</section>
`}`;
}

export const courseEnd = `</main>
</body>
</html>
`;

const style = `
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 38rem; padding: 2rem 1.25rem 4rem; font: 1.0625rem/1.65 Charter, Georgia, serif;
  color: light-dark(#22252a, #e6e7e9); background: light-dark(#fdfcfa, #16181b); overflow-wrap: break-word; }
h1, h2, h3 { font-family: system-ui, sans-serif; line-height: 1.2; text-wrap: balance; }
h1 { font-size: 2rem; margin: 0 0 0.75rem; }
h2 { font-size: 1.5rem; margin: 3.5rem 0 1rem; padding-top: 1rem; border-top: 0.25rem solid light-dark(#1d5fa8, #8cbcf2); }
h3 { font-size: 1.125rem; margin: 2rem 0 0.5rem; }
header p { font-size: 1.1875rem; }
a { color: light-dark(#1d5fa8, #8cbcf2); }
table { width: 100%; border-collapse: collapse; font-size: 0.9375rem; }
th, td { padding: 0.4rem 0.5rem; text-align: start; vertical-align: top; border-bottom: 1px solid light-dark(#e3e0d9, #363b42); }
.end { text-align: end; }
blockquote { margin: 1.5rem 0; padding: 0.25rem 1.25rem; border-inline-start: 0.25rem solid light-dark(#c9c4b8, #4a5059); }
li { margin-block: 0.25rem; }
@media print { body { max-width: none; font-size: 11pt; } h2 { break-before: page; } nav { display: none; } }
`;
