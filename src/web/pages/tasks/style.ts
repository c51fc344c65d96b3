import { adminCss } from "../admin/style.ts";

/** What the pages of tasks have beside the plain elements: cards, badges, a timeline. */
export const tasksCss = `
main.errand-page:has(> .errand-tasks) {
  max-inline-size: 46rem;
  margin-block: clamp(0.5rem, 4vh, 2.5rem) 3rem;
  padding: 0;
  background: none;
  border: 0;
  box-shadow: none;
}
.errand-tasks > h1 { margin-block: 0.75rem 1rem; font-size: clamp(1.5rem, 1.2rem + 1.5vw, 2rem); }
.errand-tasks h1:focus, .errand-flashes :focus { outline: 0; }
.errand-tasks a:not(.errand-button) { text-decoration-color: color-mix(in srgb, currentcolor 45%, transparent); }
.errand-nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; padding-block-end: 0.75rem; border-block-end: 1px solid var(--line); margin-block-end: 1.5rem; }
.errand-nav a { padding-block: 0.25rem; text-decoration: none; }
.errand-nav a:hover { text-decoration: underline; }
.errand-nav [aria-current] { color: var(--ink); font-weight: 650; }
.errand-back { margin-block-end: 0.75rem; }
.errand-back a::before { content: "‹ " / ""; }

.errand-filter { display: flex; flex-wrap: wrap; gap: 0.375rem; margin-block-end: 1.25rem; padding: 0; list-style: none; font-size: 0.9375rem; }
.errand-filter a { display: block; padding: 0.25rem 0.8125rem; color: var(--quiet); border: 1px solid var(--line); border-radius: 2rem; text-decoration: none; }
.errand-filter a:hover { color: var(--accent-hover); border-color: currentcolor; }
.errand-filter [aria-current] { color: var(--on-accent); background: var(--accent); border-color: transparent; font-weight: 600; }
.errand-filter [aria-current]:hover { color: var(--on-accent); background: var(--accent-hover); }

.errand-runs { margin: 0; padding: 0; list-style: none; }
.errand-run-head { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0.25rem 0.75rem; margin-block-end: 0.375rem; }
.errand-run-head :is(h1, h2) { flex: 1 1 14rem; margin: 0; }
.errand-run-head h2 { font-size: 1.0625rem; }
.errand-run-head h2 a { color: inherit; text-decoration: none; }
.errand-run-head h2 a:hover { color: var(--accent-hover); text-decoration: underline; }
.errand-run > p, .errand-run > ul, .errand-run > progress { margin-block: 0 0.625rem; }
.errand-run > :is(progress, .errand-progress) { margin-block-start: 0.5rem; }
.errand-doing { margin-block: 0 0.625rem; white-space: pre-line; }
.errand-detail > .errand-progress, .errand-detail > progress { margin-block: 0.5rem 1rem; }
.errand-tasks .errand-meta { font-size: 0.875rem; }
.errand-meta > *, .errand-artifacts .errand-quiet { white-space: nowrap; }
.errand-meta > * + *::before { content: "·" / ""; margin-inline: 0.4375rem; }
.errand-failure { margin-block-end: 0.75rem; padding-inline-start: 0.75rem; border-inline-start: 0.1875rem solid var(--bad); }
.errand-failure p { margin: 0; }
.errand-failure .errand-support { color: var(--quiet); font-size: 0.875rem; }

.errand-badge { display: inline-flex; align-items: center; gap: 0.4375rem; font-size: 0.875rem; font-weight: 600; color: var(--quiet); white-space: nowrap; }
.errand-badge::before { content: ""; inline-size: 0.5625rem; block-size: 0.5625rem; border: 0.125rem solid currentcolor; border-radius: 50%; }
.errand-badge:is([data-state="in_progress"], [data-state="retrying"], [data-state="canceling"]) { color: var(--accent); }
.errand-badge[data-state="in_progress"]::before { background: linear-gradient(90deg, currentcolor 50%, transparent 50%); }
.errand-badge[data-state="succeeded"] { color: var(--good); }
.errand-badge[data-state="failed"] { color: var(--bad); }
.errand-badge:is([data-state="succeeded"], [data-state="failed"])::before { background: currentcolor; }
.errand-badge[data-state="failed"]::before { border-radius: 1px; rotate: 45deg; }

.errand-artifacts { padding: 0; list-style: none; }
.errand-artifacts > li { padding-block: 0.125rem; padding-inline-start: 1.5rem; position: relative; }
.errand-artifacts > li::before { position: absolute; inset-inline-start: 0; inline-size: 1.125rem; text-align: center; color: var(--quiet); content: "↓" / ""; }
.errand-artifacts > [data-kind="url"]::before { content: "↗" / ""; }
.errand-artifacts > [data-kind="text"]::before { content: "¶" / ""; }
.errand-artifacts .errand-quiet { font-size: 0.875rem; }
.errand-artifacts-full > li + li { margin-block-start: 0.5rem; }
.errand-artifacts h3 { margin-block: 0 0.375rem; font-size: 1rem; font-weight: 600; }
.errand-artifacts > :target { outline: 2px solid var(--accent); outline-offset: 0.375rem; border-radius: 0.25rem; }
pre.errand-text { padding: 0.75rem 1rem; background: var(--page); white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.875rem; }

.errand-run-actions { gap: 0.5rem; }
.errand-run-actions form { margin: 0; }
.errand-tasks .errand-small, .errand-confirm .errand-small, .errand-confirm button {
  min-block-size: 2.25rem;
  padding: 0.25rem 0.875rem;
  font-size: 0.9375rem;
  color: var(--accent);
  background: transparent;
  border: 1px solid var(--edge);
  line-height: 1.5;
  display: inline-flex;
  align-items: center;
  justify-content: center;
}
.errand-tasks .errand-small:hover, .errand-confirm .errand-small:hover { color: var(--accent-hover); background: transparent; border-color: currentcolor; }
.errand-confirm form button.errand-danger { color: light-dark(#ffffff, #3a120e); background: var(--bad); border-color: transparent; }
.errand-confirm form button.errand-danger:hover { color: light-dark(#ffffff, #3a120e); background: color-mix(in srgb, var(--bad) 85%, var(--ink)); }
.errand-confirm h1 { font-size: 1.25rem; margin-block: 0 0.75rem; }
.errand-confirm form { margin-block: 1.25rem 0; justify-content: flex-end; gap: 0.625rem; }
dialog .errand-confirm { padding: 0; margin: 0; border: 0; background: none; }

.errand-back { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; }
.errand-parts .errand-run-head { margin-block: 1.75rem 0.5rem; }
.errand-parts h2, .errand-parts .errand-run-head h2 { flex: 0 1 auto; margin: 0; font-size: 1.0625rem; }
.errand-parts h3 { margin-block: 1.5rem 0.5rem; font-size: 0.9375rem; }
.errand-parts .errand-actions { margin-block: 0.5rem 0.75rem; }
.errand-parts .errand-actions form { margin: 0; }
.errand-part-list { margin: 0; padding: 0; list-style: none; border-block-start: 1px solid var(--line); }
.errand-part { padding-block: 0.625rem; border-block-end: 1px solid var(--line); }
.errand-part > * { margin-block: 0.25rem 0; }
.errand-part .errand-part-head { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0.125rem 0.75rem; margin: 0; }
.errand-part-head a { flex: 1 1 12rem; color: inherit; font-weight: 600; text-decoration: none; }
.errand-part-head .errand-badge { order: 1; }
.errand-part-head a:hover { color: var(--accent-hover); text-decoration: underline; }
.errand-part :is(.errand-doing, .errand-artifacts, .errand-failure) { font-size: 0.9375rem; }
.errand-part > progress { margin-block: 0.5rem 0.25rem; }
.errand-more { margin-block: 0.75rem 0; }
.errand-detail { padding: clamp(1.25rem, 5vw, 2rem); }
.errand-detail h2 { font-size: 1.0625rem; margin-block: 1.75rem 0.5rem; }
.errand-detail details { margin-block-start: 1.25rem; }
.errand-detail .errand-run-actions { margin-block: 0.875rem 0.5rem; }
.errand-tasks summary { cursor: pointer; font-weight: 600; }
.errand-tasks details > :nth-child(2) { margin-block-start: 0.75rem; }
.errand-timeline { margin: 0; padding: 0; list-style: none; }
.errand-timeline li { position: relative; padding: 0 0 0.625rem 1.5rem; }
.errand-timeline li::before { content: ""; position: absolute; inset-block-start: 0.5rem; inset-inline-start: 0.1875rem; inline-size: 0.5625rem; block-size: 0.5625rem; border: 0.125rem solid var(--edge); border-radius: 50%; }
.errand-timeline li:not(:last-child)::after { content: ""; position: absolute; inset-block: 1.1875rem -0.375rem; inset-inline-start: 0.4375rem; inline-size: 1px; background: var(--line); }
.errand-timeline strong { font-weight: 600; margin-inline-end: 0.25rem; }
.errand-facts { display: grid; grid-template-columns: auto 1fr; gap: 0.25rem 1.25rem; }
.errand-facts dt { color: var(--quiet); font-weight: inherit; }
.errand-facts dd { margin: 0; }

.errand-empty { padding: clamp(1.5rem, 8vw, 3.5rem) clamp(1rem, 6vw, 3rem); text-align: center; border: 1px dashed var(--edge); border-radius: calc(2 * var(--radius)); }
.errand-empty :is(h2, p) { margin-inline: auto; max-inline-size: 32rem; }
.errand-empty h2 { margin-block: 0 0.5rem; }
.errand-empty p { color: var(--quiet); }
.errand-empty p:last-child { margin-block-end: 0; }
.errand-pager { display: flex; flex-wrap: wrap; gap: 0.5rem; margin-block-start: 1.25rem; }
.errand-pager [rel="next"] { margin-inline-start: auto; }
.errand-offline { position: fixed; z-index: 1; inset-block-end: 1rem; inset-inline: 1rem; max-inline-size: 30rem; margin: auto; box-shadow: var(--shadow); color: var(--ink); border-color: var(--edge); }
.errand-tasks [hidden], .errand-offline[hidden], .errand-push[hidden], .errand-push [hidden] { display: none; }

@media (max-width: 30rem) {
  .errand-card { padding: 0.875rem 1rem; }
  .errand-part-head .errand-meta { order: 2; flex-basis: 100%; }
  .errand-confirm form > * { flex: 1 1 auto; text-align: center; }
}
@media (forced-colors: active) {
  .errand-filter [aria-current] { border-color: Highlight; }
  .errand-badge::before { forced-color-adjust: none; }
}
${adminCss}`;
