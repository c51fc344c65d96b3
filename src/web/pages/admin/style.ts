/** What the page of all tasks has of its own: the overview, the form, and a table that becomes a list where there is little room. */
export const adminCss = `
main.errand-page:has(> .errand-wide) { max-inline-size: 74rem; }
.errand-overview { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1rem; margin-block-end: 1.5rem; }
.errand-overview .errand-card { margin: 0; min-inline-size: 0; overflow-x: auto; }
.errand-overview h2 { font-size: 1rem; margin-block-end: 0.75rem; }
.errand-overview table { font-size: 0.875rem; }
.errand-overview :is(th, td) { padding: 0.3125rem 0.625rem; }
.errand-overview :is(thead th, time) { white-space: nowrap; }
.errand-overview tr > :first-child { padding-inline-start: 0; }
.errand-overview thead th { color: var(--quiet); font-weight: inherit; }
.errand-overview tr:last-child > * { border-block-end: 0; }
.errand-overview tbody th { font-weight: inherit; }
.errand-throughput { grid-column: 1 / -1; }
.errand-plot { display: block; inline-size: 100%; block-size: 5rem; border-block-end: 1px solid var(--edge); }
.errand-bar-succeeded { fill: color-mix(in srgb, var(--good) 65%, var(--surface)); }
.errand-bar-canceled { fill: var(--edge); }
.errand-bar-failed { fill: var(--bad); }
.errand-axis { display: flex; justify-content: space-between; margin-block: 0.25rem 0.75rem; color: var(--quiet); font-size: 0.8125rem; }
.errand-sub { display: block; font-size: 0.875rem; font-weight: 400; }
.errand-silent { color: var(--bad); }

.errand-search { display: grid; grid-template-columns: 2fr 1fr 1fr 1fr auto; gap: 0 1rem; align-items: start; margin-block-end: 1.5rem; }
.errand-search p { margin: 0 0 0.75rem; min-inline-size: 0; }
.errand-search label { font-size: 0.875rem; }
.errand-search :is(input, select) { max-inline-size: none; margin-block-end: 0.25rem; padding-inline: 0.625rem; }
.errand-search .errand-quiet { font-size: 0.8125rem; }
.errand-search .errand-actions { padding-block-start: 1.625rem; }
.errand-bulk-actions { gap: 0.5rem; margin-block-end: 0.5rem; }
.errand-bulk-actions label { margin: 0 auto 0 0; display: flex; align-items: center; gap: 0.5rem; min-block-size: 2.25rem; }
.errand-tasks input[type="checkbox"] { inline-size: 1.25rem; block-size: 1.25rem; margin: 0; accent-color: var(--accent); }
.errand-bulk button:disabled { cursor: default; }
.errand-table { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); border-collapse: separate; border-spacing: 0; font-size: 0.9375rem; }
.errand-table :is(th, td) { padding: 0.625rem 0.75rem; vertical-align: top; }
.errand-table tr > :first-child { padding-inline-start: 1rem; }
.errand-table tr > :last-child { padding-inline-end: 1rem; }
.errand-table thead > tr > * { color: var(--quiet); font-size: 0.875rem; font-weight: inherit; }
.errand-table tbody tr:last-child > * { border-block-end: 0; }
.errand-table tbody tr:has(:checked) { background: color-mix(in srgb, var(--accent) 8%, transparent); }
.errand-table th[scope="row"] { min-inline-size: 12rem; }
.errand-table td:nth-child(3) { min-inline-size: 12rem; }
.errand-table :is(.errand-progress, progress, .errand-doing) { margin-block: 0.375rem 0; }
.errand-check { inline-size: 1%; line-height: 1; }
.errand-table .errand-when { font-size: 0.875rem; inline-size: 1%; white-space: nowrap; }
.errand-table td a, .errand-table th a { text-decoration: none; }
.errand-table th .errand-sub { color: var(--quiet); }
.errand-table :is(td, th) a:hover { text-decoration: underline; }

@media (max-width: 60rem) {
  .errand-search { grid-template-columns: 1fr 1fr; }
  .errand-search p:first-child, .errand-search .errand-actions { grid-column: 1 / -1; padding-block-start: 0; }
}
@media (max-width: 44rem) {
  .errand-table thead { display: none; }
  .errand-table :is(tbody, tr, th, td) { display: block; min-inline-size: 0; }
  .errand-table tbody tr { position: relative; padding: 0.75rem 1rem 0.75rem 3.25rem; border-block-end: 1px solid var(--line); }
  .errand-table tbody tr:last-child { border-block-end: 0; }
  .errand-table tbody tr > * { padding: 0.125rem 0; border: 0; }
  .errand-table tbody tr > .errand-check { padding: 0; position: absolute; inset-block-start: 0.875rem; inset-inline-start: 1rem; inline-size: auto; }
}
@media (max-width: 30rem) {
  .errand-search { grid-template-columns: 1fr; }
  .errand-search p { grid-column: 1 / -1; }
  .errand-overview :is(table, tbody, tr, th, td) { display: block; padding: 0; border: 0; }
  .errand-overview thead { display: none; }
  .errand-overview tbody tr + tr { margin-block-start: 0.75rem; padding-block-start: 0.75rem; border-block-start: 1px solid var(--line); }
  .errand-overview tbody th { font-weight: 600; overflow-wrap: anywhere; }
  .errand-overview td { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; padding-block: 0.125rem; }
  .errand-overview td::before { content: attr(data-label); color: var(--quiet); }
  .errand-overview time { white-space: normal; }
}
@media (forced-colors: active) {
  .errand-plot rect { forced-color-adjust: none; }
}
`;
