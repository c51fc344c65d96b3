import { dialogCss } from "./dialog-style.ts";
import { tasksCss } from "./tasks/style.ts";

/**
 * One quiet stylesheet for Errand's own pages, for its dialogs on the app's, and for any small app that wants it: it styles plain elements,
 * and a few classes. On a page of its own an app changes the look by properties such as `--errand-accent` on `:root`.
 */
export const css = `
:root { color-scheme: light dark; }

:root, :host {
  --page: var(--errand-page, light-dark(#f7f6f3, #16181b));
  --surface: var(--errand-surface, light-dark(#ffffff, #1f2226));
  --ink: var(--errand-ink, light-dark(#22252a, #e6e7e9));
  --quiet: var(--errand-quiet, light-dark(#5c636d, #a3abb5));
  --line: var(--errand-line, light-dark(#e3e0d9, #363b42));
  --edge: var(--errand-edge, light-dark(#868b93, #7c848e));
  --accent: var(--errand-accent, light-dark(#1d5fa8, #8cbcf2));
  --on-accent: var(--errand-on-accent, light-dark(#ffffff, #10243a));
  --accent-hover: var(--errand-accent-hover, light-dark(#164b86, #a9cdf6));
  --good: light-dark(#1c6b3a, #86d3a2);
  --good-surface: light-dark(#e9f5ed, #1b2e22);
  --bad: var(--errand-bad, light-dark(#a3261c, #f4a59d));
  --bad-surface: light-dark(#fcedeb, #371f1d);
  --radius: var(--errand-radius, 0.5rem);
  --space: clamp(1rem, 4vw, 2rem);
  --shadow: 0 0.125rem 0.375rem rgb(20 22 26 / 0.06), 0 1rem 3rem rgb(20 22 26 / 0.16);
}

*, ::before, ::after { box-sizing: border-box; }

html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }

body {
  margin: 0;
  background: var(--page);
  color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif;
  overflow-wrap: anywhere;
}

main, body > header, body > footer, body > nav {
  max-inline-size: 44rem;
  margin-inline: auto;
  padding-inline: var(--space);
}

main { padding-block: var(--space) calc(2 * var(--space)); }
body > header { padding-block: 1rem; }
body > footer { padding-block: 1rem; color: var(--quiet); font-size: 0.875rem; }

h1, h2, h3 { line-height: 1.2; text-wrap: balance; margin-block: 1.75em 0.5em; font-weight: 650; }
h1 { font-size: clamp(1.5rem, 1.2rem + 1.5vw, 2rem); margin-block-start: 0.5em; }
h2 { font-size: 1.25rem; }
h3 { font-size: 1.0625rem; }
p, ul, ol, dl, table, fieldset, pre { margin-block: 0 1rem; }
p { text-wrap: pretty; }
small { font-size: 0.875rem; }
hr { border: 0; border-block-start: 1px solid var(--line); margin-block: 2rem; }
code, pre, output { font-family: ui-monospace, monospace; font-size: 0.9375em; }
pre { overflow-x: auto; padding: 1rem; background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); }

a { color: var(--accent); text-underline-offset: 0.15em; text-decoration-thickness: 1px; }
a:hover { color: var(--accent-hover); text-decoration-thickness: 2px; }

:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 0.25rem; }

form { margin-block: 0 1rem; }
fieldset { border: 1px solid var(--line); border-radius: var(--radius); padding: 1rem; }
legend { padding-inline: 0.375rem; font-weight: 600; }
label { display: block; margin-block-end: 0.25rem; font-weight: 600; }
label:has(> input:is([type="checkbox"], [type="radio"])) { font-weight: inherit; }

input:not([type="checkbox"], [type="radio"], [type="range"], [type="hidden"]), select, textarea {
  display: block;
  inline-size: 100%;
  max-inline-size: 28rem;
  min-block-size: 2.75rem;
  margin-block-end: 1rem;
  padding: 0.5rem 0.75rem;
  font: inherit;
  color: inherit;
  background: var(--surface);
  border: 1px solid var(--edge);
  border-radius: var(--radius);
}
input[type="file"] { padding: 0.375rem; }
textarea { min-block-size: 7rem; }
:user-invalid { border-color: var(--bad); }

button, input[type="submit"], ::file-selector-button, .errand-button {
  display: inline-block;
  min-block-size: 2.75rem;
  padding: 0.5rem 1.125rem;
  font: inherit;
  font-weight: 600;
  color: var(--on-accent);
  background: var(--accent);
  border: 1px solid transparent;
  border-radius: var(--radius);
  text-decoration: none;
  cursor: pointer;
}
button:hover, input[type="submit"]:hover, .errand-button:hover { background: var(--accent-hover); color: var(--on-accent); }
button:disabled { opacity: 0.55; cursor: not-allowed; }
::file-selector-button, button.errand-plain, .errand-page form button {
  color: var(--accent);
  background: transparent;
  border-color: var(--edge);
}
::file-selector-button { min-block-size: 2rem; padding: 0.25rem 0.75rem; margin-inline-end: 0.75rem; }
button.errand-plain:hover, .errand-page form button:hover { color: var(--accent-hover); background: transparent; border-color: currentcolor; }

table { inline-size: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: start; color: var(--quiet); padding-block-end: 0.5rem; }
th, td { padding: 0.5rem 0.75rem; text-align: start; vertical-align: baseline; border-block-end: 1px solid var(--line); }
th { font-weight: 600; }
th:first-child, td:first-child { padding-inline-start: 0; }
th:last-child, td:last-child { padding-inline-end: 0; }

dt { font-weight: 600; }
dd { margin-inline: 0; margin-block-end: 0.75rem; }

progress, [role="progressbar"] {
  display: block;
  appearance: none;
  inline-size: 100%;
  block-size: 0.5rem;
  border: 0;
  border-radius: 1rem;
  overflow: hidden;
  background: var(--line);
}
progress::-webkit-progress-bar { background: none; }
progress::-webkit-progress-value { background: var(--accent); border-radius: 1rem; transition: inline-size 0.3s; }
progress::-moz-progress-bar { background: var(--accent); border-radius: 1rem; }
progress:not([value])::-moz-progress-bar { background: none; }
progress:not([value]), [role="progressbar"]:not([aria-valuenow]) {
  background: linear-gradient(var(--accent) 0 0) 0 0 / 30% 100% no-repeat var(--line);
  animation: errand-slide 1.6s ease-in-out infinite alternate;
}
@keyframes errand-slide { to { background-position-x: 100%; } }

dialog {
  max-inline-size: min(32rem, calc(100vw - 2rem));
  inline-size: 100%;
  padding: clamp(1.25rem, 5vw, 1.75rem);
  color: var(--ink);
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: calc(2 * var(--radius));
  box-shadow: var(--shadow);
}
dialog::backdrop { background: rgb(10 12 15 / 0.45); }
dialog :is(h1, h2, h3) { margin-block-start: 0; }

.errand-name { font-weight: 600; }
.errand-quiet { color: var(--quiet); font-size: 0.9375rem; }
.errand-progress { display: flex; flex-direction: column; gap: 0.5rem; font-variant-numeric: tabular-nums; }
.errand-progress span { color: var(--quiet); font-size: 0.875rem; }
.errand-status { white-space: pre-line; }
.errand-note:empty, .errand-steps:empty { display: none; }
.errand-steps { margin-block: 0.75rem 1rem; padding: 0; list-style: none; font-size: 0.9375rem; color: var(--quiet); }
.errand-steps li { position: relative; padding-block: 0.125rem; padding-inline-start: 1.5rem; }
.errand-steps li::before { position: absolute; inset-inline-start: 0; inline-size: 1.125rem; text-align: center; content: "○" / ""; }
.errand-steps [data-state="done"]::before { color: var(--good); content: "✓" / ""; }
.errand-steps [data-state="current"] { color: var(--ink); font-weight: 600; }
.errand-steps [data-state="current"]::before { color: var(--accent); content: "●" / ""; }
.errand-spoken { position: absolute; inline-size: 1px; block-size: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); }
.errand-actions { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: center; }
.errand-card { padding: 1rem 1.25rem; margin-block-end: 1rem; background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); }
.errand-card > :first-child { margin-block-start: 0; }
.errand-card > :last-child { margin-block-end: 0; }
.errand-message { padding: 0.75rem 1rem; border: 1px solid; border-inline-start-width: 0.25rem; border-radius: var(--radius); background: var(--surface); }
.errand-message-success { color: var(--good); background: var(--good-surface); }
.errand-message-error { color: var(--bad); background: var(--bad-surface); }

main.errand-page {
  box-sizing: border-box;
  inline-size: calc(100% - 2rem);
  max-inline-size: 34rem;
  margin-block: clamp(1rem, 14vh, 8rem) 2rem;
  padding: clamp(1.25rem, 6vw, 2.25rem);
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: calc(2 * var(--radius));
  box-shadow: 0 0.125rem 0.375rem rgb(20 22 26 / 0.05);
}
.errand-page h1 { margin-block-start: 0; font-size: clamp(1.25rem, 1.1rem + 1vw, 1.5rem); }
.errand-page > p:last-of-type { margin-block-end: 0; }
.errand-page > progress { margin-block: 1.25rem 1rem; }
.errand-page > .errand-progress { margin-block: 1.25rem 0.75rem; }
.errand-errors > div { padding-block: 0.5rem; border-block-end: 1px solid var(--line); }
.errand-errors > div:last-child { border: 0; }
.errand-errors dd { margin-block-end: 0; color: var(--bad); }
.errand-scroll { overflow-x: auto; }

@media (max-width: 30rem) {
  form > button, form > input[type="submit"] { inline-size: 100%; }
}

@media (prefers-reduced-motion: reduce) {
  *, ::before, ::after, ::-webkit-progress-value { animation: none !important; transition: none !important; scroll-behavior: auto !important; }
  progress:not([value]), [role="progressbar"]:not([aria-valuenow]) { background-size: 100% 100%; opacity: 0.5; }
}

@media (forced-colors: active) {
  button, .errand-button, dialog, .errand-card { border: 1px solid; }
  progress, [role="progressbar"] { border: 1px solid; forced-color-adjust: none; background-color: Canvas; }
  progress[value]::-webkit-progress-value { background: Highlight; }
  progress[value]::-moz-progress-bar { background: Highlight; }
}
${dialogCss}${tasksCss}`;
