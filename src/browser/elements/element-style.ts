/** The look of both elements: the page changes it by the same properties as that of the dialogs, such as `--errand-accent`. */
const css = `
:host {
  --surface: var(--errand-surface, light-dark(#ffffff, #1f2226));
  --ink: var(--errand-ink, light-dark(#22252a, #e6e7e9));
  --quiet: var(--errand-quiet, light-dark(#5c636d, #a3abb5));
  --line: var(--errand-line, light-dark(#e3e0d9, #363b42));
  --edge: var(--errand-edge, light-dark(#868b93, #7c848e));
  --accent: var(--errand-accent, light-dark(#1d5fa8, #8cbcf2));
  --good: light-dark(#1c6b3a, #86d3a2);
  --bad: var(--errand-bad, light-dark(#a3261c, #f4a59d));
  --radius: var(--errand-radius, 0.5rem);
  display: block;
  color: var(--ink);
  font: 1rem/1.5 var(--errand-font, system-ui, sans-serif);
  text-align: start;
  overflow-wrap: anywhere;
}
:host([hidden]) { display: none; }
*, ::before, ::after { box-sizing: border-box; }
[hidden] { display: none !important; }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: calc(2 * var(--radius)); }

.run { padding: 0.875rem 1rem 1rem; }
.head { display: flex; align-items: start; gap: 0.5rem; }
.name { flex: 1; min-inline-size: 0; color: inherit; font-weight: 600; font-size: 0.9375rem; text-decoration: none; }
a.name:hover { text-decoration: underline; text-underline-offset: 0.15em; }
/* Whoever reads from right to left has tasks with names from left to right. */
.name, .status, .note, .steps li, .sum, .part, .meter span { unicode-bidi: plaintext; text-align: -webkit-match-parent; text-align: match-parent; }
.meter { display: flex; align-items: center; gap: 0.75rem; min-block-size: 1.25rem; margin-block-start: 0.375rem; }
.meter span { color: var(--quiet); font-size: 0.8125rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
.meter span:empty { display: none; }
[role="progressbar"] { flex: 1; block-size: 0.375rem; border-radius: 1rem; overflow: hidden; background: var(--line); }
[role="progressbar"] div { block-size: 100%; inline-size: 0; border-radius: inherit; background: var(--accent); transition: inline-size 0.3s; }
[role="progressbar"]:not([aria-valuenow]) {
  background: linear-gradient(var(--accent) 0 0) 0 0 / 30% 100% no-repeat var(--line);
  animation: slide 1.6s ease-in-out infinite alternate;
}
@keyframes slide { to { background-position-x: 100%; } }
.status { margin: 0.125rem 0 0; color: var(--quiet); font-size: 0.875rem; white-space: pre-line; }
.note { margin: 0.125rem 0 0; color: var(--quiet); font-size: 0.8125rem; white-space: pre-line; }
.note:empty, .steps:empty { display: none; }
.steps { margin: 0.375rem 0 0; padding: 0; list-style: none; font-size: 0.875rem; color: var(--quiet); }
.steps li { position: relative; padding-block: 0.0625rem; padding-inline-start: 1.375rem; }
.steps li::before { position: absolute; inset-inline-start: 0; inline-size: 1.125rem; text-align: center; content: "○" / ""; }
.steps [data-state="done"]::before { color: var(--good); content: "✓" / ""; }
.steps [data-state="current"] { color: var(--ink); font-weight: 600; }
.steps [data-state="current"]::before { color: var(--accent); content: "●" / ""; }
[data-end="succeeded"] .status { color: var(--good); }
[data-end="failed"] .status { color: var(--bad); }
.actions { display: flex; flex-wrap: wrap; gap: 0.25rem 0.875rem; margin-block-start: 0.375rem; font-size: 0.875rem; }
.actions:not(:has(> :not([hidden]))) { display: none; }

a { color: var(--accent); text-underline-offset: 0.15em; text-decoration-thickness: 1px; }
.actions a { padding-block: 0.1875rem; }
button { font: inherit; color: inherit; background: none; border: 0; border-radius: 0.25rem; cursor: pointer; }
.actions button, .foot button { padding: 0.1875rem 0; color: var(--accent); text-decoration: underline 1px; text-underline-offset: 0.15em; }
button:hover { text-decoration-thickness: 2px; }
button[aria-disabled="true"] { color: var(--quiet); text-decoration: none; cursor: default; }
.icon { flex: none; inline-size: 1.75rem; block-size: 1.75rem; margin: -0.125rem -0.375rem 0 0; padding: 0; color: var(--quiet); font-size: 1.25rem; line-height: 1; }
.icon:dir(rtl) { margin-inline: 0 -0.375rem; }
.icon:hover { color: var(--ink); background: var(--line); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 0.25rem; }
.spoken { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }

.tray {
  position: fixed;
  z-index: 2147483000;
  inset-block-end: 1rem;
  inset-inline-end: 1rem;
  display: flex;
  flex-direction: column;
  inline-size: min(21rem, 100vw - 2rem);
  max-block-size: min(32rem, 100dvh - 2rem);
  box-shadow: 0 0.125rem 0.375rem rgb(20 22 26 / 0.06), 0 0.75rem 2.5rem rgb(20 22 26 / 0.16);
}
.toggle { display: flex; align-items: center; gap: 0.75rem; inline-size: 100%; padding: 0.75rem 1rem; border-radius: calc(2 * var(--radius)); font-weight: 600; text-align: start; }
.toggle:focus-visible { outline-offset: -4px; border-radius: calc(2 * var(--radius)); }
.toggle .sum { flex: 1; }
.toggle .part { color: var(--quiet); font-weight: 400; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
.toggle .part:empty { display: none; }
.toggle::after {
  content: "";
  inline-size: 0.5rem;
  block-size: 0.5rem;
  margin-block-start: -0.25rem;
  border: solid var(--quiet);
  border-width: 0 2px 2px 0;
  transform: rotate(45deg);
}
.toggle[aria-expanded="false"]::after { margin-block-start: 0.25rem; transform: rotate(225deg); }
.list { margin: 0; padding: 0; overflow-y: auto; list-style: none; }
.list > li { border-block-start: 1px solid var(--line); }
.foot { padding: 0.5rem 1rem; border-block-start: 1px solid var(--line); font-size: 0.875rem; }

@media (prefers-reduced-motion: reduce) {
  *, ::before, ::after { animation: none !important; transition: none !important; }
  [role="progressbar"]:not([aria-valuenow]) { background-size: 100% 100%; opacity: 0.5; }
}
@media (forced-colors: active) {
  .card { border: 1px solid CanvasText; }
  [role="progressbar"] { border: 1px solid CanvasText; forced-color-adjust: none; background-color: Canvas; }
  [role="progressbar"] div { background: Highlight; }
  .toggle::after { border-color: ButtonText; }
}
`;

let sheet: CSSStyleSheet | undefined;

/** One style sheet for all elements of a page. Made by script, so that the strictest content security policy lets it be. */
export function elementStyle(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  return sheet;
}
