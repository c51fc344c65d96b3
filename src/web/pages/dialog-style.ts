/** The dialogs that asynctask.js puts on an app's page: they stand in a shadow tree, so nothing here touches the page, and nothing of the page touches them. */
export const dialogCss = `
:host {
  position: fixed;
  z-index: 2147483647;
  inset-block-end: 1rem;
  inset-inline-end: 1rem;
  inline-size: min(22rem, 100vw - 2rem);
  display: grid;
  gap: 0.75rem;
  color: var(--ink);
  font: 1rem/1.5 var(--errand-font, system-ui, sans-serif);
  text-align: start;
  overflow-wrap: anywhere;
}
:host dialog {
  position: static;
  max-inline-size: none;
  max-block-size: calc(100dvh - 2rem);
  margin: 0;
  padding: 1.25rem;
  overflow: auto;
  transition: opacity 0.2s;
}
:host dialog:modal {
  position: fixed;
  inline-size: min(28rem, 100vw - 2rem);
  margin: auto;
  padding: clamp(1.25rem, 5vw, 1.75rem);
}
@starting-style { :host dialog { opacity: 0; } }
:host dialog:focus { outline: 0; }
:host [hidden] { display: none; }
:host h2 { margin-block-end: 0.5rem; font-size: 1.1875rem; }
:host p { margin-block-end: 0.75rem; white-space: pre-line; }
:host .errand-meter { display: flex; align-items: center; gap: 0.75rem; min-block-size: 1.5rem; margin-block: 1rem 0.375rem; }
:host .errand-meter span:empty { display: none; }
:host .errand-meter[hidden] { display: none; }
:host .errand-meter span { color: var(--quiet); font-size: 0.875rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
:host [role="progressbar"] div { block-size: 100%; border-radius: inherit; background: var(--accent); transition: inline-size 0.3s; }
:host [role="progressbar"]:not([aria-valuenow]) div { display: none; }
:host .errand-status { min-block-size: 1.5em; margin: 0; color: var(--quiet); font-size: 0.9375rem; }
:host .errand-meter[hidden] + .errand-status { color: inherit; font-size: inherit; }
:host .errand-actions { margin-block-start: 1.375rem; gap: 0.625rem; }
:host .errand-actions > * { min-block-size: 2.5rem; padding: 0.4375rem 1rem; font-size: 0.9375rem; }
:host button:disabled { color: var(--quiet); border-color: var(--line); opacity: 1; cursor: default; }
@media (max-width: 26rem) {
  :host .errand-actions > * { flex: 1 1 auto; text-align: center; }
}
@media (forced-colors: active) {
  :host [role="progressbar"] div { background: Highlight; }
}
`;
